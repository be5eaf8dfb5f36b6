/** 4: whoever interrupts the agent is not talked over. Judged by what the model was told to forget, and by Twilio's clears. */
import { understand } from "../audio/SpokenText.ts"
import type { Run } from "../world/Run.ts"
import { type Forgotten, forgotten } from "./forgotten.ts"
import { has, type Invariant, letters, seconds } from "./Invariant.ts"
import { lasts, playedRuns, sounds } from "./line.ts"
import { rejoined } from "./takenUp.ts"

/** Milliseconds; and one tick of the line, in which the clear itself falls. */
const afterClear = 120
const tick = 20

type Leg = Run["legs"][number]

/** What we send to Twilio did not arrive when it was sent: no clear can be in time. */
const mediaHeld = (run: Run) => has(run, "stopMedia", "muteMedia", "holdMedia", "stuffMedia", "jitter")

/** How much audio the model gave of an item. */
const audioMs = (run: Run, itemId: string): number =>
  (run.sessions
    .flatMap(({ said }) => said)
    .find((said) => said.itemId === itemId)
    ?.audio().length ?? 0) / 8

/** The agent spoke at this moment, and did not stop. */
const goesOn = (leg: Leg, at: number, what: string): ReadonlyArray<string> => {
  const { agentAudio, answeredAt = 0 } = leg
  const moment = at - answeredAt
  // where the stream is gone, Twilio itself speaks
  const isOurs = leg.streams.some(({ endedAt = Number.POSITIVE_INFINITY }) => endedAt > at + afterClear + tick)
  if (!isOurs) return []
  const over = sounds(agentAudio).find(({ from, to }) => from < moment && to > moment + afterClear + tick)
  return over === undefined
    ? []
    : [`at ${seconds(moment)} ${what}, and the agent was still heard for ${Math.round(over.to - moment)} ms`]
}

/** More of an item was heard than was still to be heard when it was interrupted. */
const goesBeyond = (run: Run, leg: Leg, { at, itemId, ms }: Forgotten): ReadonlyArray<string> => {
  // then nobody knew how much had been heard
  if (has(run, "delayMarks", "loseMarks", "response") || leg.streams.length > 1) return []
  const item = run.sessions.flatMap((session) => session.said).find((said) => said.itemId === itemId)
  if (item === undefined || ms === 0 || ms >= audioMs(run, itemId) - tick) return []
  const { answeredAt = 0 } = leg
  // the same words may have been said at other times
  const { audio, onLine } = rejoined(run, leg)
  const runs = playedRuns(item.audio(), audio).filter(({ from }) => {
    const begun = onLine(from) + answeredAt
    return begun >= item.at && begun < at
  })
  const played = Math.max(0, ...runs.slice(-1).map(lasts))
  return played <= ms + afterClear + tick
    ? []
    : [`at ${seconds(at - answeredAt)} an item was cut off after ${ms} ms, and ${played} ms of it was still heard`]
}

/** Letters by which a piece of a sentence is known. */
const piece = 6

/** Something of what was forgotten was heard afterwards, that stands in no other item. */
const comesBack = (run: Run, leg: Leg, { at, itemId, ms }: Forgotten): ReadonlyArray<string> => {
  const all = run.sessions.flatMap((session) => session.said)
  const item = all.find((said) => said.itemId === itemId)
  if (item === undefined) return []
  const moment = at - (leg.answeredAt ?? 0)
  const others = all.filter((said) => said !== item).map((said) => letters(said.text))
  // where one sentence ends and the next begins
  others.push(others.join(""))
  const text = letters(understand(item.audio().subarray(ms * 8)))
  // what Twilio itself says while no stream is there is not ours
  const after = leg.streams.flatMap(({ endedAt = Number.POSITIVE_INFINITY, startedAt }) => {
    const begin = Math.max(0, moment + afterClear + tick, startedAt - (leg.answeredAt ?? 0))
    const line = leg.agentAudio.subarray(begin * 8, Math.max(begin, endedAt - (leg.answeredAt ?? 0)) * 8)
    // the end of a sentence that was cut off and the beginning of the next are not one word
    return sounds(line).map(({ from, to }) => letters(understand(line.subarray(from * 8, to * 8))))
  })
  for (let from = 0; from + piece <= text.length; from++) {
    const words = text.slice(from, from + piece)
    if (after.some((heard) => heard.includes(words)) && !others.some((other) => other.includes(words)))
      return [`at ${seconds(moment)} an item was forgotten, and of it "${words}" was still heard later`]
  }
  return []
}

export const interruptions: Invariant = {
  number: 4,
  says: "nothing of an interrupted item is heard later than 120 ms after the clear",
  check: (run) => {
    const [leg] = run.legs
    if (leg?.answeredAt === undefined || mediaHeld(run)) return []
    return [
      ...leg.clears.flatMap(({ at }) => goesOn(leg, at, "the buffer was cleared")),
      ...run.sessions.flatMap((session) =>
        forgotten(session).flatMap((item) => [
          // an item that was cut off was just being played; one that was forgotten as a whole was not, and of one that the
          // model itself broke off all that there is may be heard
          ...(item.ms > 0 && item.ms < audioMs(run, item.itemId) - tick
            ? goesOn(leg, item.at, "an item was cut off")
            : []),
          ...goesBeyond(run, leg, item),
          ...comesBack(run, leg, item)
        ])
      )
    ]
  }
}
