/**
 * The state of the talk on one call. Times are milliseconds of a monotonic clock; `epoch` added gives the time of day. Only
 * `decide` moves it; nothing here acts.
 */
import type { CallError } from "../../domain/Call.ts"
import type { CallStatus, TerminalStatus } from "../../domain/CallStatus.ts"
import type { AnsweredBy, Claim } from "../../domain/Outcome.ts"
import type { PhoneNumber } from "../../domain/PhoneNumber.ts"
import type { Limits } from "../Limits.ts"
import * as Playout from "../Playout.ts"
import type { Clue } from "./answerer/Verdict.ts"
import type { Asked, Gap, HandOver, Interjection, Next, Purpose, Renewal, Response } from "./Parts.ts"
import { Utterances } from "./Utterances.ts"
import { type Hold, type Menu, noHold, noMenu } from "./Waits.ts"

export type { Utterance } from "./Utterances.ts"

/** What the talk must know of the configuration. */
export interface Rules {
  readonly limits: Limits
  readonly language: string
  readonly prepareOpening: boolean
  readonly voicemail: "leave-message" | "hang-up"
  readonly transferTo: Readonly<Record<string, PhoneNumber>>
  /** Whether there is an owner who can be asked in mid-call. */
  readonly questions: boolean
  /** Whether there is a model to fall back on. */
  readonly fallback?: boolean
  /** Of our own rules, as `Shingles.ts` makes them: what the agent must not read out. */
  readonly secret?: ReadonlySet<string>
}

/**
 * `waiting`: not answered. `listening`: the moment before our first word. `talking`: the conversation. `message`: a machine
 * answered. `closing`: the goodbye is on its way. `away`: the callee talks to somebody else. `afterwards`: the line is gone,
 * late texts and the outcome come in. `done`: nothing more happens.
 */
export type Phase = "waiting" | "listening" | "talking" | "message" | "closing" | "away" | "afterwards" | "done"

export interface Talk {
  readonly rules: Rules
  readonly epoch: number
  readonly phase: Phase
  readonly status: CallStatus
  /** What we decided the call ended as, where it differs from what the network will say. */
  readonly verdict: { readonly status: TerminalStatus; readonly error?: CallError } | undefined
  readonly price: number | undefined
  /** From answer to end in milliseconds, as the network says: known when it is over, to a second. */
  readonly lasted: number | undefined
  readonly answeredAt: number | undefined
  readonly endedAt: number | undefined
  readonly answeredBy: AnsweredBy | undefined
  readonly mediaUp: boolean
  /** Since when a stream is missing that nobody has taken away on purpose. */
  readonly mediaLostAt: number | undefined
  /** Since when the present stream is there. */
  readonly mediaSince: number
  /** Streams in a row that fell silent before they had lasted. */
  readonly mediaSetbacks: number
  /** The line was gone for so long that the callee may have spoken unheard, and nobody has spoken since. */
  readonly lineGap: boolean

  readonly playout: Playout.Playout
  /** The prepared opening, until it may be played; `undefined` once it was released or dropped. */
  readonly held: ReadonlyArray<Playout.Piece> | undefined
  readonly heldItems: ReadonlySet<string>
  /** The opening was cut off before it said anything: it is said again in place of the next reply. */
  readonly openingOwed: boolean
  /** A short phrase for gaps, in the same voice. */
  readonly holding: { readonly bytes: ReadonlyArray<Uint8Array>; readonly text: string }
  /** Items whose audio must never be heard again. */
  readonly fenced: ReadonlySet<string>
  /** Items of sessions that were lost: the present one knows their words, but not them. */
  readonly lostItems: ReadonlySet<string>

  readonly modelUp: boolean
  /** Sessions lost since a response was last completed. */
  readonly setbacks: number
  /** Since when there is none. */
  readonly lostAt: number | undefined
  /** When anything came of the model last, and when it was asked for a sign of life that has not come since. */
  readonly modelHeardAt: number
  readonly probedAt: number | undefined
  /** How long a response may let nothing be heard of itself. */
  readonly answerWithin: number
  readonly onFallback: boolean
  readonly renewal: Renewal | undefined
  /** Why the model that serves cannot answer any more. */
  readonly unable: CallError | undefined
  /** The callee has waited for us since, and will be told so when it is due. */
  readonly waited: { readonly since: number; readonly due: number } | undefined
  /** They were told, and nothing else has been heard of us after that. */
  readonly toldToWait: boolean
  /** Another process began this talk, and no session of this one knows of it yet. */
  readonly takenOver: boolean
  readonly active: Response | undefined
  readonly asides: ReadonlyArray<Response>
  readonly wanted: Purpose | undefined
  readonly responses: number
  /** Failures in a row, and whether the next attempt waits. */
  readonly attempts: number
  readonly backingOff: boolean
  readonly emptyReplies: number
  /** Responses given up, whose tools must not run. */
  readonly staleResponses: ReadonlySet<string>

