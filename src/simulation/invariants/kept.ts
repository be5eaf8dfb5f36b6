/** 6, of the record: what was told stands there as it was told, and what was said well before a service ended is there, too. */
import { type FaultName, nameOf } from "../faults/Fault.ts"
import type { Run } from "../world/Run.ts"
import { mayBeEcho, withEcho, withoutMixed } from "./echoes.ts"
import { type Invariant, letters, seconds } from "./Invariant.ts"
import { joined, sounds } from "./line.ts"

/** Milliseconds after which everything that has waited for the database is written. */
const caughtUp = 5_000

/** From when on the record may lack something, because a service ended while the database took nothing: it has kept what it could. */
export const unstoredFrom = ({ lives, met }: Run): number =>
  Math.min(
    ...met.flatMap(({ at, fault }) => {
      const held = "lockDatabase" in fault ? fault.lockDatabase : "fillDisk" in fault ? fault.fillDisk : undefined
      if (held === undefined) return []
      const until = at + held.for * 1000 + caughtUp
      return lives.some(({ endedAt }) => endedAt !== undefined && endedAt > at && endedAt < until) ? [at] : []
    })
  )

const toldAndGone = (run: Run): ReadonlyArray<string> =>
  run.events.flatMap(({ at, event }) => {
    if (event._tag !== "Turn" || event.turn.text === "" || at >= unstoredFrom(run)) return []
    const { role, text } = event.turn
    return run.call?.transcript.some((turn) => turn.role === role && turn.text === text) === true
      ? []
      : [`the turn "${text}" was told, and is not in the record`]
  })

/** Faults that may take the callee's words on their way to the record; all others do not. */
const taking: ReadonlySet<string> = new Set<FaultName>([
  "cutMedia",
  "stopMedia",
  "muteMedia",
  "loseMedia",
  "holdMedia",
  "stuffMedia",
  "jitter",
  "cutModel",
  "muteModel",
  "holdModel",
  "expireModel",
  "lateTranscription"
])

/** When the model noticed the beginning of the turn that was transcribed at this moment. */
const turnBegunAt = ({ sessions }: Run, at: number): number => {
  const detected = sessions.flatMap(({ sent }) =>
    sent.filter(({ type }) => type.startsWith("input_audio_buffer.speech"))
  )
  const ends = detected.findLast((event) => event.type.endsWith("stopped") && event.at <= at)?.at ?? at
  return detected.findLast((event) => event.type.endsWith("started") && event.at < ends)?.at ?? at
}

/** From when on words may be lost: what was said well before is in the record. */
const lossesBegin = (run: Run): number =>
  Math.min(
    ...run.met.flatMap(({ at, fault }) => {
      if ("transcription" in fault) return [turnBegunAt(run, at)]
      return taking.has(nameOf(fault)) || ("response" in fault && /drop|freeze/.test(fault.response.does)) ? [at] : []
    })
  )

/** Milliseconds: the detector's silence, the transcription, and the writing of it. */
const written = 1_500
/** Quiet that does not end a turn for a detector of speech, and speech that is none for it. */
const unnoticed = 1_000
const breath = 300
/** Letters that are spoken in less than a second. */
const surely = 10

/** What the callee said, and was quiet after, well before the call, or a service that had heard all of it, ended. */
const saidAndGone = (run: Run): ReadonlyArray<string> => {
  const { call, legs, lives } = run
  const [leg] = legs
  if (leg?.answeredAt === undefined) return []
  const { answeredAt, calleeAudio, said, streams } = leg
  const voices = joined(sounds(calleeAudio), unnoticed)
  const record = letters(
    (call?.transcript ?? []).flatMap(({ role, text }) => (role === "user" ? [text] : [])).join(" ")
  )
  const lossesAt = Math.min(lossesBegin(run), unstoredFrom(run))
  return lives.flatMap(({ endedAt: died = Number.POSITIVE_INFINITY, startedAt: start }) => {
    const end = Math.min(died, leg.endedAt ?? run.endedAt, lossesAt)
    return said.flatMap(({ at, ms, text }) => {
      const voice = voices.find(({ from, to }) => from <= at - answeredAt && to >= at - answeredAt)
      if (voice === undefined) return []
      const [from, to] = [answeredAt + voice.from, answeredAt + voice.to]
      const stream = streams.find(({ endedAt = Number.POSITIVE_INFINITY, startedAt }) => startedAt < to && to < endedAt)
      const wasHeard =
        stream !== undefined && start < from && (stream.startedAt < from || stream.startedAt < at + ms - unnoticed)
      // of what was begun before there was a stream, the end
      const words = letters(text).slice(stream !== undefined && stream.startedAt < from ? 0 : -surely)
      const isOurs = mayBeEcho(run, text) || withoutMixed(run, words).length > 1
      if (!wasHeard || ms < breath || isOurs || withEcho(run, to, unnoticed) > end - written || record.includes(words))
        return []
      return [`the callee said "${text}" ${seconds(end - to)} before that could be lost, and it is not in the record`]
    })
  })
}

export const kept: Invariant = {
  number: 6,
  says: "every turn that was told, or said 1.5 s before anything could be lost, is in the record as it was",
  check: (run) => (run.call === undefined ? [] : [...toldAndGone(run), ...saidAndGone(run)])
}
