/** 14: a call outlives the service. Judged where nothing but the death of the service can have silenced the agent. */
import { type FaultName, nameOf } from "../faults/Fault.ts"
import type { Life, Run } from "../world/Run.ts"
import { type Invariant, seconds } from "./Invariant.ts"
import { sounds } from "./line.ts"

/** Milliseconds without a service that a call must survive, and until the callee must hear the agent after them. */
const absence = 8_000
const soon = 10_000
/** Who speaks for so long of that time is not interrupted, and nobody speaks into music. */
const longSpeech = 4_000

const harmless: ReadonlySet<string> = new Set<FaultName>([
  "kill",
  "setClock",
  "loseCallback",
  "delayCallback",
  "repeatCallback",
  "transcription",
  "lateTranscription"
])

type Leg = Run["legs"][number]

interface Heard {
  readonly at: number
  readonly ms: number
}

/** Words of somebody, or of a recording, who has us wait. */
const asksToWait = /\b(hold|holding|wait|waiting|moment|second|minute|bear with|your call is|are busy|in line)\b/i

/** We had been told to wait, and nobody has spoken to us since. */
const isOnHold = ({ said }: Leg, at: number): boolean =>
  asksToWait.test(said.findLast((each) => each.at + each.ms <= at)?.text ?? "")

const soundsOf = ({ answeredAt = 0, calleeAudio }: Leg): ReadonlyArray<Heard> =>
  sounds(calleeAudio).map(({ from, to }) => ({ at: answeredAt + from, ms: to - from }))

const within = (from: number, to: number, heard: ReadonlyArray<Heard>): number =>
  heard.reduce((sum, { at, ms }) => sum + Math.max(0, Math.min(to, at + ms) - Math.max(from, at)), 0)

/** What the callee heard of us: what Twilio says by itself it says while there is no stream. */
const heardOfAgent = ({ heard, streams }: Leg): Leg["heard"] =>
  heard.filter(({ at, ms }) =>
    streams.some(({ endedAt = Number.POSITIVE_INFINITY, startedAt }) => startedAt < at + ms && at < endedAt)
  )

/** When the next service was there after a kill in mid-call, and nothing else happened for a while. */
const comeback = (leg: Leg, life: Life, next: Life | undefined): number | undefined => {
  if (life.end !== "killed" || life.endedAt === undefined || next === undefined) return undefined
  const { startedAt: back } = next
  const answered = leg.answeredAt !== undefined && leg.answeredAt < life.endedAt - 1_000
  const lasts = (end: number | undefined) => end === undefined || end > back + soon
  return answered && back - life.endedAt <= absence && lasts(leg.endedAt) && lasts(next.endedAt) ? back : undefined
}

/** Nobody there to talk with (a machine, a menu that is given keys), or told not to. */
const isSilenced = ({ call, scenario }: Run, leg: Leg): boolean =>
  leg.dials.length > 0 ||
  leg.digits !== "" ||
  call?.answeredBy === "voicemail" ||
  call?.answeredBy === "fax" ||
  scenario.operations?.some((operation) => "hangUp" in operation || "stop" in operation) === true

export const takeover: Invariant = {
  number: 14,
  says: "after a kill and a quick restart in mid-call the callee hears the agent again",
  check: (run) => {
    const [leg] = run.legs
    if (leg === undefined || isSilenced(run, leg) || !run.met.every(({ fault }) => harmless.has(nameOf(fault))))
      return []
    return run.lives.flatMap((life, index) => {
      const back = comeback(leg, life, run.lives[index + 1])
      if (back === undefined || isOnHold(leg, back)) return []
      const until = back + soon
      if (within(back, until, heardOfAgent(leg)) > 0 || within(back, until, soundsOf(leg)) > longSpeech) return []
      return [`for ${seconds(soon)} after the restart at ${seconds(back - run.startedAt)} the agent was not heard`]
    })
  }
}