  /** Responses that were told to be over: told again, it means nothing. */
  readonly overResponses: ReadonlySet<string>

  readonly toolsSeen: ReadonlySet<string>
  readonly toolsOpen: ReadonlySet<string>
  /** The model owes words after its tools have answered. */
  readonly oweReply: boolean
  /** Tools that a lost session called: their results reach the next session as a note. */
  readonly toolsLost: ReadonlySet<string>
  /** What a session must know that happened while there was none to tell: the next one is told. */
  readonly notesOwed: ReadonlyArray<string>
  /** At most one of them is open. */
  readonly questions: ReadonlyArray<Asked>
  /** In order; only the last one can be under way. */
  readonly transfers: ReadonlyArray<HandOver>
  readonly next: Next | undefined
  readonly claim: Claim | undefined
  /** The `end_call` that ends the call; while we talk, what was asked for with it happens first. */
  readonly endTool: string | undefined
  /** The callee wishes not to be called again. */
  readonly optedOut: boolean
  /** A closing that the callee's words cannot call off: the time is up, or the service stops. */
  readonly firm: boolean
  readonly hangingUp: boolean
  /** How often the agent has begun to read out its rules. */
  readonly recitals: number
  /** The service stops: last words are few, and nothing is asked afterwards. */
  readonly stopping: boolean

  readonly utterances: Utterances
  /** Of all the assistant's turns that were heard to their end: how fast this voice speaks. */
  readonly saidWhole: { readonly letters: number; readonly ms: number }
  readonly nextPosition: number
  readonly speaking: string | undefined
  /** Callee's utterances that our opening answers, so that no reply follows. */
  readonly greeted: ReadonlySet<string>
  readonly textsDue: ReadonlySet<string>
  readonly interjection: Interjection | undefined
  /** What the callee has said without wanting the word: it answers nothing. */
  readonly nods: ReadonlySet<string>
  /** Utterances that may be an echo of ours, until their words are known. */
  readonly suspects: ReadonlySet<string>
  /** How many sounds into our words were nothing but ours, in a row. */
  readonly returned: number
  /** The callee's side gives back what we say, and not in our first second only. */
  readonly echoes: boolean
  /** When the callee made the sound for which the network was told to clear, and the last mark it gives back then. */
  readonly clearing: { readonly since: number; readonly mark: string } | undefined
  /** Milliseconds from each sound of the callee into our words to the network's word that it has fallen silent. */
  readonly bargeIns: ReadonlyArray<number>
  /** Of these the next session hears the audio again, in this order, and of all else since then. */
  readonly rehearing: ReadonlyArray<string>
  readonly unheardFrom: number

  /** How long the quiet on the line is borne from when it began; 0 while it is not quiet. */
  readonly patience: number
  readonly checkedIn: boolean
  /** What speaks for one answerer or the other; `answeredBy` is the verdict on it. */
  readonly clues: ReadonlyArray<Clue>
  /** The opening was begun into words of the callee that went on for too long. */
  readonly openedOver: boolean
  /** When a screening service asked last; `undefined` as soon as a person has come. */
  readonly screenedAt: number | undefined
  readonly machineGreetingOver: boolean
  /** The machine has said that a tone will come; when one was over; that it takes no message. */
  readonly tonePromised: boolean
  readonly beepAt: number | undefined
  readonly mailboxFull: boolean
  /** The message was begun anew, behind a late tone. */
  readonly retaken: boolean
  readonly hold: Hold
  /** Music is heard on the callee's side. */
  readonly music: boolean
  readonly menu: Menu
  /** Turns of the callee whose words decide whether they are answered; "words": they would be, but for the music. */
  readonly unread: ReadonlyMap<string, "words" | undefined>
  /** When the callee last stopped speaking. */
  readonly quietSince: number | undefined
  /** Keys that the callee has pressed and the model does not know of. */
  readonly keys: string
  /** The call is being ended because we were kept on hold for too long, or reached nobody behind a menu. */
  readonly gaveUp: "hold" | "menu" | undefined
  /** When the message to a machine was begun: whoever speaks after that is a person. */
  readonly messageAt: number | undefined
  readonly outcomeText: string
  /** What the owner has told the agent in mid-call. */
  readonly guidance: ReadonlyArray<string>
  /** The agent was told to come to an end. */
  readonly wrappingUp: boolean
  /** An outcome was written that could not be read, and was asked for again. */
  readonly outcomeUnread: boolean

