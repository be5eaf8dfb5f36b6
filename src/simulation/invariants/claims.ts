/**
 * 5 and 6 from the side that hardly a fault excuses: whatever the record may lack, it claims nothing that was not said, nor so
 * long, nor so often.
 */
import { understand } from "../audio/SpokenText.ts"
import { type FaultName, nameOf } from "../faults/Fault.ts"
import type { Said } from "../realtime/Journal.ts"
import type { Run } from "../world/Run.ts"
import { givesBackAll, withoutEcho } from "./echoes.ts"
import { silencedPhrases } from "./gapPhrase.ts"
import { has, type Invariant, letters, meantBy, sessionLost } from "./Invariant.ts"
import { unstoredFrom } from "./kept.ts"
import { type Carrying, carried, joined, lasts, playedRuns, type Stretch, sounds } from "./line.ts"
import { rejoined } from "./takenUp.ts"

type Turns = NonNullable<Run["call"]>["transcript"]
type Turn = Turns[number]
type Leg = Run["legs"][number]

/** All that the model said aloud, or was about to. */
const saidBy = ({ sessions }: Run) => sessions.flatMap(({ said }) => said).filter(({ aside }) => !aside)

const prepared = ({ generated, text }: Turn): string => letters(generated ?? text)

/** Turns of the agent that nobody said, or not so often: a turn is what was prepared, up to where it was cut. */
const madeUp = (run: Run, turns: Turns): ReadonlyArray<string> => {
  const { legs, sent } = run
  // what Twilio says by itself, or was told to say, is in nobody's session
  const network = letters(
    [
      ...legs.flatMap((leg) => [leg.agentAudio, rejoined(run, leg).audio].map(understand)),
      ...sent.map(({ form }) => form.get("Twiml") ?? "")
    ].join(" ")
  )
  const left = saidBy(run)
    .map(({ text }) => letters(text))
    // of those that begin alike, the one that is hardly longer
    .toSorted((a, b) => a.length - b.length)
  return turns.flatMap((turn) => {
    const words = letters(turn.text)
    if (turn.role !== "assistant" || words === "") return []
    const whole = left.indexOf(prepared(turn))
    const index =
      whole >= 0 && left[whole]?.startsWith(words) ? whole : left.findIndex((said) => said.startsWith(words))
    if (index >= 0) left.splice(index, 1)
    return index >= 0 || network.includes(words)
      ? []
      : [`the record has the agent say "${turn.text}", which it did not, or not so often`]
  })
}

/** What stands in a transcript for something that is no words. */
const placeholder = /\[(speech|inaudible)\]/g

/** A gap in the callee's audio, or between two sessions, leaves pieces of what was said, and audio that is late may have two. */
const mostPieces = 4

/** Where these words end in what was said from there on, if they are so many pieces of it at most, in their order. */
const endOf = (words: string, said: string, from: number, pieces: number): number | undefined => {
  if (words === "") return from
  for (let length = words.length; length > 0 && pieces > 0; length--) {
    const at = said.indexOf(words.slice(0, length), from)
    if (at >= 0) return endOf(words.slice(length), said, at + length, pieces - 1)
    if (pieces === 1) return undefined
  }
  return undefined
}

/** Milliseconds that a frame needs to us. */
const onItsWay = 20

/** Its streams as far as they reached us: Twilio notices a moment later than we that one is cut. */
const cutShort = ({ met }: Run, { answeredAt, calleeAudio, streams: all }: Leg): Carrying => {
  const cuts = met.flatMap(({ at, fault }) => ("stopMedia" in fault || "cutMedia" in fault ? [at] : []))
  const streams = all.map((stream) => {
    const { endedAt = Number.POSITIVE_INFINITY, startedAt } = stream
    const cut = cuts.find((at) => at > startedAt && at < endedAt)
    return cut === undefined ? stream : { ...stream, endedAt: cut - onItsWay }
  })
  return { answeredAt, calleeAudio, streams }
}

/** All that the callee said; and what of it the streams may have carried: between two of them it was not said to us. */
const saidToUs = (run: Run): ReadonlyArray<string> => {
  const all = run.legs.map(({ calleeAudio }) => understand(calleeAudio)).join(" ")
  return [all, ...run.legs.flatMap((leg) => [leg, cutShort(run, leg)].flatMap(carried))].map(letters)
}

