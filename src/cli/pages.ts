/** What the help of each command says beyond its options: a paragraph, examples, exit codes, files, environment, and what to see. */
import { ExitCode } from "./exitCodes.ts"

export interface Page {
  readonly about: string
  /** What for, and the command line. */
  readonly examples: ReadonlyArray<readonly [what: string, line: string]>
  readonly exits: ReadonlyArray<number>
  readonly files?: ReadonlyArray<readonly [path: string, what: string]>
  readonly environment?: ReadonlyArray<readonly [name: string, what: string]>
  readonly see: ReadonlyArray<string>
}

const { bug, busy, canceled, failed, interrupted, noAnswer, noSuchCall, refused, store, success } = ExitCode
const { unreachable, usage, withoutSuccess } = ExitCode

const ofClient = [success, usage, unreachable, store, bug, interrupted]
const ofEnd = [success, withoutSuccess, usage, busy, noAnswer, failed, canceled]

const configFile = [
  "./config.yaml, ~/.openclaw/phone/config.yaml",
  "the configuration, the first that is there"
] as const
const tokenFile = ["~/.openclaw/phone/rpc-token", "the service's token, unless rpcToken is configured"] as const
const transcripts = ["~/.openclaw/phone/transcripts", "<call-id>.json and <call-id>.wav of each call"] as const
const database = ["~/.openclaw/phone/phone.db", "all calls, and who asked not to be called again"] as const

const phoneConfig = ["PHONE_CONFIG", "configuration file, as --config"] as const
const clientEnvironment = [
  phoneConfig,
  ["PHONE_URL", "where the service is, as --url"],
  ["PHONE_TOKEN", "its token, as --token"]
] as const
const credentials = [
  ["TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN", "the Twilio account, unless configured"],
  ["OPENAI_API_KEY", "the OpenAI API key, unless configured"]
] as const

/** A file and a token of the service's own machine. */
const forClient = { files: [configFile, tokenFile], environment: clientEnvironment }