  readonly usage: number
  readonly speechStoppedAt: number | undefined
  readonly firstWordAt: number | undefined
  readonly turnLatencies: ReadonlyArray<number>
  readonly gap: { readonly since: number; readonly modelLost: boolean } | undefined
  readonly gaps: ReadonlyArray<Gap>
}

export const noHolding: Talk["holding"] = { bytes: [], text: "" }

/** Every field is there from the beginning: talks of one shape are copied some twenty times as fast. */
export const begin = (rules: Rules, epoch: number): Talk => ({
  rules,
  epoch,
  phase: "waiting",
  status: "queued",
  verdict: undefined,
  price: undefined,
  lasted: undefined,
  answeredAt: undefined,
  endedAt: undefined,
  answeredBy: undefined,
  mediaUp: false,
  mediaLostAt: undefined,
  mediaSince: 0,
  mediaSetbacks: 0,
  lineGap: false,
  playout: Playout.empty,
  held: [],
  heldItems: new Set(),
  openingOwed: false,
  holding: noHolding,
  fenced: new Set(),
  lostItems: new Set(),
  modelUp: true,
  setbacks: 0,
  lostAt: undefined,
  modelHeardAt: 0,
  probedAt: undefined,
  answerWithin: rules.limits.freeze,
  onFallback: false,
  renewal: undefined,
  unable: undefined,
  waited: undefined,
  toldToWait: false,
  takenOver: false,
  active: undefined,
  asides: [],
  wanted: undefined,
  responses: 0,
  attempts: 0,
  backingOff: false,
  emptyReplies: 0,
  staleResponses: new Set(),
  overResponses: new Set(),
  toolsSeen: new Set(),
  toolsOpen: new Set(),
  oweReply: false,
  toolsLost: new Set(),
  notesOwed: [],
  questions: [],
  transfers: [],
  next: undefined,
  claim: undefined,
  endTool: undefined,
  optedOut: false,
  firm: false,
  hangingUp: false,
  recitals: 0,
  stopping: false,
  utterances: Utterances.none,
  saidWhole: { letters: 0, ms: 0 },
  nextPosition: 0,
  speaking: undefined,
  greeted: new Set(),
  textsDue: new Set(),
  interjection: undefined,
  nods: new Set(),
  suspects: new Set(),
  returned: 0,
  echoes: false,
  clearing: undefined,
  bargeIns: [],
  rehearing: [],
  unheardFrom: 0,
  patience: 0,
  checkedIn: false,
  clues: [],
  openedOver: false,
  screenedAt: undefined,
  machineGreetingOver: false,
  tonePromised: false,
  beepAt: undefined,
  mailboxFull: false,
  retaken: false,
  hold: noHold,
  music: false,
  menu: noMenu,
  unread: new Map(),
  quietSince: undefined,
  keys: "",
  gaveUp: undefined,
  messageAt: undefined,
  outcomeText: "",
  guidance: [],
  wrappingUp: false,
  outcomeUnread: false,
  usage: 0,
  speechStoppedAt: undefined,
  firstWordAt: undefined,
  turnLatencies: [],
  gap: undefined,
  gaps: []
})

/** Whether nothing is played for now: the callee has made a sound, and it is open what it was. */
export const isSuspended = ({ interjection }: Pick<Talk, "interjection">): boolean => interjection?.echo === false

/** Whether the line is up and words can be exchanged with whoever is there. */
export const isLive = (draft: Pick<Talk, "phase">): boolean =>
  draft.phase === "listening" || draft.phase === "talking" || draft.phase === "message" || draft.phase === "closing"