/**
 * Letters that are spoken in half a second: a session that takes over hears so much from before an utterance, and before one that
 * begins on a new stream there is no pause.
 */
const heardTwice = 8

/** Turns of the callee that were not said, or not at that place, or not so often. */
const unsaid = (run: Run, turns: Turns, said: string): ReadonlyArray<string> => {
  const pieces =
    sessionLost(run) || has(run, "loseMedia", "jitter", "muteMedia", "holdMedia", "stuffMedia") ? mostPieces : 1
  const twice = sessionLost(run) && run.legs.some(({ streams }) => streams.length > 1) ? heardTwice : 0
  let from = 0
  return turns.flatMap(({ role, text }) => {
    if (role !== "user") return []
    const to = endOf(letters(text.replaceAll(placeholder, "")), said, Math.max(0, from - twice), pieces)
    from = to ?? from
    return to === undefined ? [`the record has the callee say "${text}", which was not said, or not there`] : []
  })
}

/** Milliseconds: a packet and the ledger's resolution, and a tick of the line. */
const tolerance = 80

/** Faults over which what we sent may be lost, or be late, so that it was taken for heard, and what was heard not be found. */
const losing: ReadonlySet<string> = new Set<FaultName>(["cutMedia", "stopMedia", "stuffMedia", "holdMedia", "jitter"])

/** A line from which neither sounds nor marks come is given up, whatever it still carries to the callee. */
const seemsDead = (run: Run): boolean => has(run, "loseMedia") && has(run, "loseMarks", "delayMarks")

const lossesBegin = (run: Run): number =>
  Math.min(
    ...run.met.flatMap(({ at, fault }) =>
      losing.has(nameOf(fault)) || ("loseMedia" in fault && seemsDead(run)) ? [at] : []
    )
  )

/** Milliseconds that something may be on its way, or wait for its turn. */
const late = 2_000

/** What was made at that moment may have been begun on one stream, with a part of a letter, and gone on on the next. */
const mayBeDivided = ({ streams }: Leg, at: number): boolean =>
  streams.slice(1).some(({ startedAt }) => at <= startedAt && startedAt < at + late)

/** Milliseconds from the last sound of a stream that is cut to the beginning of the next. */
const between = 200

/** What was heard until then ends where its stream does: it may go on on the next, with the part of a letter that nobody finds. */
const isCut = ({ streams }: Leg, at: number): boolean =>
  streams.slice(1).some(({ startedAt }) => Math.abs(startedAt - at) < between)

/** Turns of the agent that claim more than the model had prepared, or than came on the line. */
const tooLong = (run: Run, turns: Turns, leg: Leg): ReadonlyArray<string> => {
  const said = saidBy(run)
  const sentences = said.map(({ audio }) => audio())
  const { audio: line, onLine } = rejoined(run, leg)
  const lines = [line, silencedPhrases(run, line)]
  const lostAt = lossesBegin(run) - late
  return turns.flatMap((turn) => {
    const items = meantBy(run, turn)
    if (turn.role !== "assistant" || turn.heard === undefined || items.length === 0) return []
    const runs = items.flatMap((item) => lines.flatMap((each) => playedRuns(item.audio(), each, sentences)))
    const whole = items.map(({ audio }) => audio().length / 8)
    const mayBeLost =
      items.some(({ at }, index) => Math.max(at, leg.answeredAt ?? at) + (whole[index] ?? 0) > lostAt) ||
      runs.some(({ to }) => (leg.answeredAt ?? 0) + onLine(to) > lostAt) ||
      items.some(({ at }) => mayBeDivided(leg, at)) ||
      runs.some(({ to }) => isCut(leg, (leg.answeredAt ?? 0) + onLine(to)))
    const most = Math.max(0, ...(mayBeLost ? whole : runs.map(lasts)))
    return turn.heard * 1000 > most + tolerance
      ? [`of "${turn.text}" the callee heard ${most} ms at most, the record says ${turn.heard} s`]
      : []
  })
}

