/**
 * How quick a conversation is: many simulated calls in virtual time, on a network and with a model whose delays are drawn from
 * the distributions below, measured from the outside. Prints the table of docs/conversation.md. The same seed, the same table.
 */
import { parseArgs } from "node:util"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Data, Duration, Effect, Exit, Layer, Logger, LogLevel, Utils } from "effect"
import { Calls } from "../src/index.ts"
import { mediaFaults, modelFaults } from "../src/simulation/faults/sockets.ts"
import { Trouble } from "../src/simulation/faults/Trouble.ts"
import {
  type CalleeScript,
  type CalleeStep,
  type Faults,
  type Host,
  layerSimulation,
  Outside,
  run,
  scriptedMind
} from "../src/simulation/index.ts"
import type { WireSocket } from "../src/wire/Network.ts"

class BenchFailed extends Data.TaggedError("BenchFailed")<{ readonly message: string }> {}

const { values } = parseArgs({
  options: { calls: { type: "string", default: "120" }, seed: { type: "string", default: "1" } }
})

/** What is drawn for a call, in milliseconds. `network`: one way, the same for all of a call, and `jitter` for each message. */
const drawn = (seed: number) => {
  const random = new Utils.PCGRandom(seed)
  const between = (least: number, most: number) => least + (most - least) * random.number()
  /** Log-normal, with 5 % above `p95`. */
  const skewed = (median: number, p95: number) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.number())) * Math.cos(2 * Math.PI * random.number())
    return median * Math.exp((normal * Math.log(p95 / median)) / 1.645)
  }
  return {
    between,
    network: between(15, 60),
    jitter: () => Math.floor(between(0, 30)),
    /** From the request for an answer to its first sound, each time anew. */
    firstAudio: () => skewed(450, 900),
    sessionCreated: between(400, 800),
    transcription: [300, 1_500] as const
  }
}
type Drawn = ReturnType<typeof drawn>

const firstOutput = 100

const agent = scriptedMind(
  [
    { tag: "opening", plan: [{ say: "Hello, this is an AI assistant. I call because of an appointment on Tuesday." }] },
    { tag: "holding", plan: [{ say: "One moment, please." }] },
    { tag: "outcome", plan: [{ write: "{}" }] },
    { heard: "goodbye", plan: [{ say: "Goodbye." }, { call: "end_call", input: {} }] }
  ],
  () => [
    { say: "I see. What I would like to have is an appointment on Tuesday at two in the afternoon, if that suits you." }
  ]
)

const hello: CalleeStep = { say: "Hello, who is there?" }
const bye: ReadonlyArray<CalleeStep> = [{ say: "Goodbye." }, { listen: {} }, { hangUp: true }]

const kinds = {
  talk: ({ between }: Drawn): ReadonlyArray<CalleeStep> => [
    { wait: between(0.2, 1) },
    hello,
    ...["What is it about?", "Let me see what we have on that day.", "Tuesday at two is possible."].flatMap((say) => [
      { listen: { quiet: between(0.4, 1.2) } },
      { say }
    ]),
    { listen: {} },
    ...bye
  ],
  /** Whoever answers says nothing before the agent speaks. */
  bargeIn: ({ between }: Drawn): ReadonlyArray<CalleeStep> => [
    ...["Wait, please, who are you?", "Sorry, I have to stop you there.", "Yes, yes, I know that."].map((say) => ({
      bargeIn: { after: between(0.6, 3), say }
    })),
    { listen: {} },
    ...bye
  ],
  modelLoss: (drawn: Drawn) => kinds.talk(drawn)
}
type Kind = "talk" | "bargeIn" | "modelLoss"

/** A frame that Phone took in or sent, `at` in virtual time; the processor's clock tells what Phone did meanwhile. */
interface Frame {
  readonly at: number
  readonly real: number
  readonly what: string
}

const tapped = (socket: WireSocket, see: (dir: "in" | "out", text: string) => void): WireSocket => ({
  ...socket,
  send: (text) => {
    see("out", text)
    return socket.send(text)
  },
  listen: (on) =>
    socket.listen({
      ...on,
      message: (text) => {
        if (text !== null) see("in", text)
        on.message(text)
      }
    })
})

const typeOf = (text: string): string => /"(?:type|event)":"([^"]+)"/.exec(text)?.[1] ?? ""

