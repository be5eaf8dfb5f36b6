/** 13: two runs with the same seed are identical, event for event. The only one that takes two runs to be judged. */
import { createHash } from "node:crypto"
import { timelineOf } from "../timeline.ts"
import type { Run } from "../world/Run.ts"
import type { Breach } from "./index.ts"

export const sameTwice = "two runs with the same seed are identical, event for event"

const line = (at: number, who: string, ...what: ReadonlyArray<unknown>): string =>
  `${at} ${who} ${what.map((each) => JSON.stringify(each) ?? "").join(" ")}`

const audio = (whose: string, heard: Uint8Array): string =>
  `${whose} ${heard.length} ${createHash("sha256").update(heard).digest("hex")}`

/**
 * Everything that could tell two runs apart, whole: what was told, asked, sent and received on each side, what was heard, and the
 * record. First the timeline, since people read of the first difference.
 */
const traceOf = (run: Run): ReadonlyArray<string> => [
  ...timelineOf(run),
  ...run.events.map(({ at, event, life }) => line(at, "told", life, event)),
  ...run.sent.map(({ answer, at, form, method, path }) => line(at, "request", method, path, [...form], answer)),
  ...run.late.map((late) => line(late.at, "late", late)),
  ...run.sessions.flatMap(({ input, received, sent }) => [
    ...received.map((entry) => line(entry.at, "to the model", entry)),
    ...sent.map(({ at, bytes, event }) => line(at, "of the model", event, bytes)),
    audio("the model heard", input())
  ]),
  ...run.legs.flatMap((leg) => [
    ...leg.requests.map((request) => line(request.at, "at Twilio", request)),
    ...leg.webhooks.map((webhook) => line(webhook.at, "webhook", webhook)),
    ...leg.marks.map((mark) => JSON.stringify(mark)),
    audio("the callee heard", leg.agentAudio),
    audio("the callee said", leg.calleeAudio)
  ]),
  line(run.endedAt, "kept", run.call, run.file)
]

/** Where two runs of the same scenario differ first, if they do. */
export const judgeTwins = (one: Run, other: Run): ReadonlyArray<Breach> => {
  const [first, second] = [traceOf(one), traceOf(other)]
  const at = first.findIndex((each, index) => each !== second[index])
  if (at < 0 && first.length === second.length) return []
  const where = at < 0 ? first.length : at
  return [
    {
      invariant: 13,
      says: sameTwice,
      what: `first "${first[where] ?? "the end"}", then "${second[where] ?? "the end"}"`
    }
  ]
}