/** Milliseconds of a sentence that are surely a turn. */
const turnful = 1_000

/** What goes on with its own beginning: taken up in the middle, it may be found as if it began there. */
const repeatsItself = (audio: Uint8Array): boolean => Buffer.from(audio).indexOf(audio.subarray(0, turnful * 8), 1) > 0

/** What was played of the agent's sentences, in order, each place on the line as part of the one of which most was played there. */
const playings = (said: ReadonlyArray<Said>, line: Uint8Array): ReadonlyArray<Stretch & { readonly text: string }> => {
  const sentences = said.map(({ audio }) => audio())
  const found = said
    .flatMap(({ audio, text }) =>
      playedRuns(audio(), line, sentences).map((run) => ({ ...run, text, repeats: repeatsItself(audio()) }))
    )
    .filter((run) => run.text !== "" && lasts(run) >= turnful)
    .toSorted((a, b) => a.from - b.from || b.to - a.to)
  return found.filter(
    ({ from, repeats, text }, index) =>
      !found.slice(0, index).some((before) => before.to > from || (repeats && before.text === text))
  )
}

/**
 * Until when it is not known what becomes of something that ended there, in milliseconds since the answer: who is interrupted
 * listens until the callee is quiet, and may then take it up again.
 */
const decidedAt = ({ calleeAudio }: Leg, end: number): number =>
  Math.max(
    end,
    ...joined(sounds(calleeAudio), late / 2)
      .filter(({ from, to }) => from <= end + turnful && to >= end - turnful)
      .map(({ to }) => to)
  )

/** Without its marks nobody knows that something was heard before it was cut off. */
const marksLost = ({ met }: Run): number =>
  Math.min(...met.flatMap(({ at, fault }) => ("loseMarks" in fault || "delayMarks" in fault ? [at - late] : [])))

/** What the callee heard of the agent, and what is not in the record, or not so often, though no service died over it. */
const missing = (run: Run, turns: Turns, leg: Leg): ReadonlyArray<string> => {
  const { answeredAt = 0 } = leg
  const { audio: line, onLine } = rejoined(run, leg)
  const isExcused = ({ from, to }: Stretch): boolean => {
    const [begun, end] = [answeredAt + onLine(from), answeredAt + decidedAt(leg, onLine(to))]
    return (
      end > Math.min(marksLost(run), unstoredFrom(run)) ||
      run.lives.some(({ endedAt }, index) => {
        const next = run.lives[index + 1]?.startedAt ?? Number.POSITIVE_INFINITY
        return endedAt !== undefined && end > endedAt - late && begun < next
      })
    )
  }
  const left = turns.flatMap((turn) => (turn.role === "assistant" ? [prepared(turn)] : []))
  return playings(saidBy(run), line).flatMap((played) => {
    if (isExcused(played)) return []
    const words = letters(played.text)
    const index = left.findIndex((turn) => turn !== "" && (words.startsWith(turn) || turn.startsWith(words)))
    left.splice(0, index + 1)
    return index >= 0
      ? []
      : [
          `the callee heard "${played.text}" for ${Math.round(lasts(played))} ms, and it is not in the record, or not there`
        ]
  })
}

const claimsNothing: Invariant = {
  number: 5,
  says: "the record has the agent say nothing that it did not, nor for longer, nor more often",
  check: (run) => {
    const [leg] = run.legs
    const turns = run.call?.transcript ?? []
    return [...madeUp(run, turns), ...(leg === undefined ? [] : tooLong(run, turns, leg))]
  }
}

const nothingElse: Invariant = {
  number: 6,
  says: "the record has the callee say nothing that they did not, and all that they heard",
  check: (run) => {
    const [leg] = run.legs
    const turns = run.call?.transcript ?? []
    const wrong = givesBackAll(run)
      ? [[]]
      : withoutEcho(run, turns).flatMap((each) => saidToUs(run).map((said) => unsaid(run, each, said)))
    return [
      ...(wrong.some((each) => each.length === 0) ? [] : (wrong[0] ?? [])),
      ...(leg === undefined ? [] : missing(run, turns, leg))
    ]
  }
}

export const claims: ReadonlyArray<Invariant> = [claimsNothing, nothingElse]
