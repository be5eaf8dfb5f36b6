/** How long things may take on a call (design, 2 and 3), next to each other. What is configurable comes in from outside. */
import { Duration } from "effect"
import type { PhoneConfigValues } from "../Config.ts"

/** All in milliseconds, for the pure part of a call. */
export interface Limits {
  readonly ring: number
  readonly maxDuration: number
  readonly greetingDelay: number
  /** From the end of the goodbye's expected playing to the hang-up without proof that it was heard. */
  readonly settleGrace: number
  readonly wrapUpBefore: number
  /** A goodbye at the limit must be generated and heard within this. */
  readonly lastWords: number
  /** The same, when the service stops. */
  readonly farewell: number
  readonly greetingCap: number
  /** An opening of which less was heard has told the callee neither who calls nor why. */
  readonly openingHeard: number
  readonly mediaStart: number
  readonly firstAudio: number
  readonly mediaSilence: number
  /** No audio for so long in the middle of the callee's words: the line has fallen silent without saying so. */
  readonly mediaPause: number
  /** A stream that was there for so long was a good one: that it then falls silent does not count with those before. */
  readonly mediaLasts: number
  /** Streams in a row that may fall silent before that. A number, not a time. */
  readonly mediaSetbacks: number
  /** The callee notices that the line was gone for so long, and may have spoken meanwhile. */
  readonly lineGap: number
  readonly silenceAfterGap: number
  readonly silence: number
  readonly silenceAfterCheckIn: number
  /** On hold, in the whole of a call. */
  readonly maxHold: number
  /** How long the words of a turn are waited for that may not be meant for us. */
  readonly words: number
  /** Quiet that ends a menu's prompt. */
  readonly menuPause: number
  /** Among menus, without a person: so long, and so many times keys are pressed. Numbers, the latter two, not times. */
  readonly menuTime: number
  readonly menuPresses: number
  /** A prompt that was heard so often goes round in circles. */
  readonly menuRepeats: number
  /** After a key of the callee's, more of them may follow within this. */
  readonly keys: number
  /** How long the owner may take to answer a question, and how much quiet there may be meanwhile. */
  readonly question: number
  readonly silenceOnQuestion: number
  readonly retry: ReadonlyArray<number>
  /** A response of which nothing comes for so long is given up, and its session with it. */
  readonly freeze: number
  /** Nothing has come of the model for so long, while it has something to do or not: it is asked for a sign of life. */
  readonly probe: number
  readonly probeIdle: number
  /** How long that may take. */
  readonly probeAnswer: number
  /** Of what the callee's side has sent, a new session can hear so much again, counted back from the loss of the one before. */
  readonly heardAgain: number
  /** It shows as words within this. */
  readonly rehearing: number
  /** A gap that the callee hears without an explanation: while there is no model, while it is slow. */
  readonly holding: number
  readonly slowAnswer: number
  /** A callee who has waited so long for words of ours, whatever was tried meanwhile, waits no longer. */
  readonly unanswered: number
  readonly patience: number
  /** Sessions that may be lost in a row, without a finished response between them. A number, not a time. */
  readonly setbacks: number
  readonly machineGreeting: number
  readonly machineQuiet: number
  /** The same where a tone was promised, or the greeting has not begun: it is worth waiting for. */
  readonly machineTone: number
  /** How long a screening service may take to fetch the person, before we ask whether anybody is there. */
  readonly screening: number
  readonly hangUp: number
  readonly lateText: number
  /** A "mhm" or a cough is over by then, the silence that ends a turn included. */
  readonly shortSpeech: number
  /** Who speaks into our words for longer, that silence included, wants the word; what is shorter may still be a noise. */
  readonly longSpeech: number
  /** How soon the words of a shorter sound must have come, or it counts as an interruption. */
  readonly soonText: number
  /** A sound that has ended and is no turn after so long was nothing. */
  readonly uncommitted: number
  /** From our first sound on the network may give us back our own voice, until its echo cancellers have learnt (seconds at most). */
  readonly echo: number
  /** What an echo lasts beyond that: its way, and the silence that ends a turn. */
  readonly echoTail: number
  /** The least that a sound in our first second must last to be an interruption. */
  readonly echoLeast: number
  /** Sounds into our words that were nothing but ours, so many in a row (a number): the line may give back all that we say. */
  readonly returned: number
  /** How long we speak on over a sound on such a line; and once its words were known for ours. */
  readonly echoLasts: number
  readonly knownEchoLasts: number
  readonly outcome: number
}

/** The silence after which the model tells that the callee has stopped, in milliseconds. */
const turnEnd = ({ turnDetection }: PhoneConfigValues): number =>
  turnDetection.type === "server_vad" ? (turnDetection.silence ?? 500) : 800

export const limitsOf = (config: PhoneConfigValues): Limits => ({
  ring: Duration.toMillis(config.ringTimeout),
  maxDuration: Duration.toMillis(config.maxCallDuration),
  greetingDelay: Duration.toMillis(config.greetingDelay),
  settleGrace: 2_000,
  wrapUpBefore: 30_000,
  lastWords: 15_000,
  farewell: 4_000,
  greetingCap: 3_000,
  openingHeard: 1_500,
  mediaStart: 15_000,
  firstAudio: 15_000,
  mediaSilence: 30_000,
  mediaPause: 750,
  mediaLasts: 30_000,
  mediaSetbacks: 2,
  lineGap: 2_000,
  silenceAfterGap: 1_500,
  silence: 10_000,
  silenceAfterCheckIn: 15_000,
  maxHold: Duration.toMillis(config.maxHold),
  words: 1_500,
  menuPause: 1_200,
  menuTime: 180_000,
  menuPresses: 12,
  menuRepeats: 3,
  keys: 1_000,
  question: 60_000,
  silenceOnQuestion: 20_000,
  retry: [500, 1_500, 3_000],
  freeze: 10_000,
  probe: 2_500,
  probeIdle: 5_000,
  probeAnswer: 2_000,
  heardAgain: 20_000,
  rehearing: 2_000,
  holding: 1_500,
  slowAnswer: 2_000,
  unanswered: 35_000,
  patience: 8_000,
  setbacks: 2,
  machineGreeting: 30_000,
  machineQuiet: 1_500,
  machineTone: 4_000,
  screening: 40_000,
  hangUp: 12_000,
  lateText: 3_000,
  outcome: 10_000,
  shortSpeech: 800 + turnEnd(config),
  longSpeech: 2_500 + turnEnd(config),
  soonText: 1_000,
  uncommitted: 1_500,
  echo: 1_000,
  echoTail: 300 + turnEnd(config),
  echoLeast: 600,
  returned: 2,
  echoLasts: 6_000,
  knownEchoLasts: 15_000
})

/** The network's own limit stands behind ours: a little above it, so that it never cuts our goodbye. */
export const networkTimeLimit = (config: PhoneConfigValues): Duration.Duration =>
  Duration.sum(config.maxCallDuration, Duration.seconds(30))