export const pages: Readonly<Record<string, Page>> = {
  init: {
    about: `Asks for what a first call needs, checks each answer at once, and writes a configuration in which every key is explained; keys with their default are commented out. Secrets are not shown when they are typed; they go to phone.env beside the configuration, which refers to them as \${NAME}. What is in the environment already is only referred to. Files are written with mode 0600, and never replaced without --force.`,
    examples: [
      ["Answer some questions", "phone init"],
      ["A simulated line, for trying things out", "phone init --yes --set provider=simulated"],
      ["Keys that are not asked for", "phone init --set maxConcurrentCalls=20 --set 'allowedCountries=[US, CA]'"]
    ],
    exits: [success, usage, bug, interrupted],
    files: [
      ["./config.yaml", "the configuration"],
      ["./phone.env", "its secrets, as NAME=value"]
    ],
    environment: credentials,
    see: ["phone doctor", "phone serve", "phone help config"]
  },
  serve: {
    about:
      "Runs the service: it dials, talks, keeps what was said, and answers the other commands and programs. Logs go to stdout, for people on a terminal and as JSON lines elsewhere. On Ctrl-C or SIGTERM it takes no new calls, says goodbye on those that live, and ends after 10 s at most.",
    examples: [
      ["With ./config.yaml", "phone serve"],
      ["With secrets from a file", "set -a; . ./phone.env; set +a; phone serve --config /etc/phone/config.yaml"]
    ],
    exits: [success, usage, failed, store, bug],
    files: [configFile, tokenFile, database, transcripts],
    environment: [phoneConfig, ...credentials],
    see: ["phone doctor", "phone call", "phone help config"]
  },
  call: {
    about:
      "Calls a number with a task, and shows the conversation as it happens: on a terminal the words of both sides as they are spoken, elsewhere a line for each turn. What the agent asks you on the way is answered there, by typing. At the end it says what came of it, with the words that prove it, how long it took, what it cost, and where transcript and recording are. Ctrl-C stops watching, not the call: phone watch shows it again, phone hangup ends it.",
    examples: [
      ["Begin with your own mobile", 'phone call +15557654321 --task "Ask when the shop closes today"'],
      [
        "Tell what the agent needs to know",
        'phone call +15551234567 --task "Book a table for two at 7 pm" --context "Name: Ann Bee"'
      ],
      ["In a script: the record as JSON", 'phone call +15551234567 --task "…" --json | jq .outcome'],
      ["Start it and go on", 'id=$(phone call +15551234567 --task "…" --no-wait)']
    ],
    exits: [...ofEnd, refused, unreachable, store, bug, interrupted],
    files: [configFile, tokenFile, transcripts],
    environment: clientEnvironment,
    see: ["phone watch", "phone answer", "phone hangup", "phone say", "phone history"]
  },
  status: {
    about: "Shows what is known of a call now, without its transcript.",
    examples: [
      ["One call", "phone status unm7digo"],
      ["Only its status", "phone status unm7digo --json | jq -r .status"]
    ],
    exits: [...ofClient, noSuchCall],
    ...forClient,
    see: ["phone watch", "phone history"]
  },
  history: {
    about:
      "Lists past and current calls, newest first, in a table that fits the terminal; all filters that are given must hold. With --call it shows one call and its transcript. With --json it writes one object {calls, cursor}, or with --all a call a line.",
    examples: [
      ["What came of today's calls", "phone history --since today --limit 100"],
      ["Calls of the last week that failed or were busy", "phone history --since 7d --status failed --status busy"],
      ["Who was called about the dentist", 'phone history --search "dentist" --success'],
      ["Cost of thirty days", "phone history --all --since 30d --json | jq -s 'map(.cost.total) | add'"],
      ["One call, with what was said", "phone history --call unm7digo"]
    ],
    exits: [...ofClient, refused, noSuchCall],
    ...forClient,
    see: ["phone export", "phone status"]
  },
  export: {
    about:
      "Writes calls, those that are named or those of the filters, as JSON (a list of records), Markdown (minutes: task, outcome, evidence, who said what when) or CSV (RFC 4180, UTF-8). In CSV a text that a spreadsheet would take for a formula begins with an apostrophe. However many calls there are, only a page of them is held at a time; a file is there when all of it is.",
    examples: [
      ["Minutes of one call", "phone export unm7digo --format markdown --output call.md"],
      [
        "A month for a spreadsheet, a line a call",
        "phone export --since 2026-10-01 --until 2026-10-31 --format csv --by call -o october.csv"
      ],
      ["Everything that was ever said", "phone export --format csv > turns.csv"]
    ],
    exits: [...ofClient, refused, noSuchCall],
    ...forClient,
    see: ["phone history"]
  },
  outcome: {
    about:
      "Judges once more what came of a call that has ended, from its stored transcript and task: the voice model reads them in writing, which costs about a cent, and what it claims is held against the callee's own words as after any call. With --recheck no model is asked: the quotes of the agent's own report are looked up again. It shows the outcome and the one before; with --save it takes its place.",
    examples: [
      ["A second opinion", "phone outcome unm7digo"],
      ["Without a model, and put in the record", "phone outcome unm7digo --recheck --save"]
    ],
    exits: [success, withoutSuccess, usage, failed, refused, unreachable, noSuchCall, store, bug, interrupted],
    ...forClient,
    see: ["phone history", "phone export"]
  },
  watch: {
    about:
      "Follows a call that goes on, from its beginning, and ends with it; one that has ended is shown as it was. With --json it writes one event a line. A lost connection is tried again for a minute. Ctrl-C stops watching, not the call.",
    examples: [
      ["Look in on a call", "phone watch unm7digo"],
      [
        "What the callee says, for a program",
        `phone watch unm7digo --json | jq 'select(.turn.role == "user").turn.text'`
      ]
    ],
    exits: [...ofEnd, unreachable, noSuchCall, store, bug, interrupted],
    ...forClient,
    see: ["phone call", "phone answer", "phone hangup", "phone say"]
  },
  answer: {
    about:
      "Answers what the agent asks in mid-call, because the callee must know it and neither task nor context tells. It asks on calls that were placed for somebody who answers: phone call on a terminal, a program with questions: true. It waits 60 s; the first answer counts. On a terminal where phone call or phone watch runs the answer is typed there instead.",
    examples: [
      ["Answer the open question", "phone answer unm7digo 4 May 1980"],
      [
        "Which one is open",
        "phone status unm7digo --json | jq '.questions[-1]'; phone answer unm7digo --question 2 Tuesday"
      ]
    ],
    exits: [...ofClient, noSuchCall],
    ...forClient,
    see: ["phone call", "phone watch", "phone say"]
  },
  hangup: {
    about:
      "Ends a call at once, in mid-sentence if need be; before the answer it is canceled. It does not wait for the end.",
    examples: [["End a call", "phone hangup unm7digo"]],
    exits: [...ofClient, noSuchCall],
    ...forClient,
    see: ["phone watch", "phone status"]
  },
  say: {
    about:
      "Tells the agent something in mid-call: a fact it lacks, a change of the task. It is guidance in your words, not read out; 2000 characters count.",
    examples: [["Help it out", "phone say unm7digo the booking number is 4711"]],
    exits: [...ofClient, noSuchCall],
    ...forClient,
    see: ["phone watch"]
  },
  doctor: {
    about:
      "Looks at all that must be right before a call can work: configuration, accounts at Twilio and OpenAI, ports, the webhook URL from outside, disk, clock. It changes nothing and costs nothing; each problem comes with what to do about it. With --call-me it then says number and price, asks, calls you for a minute at most, and says what was measured; Ctrl-C hangs up.",
    examples: [
      ["Before the first call", "phone doctor"],
      ["The first call: your own telephone", "phone doctor --call-me +15557654321"],
      ["What is wrong, for a program", `phone doctor --json | jq '.findings[] | select(.state != "ok")'`]
    ],
    exits: [success, withoutSuccess, usage, busy, noAnswer, failed, canceled, refused, store, bug, interrupted],
    files: [configFile, tokenFile, database, transcripts],
    environment: [phoneConfig, ...credentials],
    see: ["phone init", "phone serve"]
  },
  mcp: {
    about:
      "Serves the phone's tools to an MCP client, which starts this command itself, over stdin and stdout until stdin closes. Logs go to stderr. A service must run when a tool is used.",
    examples: [["As an MCP client's configuration has it", '{"command": "phone", "args": ["mcp"]}']],
    exits: [success, usage, bug],
    ...forClient,
    see: ["phone serve"]
  },
  simulators: {
    about:
      "Runs the simulated Twilio and OpenAI Realtime servers alone, for a service elsewhere, until it is stopped. Prints their addresses as configuration; logs go to stderr.",
    examples: [
      ["On any free ports", "phone simulators --json"],
      ["With callees of your own", "phone simulators --twilio-port 9001 --realtime-port 9002 --callees callees.yaml"]
    ],
    exits: [success, usage, bug],
    see: ["phone serve", "phone simulate"]
  },
  simulate: {
    about:
      "Makes the calls of scenario files in virtual time, with the service as it is and everything else simulated, and says whether what is expected came: who answers, what is said, what goes wrong, what must come of it (docs/scenarios.md). Nothing is dialled, and nothing is paid but with --real-model. With --replay: makes the call of a wire log again, and compares status, error, outcome and the words of the transcript; other traffic on the wire is a warning, or with --strict a failure.",
    examples: [
      ["Pass or fail, and why", "phone simulate booking.yaml"],
      ["Each with 50 seeds", "phone simulate tests/*.yaml --runs 50"],
      ["One call, and all that happened in it", "phone simulate booking.yaml --seed 7 --timeline"],
      ["A quick try, without a file", "phone simulate --callee hostile --task 'Book a table'"],
      ["For continuous integration", "phone simulate booking.yaml --junit report.xml"],
      [
        "A call of yesterday, after a change",
        "phone simulate --replay ~/.openclaw/phone/transcripts/unm7digo.wire.jsonl"
      ],
      ["The same as a test", "phone simulate --replay call.wire.jsonl --strict --json | jq .differences"]
    ],
    exits: [success, withoutSuccess, usage, bug, interrupted],
    files: [["~/.openclaw/phone/transcripts/<call-id>.wire.jsonl", "the wire log of a call, with wireLogs configured"]],
    see: ["phone simulators", "phone help config"]
  },
  completions: {
    about:
      "Writes a script that completes commands, options and their values. Where it goes, bash: ~/.bashrc or a file in ~/.local/share/bash-completion/completions; zsh: a folder of $fpath, as _phone; fish: ~/.config/fish/completions/phone.fish.",
    examples: [
      ["bash, in this shell", "source <(phone completions bash)"],
      ["bash, for good", "phone completions bash > ~/.local/share/bash-completion/completions/phone"],
      ["zsh", "phone completions zsh > ~/.zfunc/_phone"],
      ["fish", "phone completions fish > ~/.config/fish/completions/phone.fish"]
    ],
    exits: [success, usage],
    see: ["phone help"]
  },
  help: {
    about:
      "Shows how a command is used, as its --help does; without one all commands, and for config the keys of the configuration.",
    examples: [
      ["One command", "phone help call"],
      ["Every key of config.yaml", "phone help config"]
    ],
    exits: [success, usage],
    see: ["phone init"]
  }
}

/** For every command that says something. */
export const everywhere: ReadonlyArray<readonly [name: string, what: string]> = [
  ["NO_COLOR", "any value: no colour"],
  ["FORCE_COLOR", "colour also where no terminal is; 0: never"],
  ["TERM", "dumb: neither colour nor lines that are redrawn"]
]