/** One call, and all that was measured on it: values by the name of the measure. */
const measured = (kind: Kind, seed: number) =>
  Effect.gen(function* () {
    const draw = drawn(seed)
    const frames: Array<Frame> = []
    const trouble = new Trouble([{ jitter: { upTo: 0.03 } }])
    const program = Effect.gen(function* () {
      const calls = yield* Calls
      const { realtime, twilio } = yield* Outside
      const id = yield* calls.place({ to: "+15551234567", task: "Make an appointment for Tuesday at 2 pm." })
      yield* Effect.ignore(calls.await(id))
      yield* Effect.sleep("5 seconds")
      return { leg: twilio.calls()[0], sessions: realtime.sessions() }
    })
    let clock = () => 0
    const see = (prefix: string) => (dir: "in" | "out", text: string) => {
      const what = `${prefix} ${dir} ${typeOf(text)}`
      frames.push({ at: clock(), real: performance.now(), what })
    }
    const callee: CalleeScript = { answers: { after: 2, as: "human", amdAfter: 1.5 }, steps: kinds[kind](draw) }
    const loss = draw.between(4, 16)
    const faults = (connection: number): Faults => ({
      ...(kind === "modelLoss" && connection === 0 ? { dropAfter: Duration.seconds(3 + loss) } : {}),
      responses: Object.fromEntries(
        Array.from({ length: 40 }, (_, index) => [
          index + 1,
          { _tag: "Slow", by: Duration.millis(Math.max(0, draw.firstAudio() - firstOutput)) }
        ])
      )
    })
    const [soonest, latest] = draw.transcription
    const layer = layerSimulation({
      latency: Duration.millis(draw.network),
      twilio: { callees: () => callee },
      realtime: {
        mind: agent,
        faults,
        timing: {
          sessionCreated: Duration.millis(draw.sessionCreated),
          responseCreated: Duration.millis(firstOutput),
          firstOutput: Duration.millis(firstOutput),
          transcription: Duration.millis(soonest),
          latestTranscription: Duration.millis(latest)
        }
      },
      seenBy: {
        service: (network) => {
          const open = modelFaults(trouble, draw.jitter)(network.webSocket)
          return {
            ...network,
            webSocket: (url, options) => Effect.map(open(url, options), (socket) => tapped(socket, see("model")))
          }
        },
        host: (host: Host) =>
          mediaFaults(
            trouble,
            draw.jitter
          )({
            ...host,
            webSocket: (handshake) =>
              Effect.map(host.webSocket(handshake), (decision) =>
                decision._tag === "Refuse"
                  ? decision
                  : { _tag: "Accept", run: (socket) => decision.run(tapped(socket, see("media"))) }
              )
          })
      }
    })
    const timed = Effect.flatMap(Effect.clock, (found) => {
      clock = () => found.unsafeCurrentTimeMillis()
      return Effect.provide(program, Layer.provideMerge(layer, Logger.minimumLogLevel(LogLevel.None)))
    })
    const { leg, sessions } = yield* Effect.flatMap(
      Effect.promise(() => run(timed, { seed })),
      Exit.match({
        onFailure: (cause) => new BenchFailed({ message: `call ${seed} failed: ${cause}` }),
        onSuccess: Effect.succeed
      })
    )
    if (leg?.answeredAt === undefined) return yield* new BenchFailed({ message: `call ${seed} was not answered` })
    return measure(kind, leg, leg.answeredAt, sessions, frames)
  })

type Seen = Effect.Effect.Success<typeof Outside>
type Leg = ReturnType<Seen["twilio"]["calls"]>[number]
type Values = Partial<Record<string, ReadonlyArray<number>>>

const rows = {
  firstInSilence: "Answer to first word, the callee silent",
  first: "Answer to first word, with a hello of the callee between",
  hello: "End of that hello to first word",
  turn: "Turn: end of the callee's words to the first sound of the answer",
  added: "of it waited by Phone: commit to request, first audio to line",
  bargeIn: "Barge-in: the model's server hears speech to the last sound heard",
  bargeInAll: "Barge-in: the callee's first sound to the last sound heard",
  loss: "Loss of the model: last sound of either side to the next sound heard"
}

/** In virtual time computing takes none: this is what it took of the machine that measured, so it is no part of the table. */
const worked = "worked"

