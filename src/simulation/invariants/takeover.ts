/** 14: a call outlives the service. Judged where nothing but the death of the service can have silenced the agent. */
import { type FaultName, nameOf } from "../faults/Fault.ts"
import type { Life, Run } from "../world/Run.ts"
import { type Invariant, seconds } from "./Invariant.ts"
import { lasts, playedRuns, sounds } from "./line.ts"

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

/** Milliseconds of a sound without words from which on it may be taken for music. */
const musical = 2_000

/** What may be said to somebody else, or to nobody, while one has us wait. */
const mumbled = /^\W*(mhm|hm|uh-huh|okay|yes|right)?\W*$/i

/**
 * We had been told to wait, by words or by music, and nobody has spoken to us since: a tone tells nothing, and a "mhm" neither,
 * nor does a service know of words over which the one before died, or that came when none was there.
 */
const isOnHold = ({ said }: Leg, lives: Run["lives"], at: number): boolean => {
  const last = said.findLast(({ at: from, ms, text }) => {
    const unknown = lives.some(({ endedAt }, index) => {
      const next = lives[index + 1]?.startedAt ?? Number.POSITIVE_INFINITY
      return endedAt !== undefined && endedAt <= from + ms && from + ms - 500 <= next
    })
    return text === "" ? ms >= musical && from < at : !mumbled.test(text) && !unknown && from + ms <= at
  })
  return last !== undefined && (last.text === "" || asksToWait.test(last.text))
}

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

const isDisturbed = (run: Run, leg: Leg): boolean =>
  isSilenced(run, leg) || !run.met.every(({ fault }) => harmless.has(nameOf(fault)))

const heardAgain: Invariant = {
  number: 14,
  says: "after a kill and a quick restart in mid-call the callee hears the agent again",
  check: (run) => {
    const [leg] = run.legs
    if (leg === undefined || isDisturbed(run, leg)) return []
    return run.lives.flatMap((life, index) => {
      const back = comeback(leg, life, run.lives[index + 1])
      if (back === undefined || isOnHold(leg, run.lives, back)) return []
      const until = back + soon
      if (within(back, until, heardOfAgent(leg)) > 0 || within(back, until, soundsOf(leg)) > longSpeech) return []
      return [`for ${seconds(soon)} after the restart at ${seconds(back - run.startedAt)} the agent was not heard`]
    })
  }
}

/** Of so much of a greeting we know that it was heard, marks on their way included; and as much is one: milliseconds. */
const greeted = 2_500
const begun = 600

/** Whoever is behind these words has not been greeted with them. */
const recorded = /\b(press|message|tone|beep|recorded|mailbox|voicemail|your name|reason)\b/i

/** Where on the line, in milliseconds of it, greetings were played that were made and begun in this time; a reply may sound alike. */
const greetings = ({ sessions }: Run, { agentAudio, answeredAt = 0 }: Leg, from: number, to: number) =>
  sessions
    .flatMap(({ said }) => said)
    .filter(({ at, tag }) => tag?.startsWith("opening") === true && at >= from && at < to)
    .flatMap((item) => playedRuns(item.audio(), agentAudio))
    .filter((run) => run.from + answeredAt >= from && run.from + answeredAt < to)

const greetedOnce: Invariant = {
  number: 14,
  says: "whoever has heard a greeting for 2.5 s before a kill hears no second one after it",
  check: (run) => {
    const [leg] = run.legs
    if (leg === undefined || isDisturbed(run, leg)) return []
    if (leg.said.some(({ text }) => asksToWait.test(text) || recorded.test(text))) return []
    const { answeredAt = 0 } = leg
    return run.lives.flatMap((life, index) => {
      const back = run.lives[index + 1]?.startedAt
      if (life.end !== "killed" || life.endedAt === undefined || back === undefined) return []
      const before = greetings(run, leg, 0, life.endedAt).some(
        (first) => lasts(first) >= greeted && within(answeredAt + first.from, answeredAt + first.to, leg.said) === 0
      )
      const again = greetings(run, leg, back, Number.POSITIVE_INFINITY).find((second) => lasts(second) >= begun)
      return before && again !== undefined
        ? [`a second greeting began ${seconds(again.from + answeredAt - back)} after the restart`]
        : []
    })
  }
}

export const takeovers: ReadonlyArray<Invariant> = [heardAgain, greetedOnce]
