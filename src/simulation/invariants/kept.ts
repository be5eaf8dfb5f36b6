/** 6, of the record: what was told stands there as it was told, and what was said well before a service ended is there, too. */
import { type FaultName, nameOf } from "../faults/Fault.ts"
import type { Run } from "../world/Run.ts"
import { mayBeEcho, withoutMixed } from "./echoes.ts"
import { has, type Invariant, letters, restarted, seconds } from "./Invariant.ts"
import { joined, sounds } from "./line.ts"

/** A service that was stopped while the database took nothing has kept what it could. */
const unstored = (run: Run): boolean => has(run, "lockDatabase", "fillDisk") && restarted(run)

const toldAndGone = ({ call, events }: Run): ReadonlyArray<string> =>
  events.flatMap(({ event }) => {
    if (event._tag !== "Turn" || event.turn.text === "") return []
    const { role, text } = event.turn
    return call?.transcript.some((turn) => turn.role === role && turn.text === text) === true
      ? []
      : [`the turn "${text}" was told, and is not in the record`]
  })

/** Faults that take nothing of the callee's words on their way to the record. */
const harmless: ReadonlySet<string> = new Set<FaultName>([
  "kill",
  "setClock",
  "loseCallback",
  "delayCallback",
  "repeatCallback"
])

/** Milliseconds: the detector's silence, the transcription, and the writing of it. */
const written = 2_000
/** Quiet that does not end a turn for a detector of speech, and speech that is none for it. */
const unnoticed = 1_000
const breath = 300

/** What the callee said, and was quiet after, well before a service ended that had heard all of it. */
const saidAndGone = (run: Run): ReadonlyArray<string> => {
  const { call, legs, lives, met } = run
  const [leg] = legs
  if (leg?.answeredAt === undefined || !met.every(({ fault }) => harmless.has(nameOf(fault)))) return []
  const { answeredAt, calleeAudio, said, streams } = leg
  const voices = joined(sounds(calleeAudio), unnoticed)
  const record = letters(
    (call?.transcript ?? []).flatMap(({ role, text }) => (role === "user" ? [text] : [])).join(" ")
  )
  return lives.flatMap(({ endedAt: end, startedAt: start }) => {
    if (end === undefined) return []
    return said.flatMap(({ at, ms, text }) => {
      const voice = voices.find(({ from, to }) => from <= at - answeredAt && to >= at - answeredAt)
      if (voice === undefined) return []
      const [from, to] = [answeredAt + voice.from, answeredAt + voice.to]
      const wasHeard = streams.some(
        ({ endedAt = Number.POSITIVE_INFINITY, startedAt }) => startedAt < from && start < from && to < endedAt
      )
      const words = letters(text)
      const isOurs = mayBeEcho(run, text) || withoutMixed(run, words) !== words
      if (!wasHeard || ms < breath || isOurs || to > end - written || record.includes(words)) return []
      return [`the callee said "${text}" ${seconds(end - to)} before the service ended, and it is not in the record`]
    })
  })
}

export const kept: Invariant = {
  number: 6,
  says: "every turn that was told, or said 2 s before a kill, is in the record as it was",
  check: (run) => (run.call === undefined || unstored(run) ? [] : [...toldAndGone(run), ...saidAndGone(run)])
}