/** All in milliseconds, counted from the answer. */
const measure = (
  kind: Kind,
  leg: Leg,
  answeredAt: number,
  sessions: ReturnType<Seen["realtime"]["sessions"]>,
  frames: ReadonlyArray<Frame>
): Values => {
  const since = ({ at, ms }: { readonly at: number; readonly ms: number }) => ({
    from: at - answeredAt,
    to: at - answeredAt + ms
  })
  const heard = leg.heard.map(since)
  const said = leg.said.map(since)
  const [first] = heard
  const [greeting] = said
  if (kind === "talk") {
    const answers = said.slice(1).flatMap(({ to }) => {
      const next = heard.find(({ from }) => from >= to)
      return next === undefined || said.some(({ from }) => from > to && from < next.from) ? [] : [next.from - to]
    })
    const own = ownShare(frames)
    return {
      [rows.first]: first === undefined ? [] : [first.from],
      [rows.hello]: first === undefined || greeting === undefined ? [] : [first.from - greeting.to],
      [rows.turn]: answers,
      [rows.added]: own.map(({ waited }) => waited),
      [worked]: own.map(({ worked }) => worked)
    }
  }
  if (kind === "bargeIn") {
    const started = sessions.flatMap(({ sent }) =>
      sent.flatMap(({ at, type }) => (type === "input_audio_buffer.speech_started" ? [at - answeredAt] : []))
    )
    const cuts = heard.flatMap(({ from, to }) => {
      const at = started.find((moment) => moment > from && moment < to)
      const begun = said.find((words) => words.from > from && words.from < to)?.from
      const wasCleared = leg.clears.some((clear) => clear.droppedMs > 0 && Math.abs(clear.at - answeredAt - to) < 100)
      return at === undefined || begun === undefined || !wasCleared ? [] : [{ told: to - at, all: to - begun }]
    })
    return {
      [rows.firstInSilence]: first === undefined ? [] : [first.from],
      [rows.bargeIn]: cuts.map(({ told }) => told),
      [rows.bargeInAll]: cuts.map(({ all }) => all)
    }
  }
  const lostAt = (sessions[0]?.closed?.at ?? Number.POSITIVE_INFINITY) - answeredAt
  const next = heard.find(({ from }) => from > lostAt)
  if (next === undefined) return {}
  const before = [...heard, ...said].flatMap(({ from, to }) => (from < next.from ? [to] : []))
  return { [rows.loss]: [Math.max(0, next.from - Math.max(...before))] }
}

/** From the callee's turn being told to the request for an answer, and from its first audio to the line, both together. */
const ownShare = (frames: ReadonlyArray<Frame>) =>
  frames.flatMap((commit, index) => {
    if (commit.what !== "model in input_audio_buffer.committed") return []
    const rest = frames.slice(index + 1)
    const nextAfter = (what: string, from: number) => rest.findIndex((frame, at) => at >= from && frame.what === what)
    const request = nextAfter("model out response.create", 0)
    const audio = nextAfter("model in response.output_audio.delta", request)
    const line = nextAfter("media out media", audio)
    const spoke = nextAfter("model in input_audio_buffer.speech_started", 0)
    const [asked, came, sent] = [rest[request], rest[audio], rest[line]]
    if (asked === undefined || came === undefined || sent === undefined || (spoke !== -1 && spoke < line)) return []
    return [
      {
        waited: asked.at - commit.at + (sent.at - came.at),
        worked: asked.real - commit.real + (sent.real - came.real)
      }
    ]
  })

const percentile = (values: ReadonlyArray<number>, share: number): string => {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return value < 5 && value > 0 ? value.toFixed(1) : String(Math.round(value))
}

const bench = Effect.gen(function* () {
  const [calls, seed] = [Number(values.calls), Number(values.seed)]
  if (!Number.isInteger(calls) || calls < 1 || !Number.isInteger(seed)) {
    return yield* new BenchFailed({ message: "--calls and --seed must be whole numbers" })
  }
  const found = new Map<string, Array<number>>([...Object.values(rows), worked].map((name) => [name, []]))
  for (const [nth, kind] of (["talk", "bargeIn", "modelLoss"] as const).entries()) {
    for (let index = 0; index < calls; index++) {
      const measures = yield* measured(kind, seed * 1_000_003 + nth * calls + index)
      for (const [name, values = []] of Object.entries(measures)) found.get(name)?.push(...values)
    }
  }
  yield* Console.log(`${3 * calls} calls, seed ${seed}\n`)
  yield* Console.log("| Milliseconds | Median | p95 | Measured |\n|---|---|---|---|")
  for (const name of Object.values(rows)) {
    const values = found.get(name) ?? []
    yield* Console.log(`| ${name} | ${percentile(values, 0.5)} | ${percentile(values, 0.95)} | ${values.length} |`)
  }
  const work = found.get(worked) ?? []
  yield* Console.log(
    `\nComputing, on this machine, between the frames of the row "of it": median ${percentile(work, 0.5)} ms, p95 ${percentile(work, 0.95)} ms.`
  )
})

NodeRuntime.runMain(bench)
