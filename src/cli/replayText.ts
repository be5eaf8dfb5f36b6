/** What came of a replay, as lines for people and as JSON for programs. Pure. */
import { Schema } from "effect"
import { Call } from "../domain/Call.ts"
import type { Divergence } from "../simulation/replay/compare.ts"
import type { Replayed } from "../simulation/replay/replay.ts"
import { statusText } from "./callText.ts"
import { type Paint, plain, tame } from "./text.ts"

const encodeCall = Schema.encodeSync(Call)

/** Whether the code still does what the log shows. A log that was cut has no result that could differ. */
export const isSame = ({ differences, divergences }: Replayed, strict: boolean): boolean =>
  differences.length === 0 && (!strict || divergences.length === 0)

export const replayJson = (replayed: Replayed, strict: boolean, timeline: boolean): string => {
  const { callId, cut, differences, divergences } = replayed
  const call = encodeCall(replayed.replayed)
  return JSON.stringify({
    same: isSame(replayed, strict),
    callId,
    ...(cut ? { cut } : {}),
    differences,
    divergences,
    call,
    ...(timeline ? { timeline: replayed.timeline } : {})
  })
}

const sides = (log: string | undefined, replay: string | undefined): ReadonlyArray<string> => [
  `    log     ${plain(log ?? "nothing more")}`,
  `    replay  ${plain(replay ?? "nothing more")}`
]

const divergenceLines = ({ at, log, on, replay }: Divergence): ReadonlyArray<string> => [
  `  ${on} at ${at.toFixed(2)} s`,
  ...sides(log, replay)
]

export const replayLines = (
  replayed: Replayed,
  strict: boolean,
  timeline: boolean,
  paint: Paint
): ReadonlyArray<string> => {
  const { callId, cut, differences, divergences } = replayed
  const same = isSame(replayed, strict)
  const status = statusText(replayed.replayed.status)
  const verdict =
    cut === undefined
      ? same
        ? paint("green", `the same result: ${status}`)
        : paint("red", differences.length === 0 ? "the same result, by another way" : "another result")
      : paint(same ? "yellow" : "red", `replayed up to the cut (${cut}): ${status}`)
  return [
    `${paint("bold", callId)}  ${verdict}`,
    ...differences.flatMap(({ log, replay, what }) => [`  ${what}`, ...sides(log, replay)]),
    ...(divergences.length === 0
      ? []
      : [
          paint(strict ? "red" : "yellow", "Where the service first did something else on each connection:"),
          ...divergences.flatMap(divergenceLines)
        ]),
    ...(timeline ? replayed.timeline.map((line) => paint("dim", tame(line))) : [])
  ]
}
