/** How quick the talk was, measured for the record: replies, and gaps in which nobody was heard. Nothing is decided by it. */
import type { Latency } from "../../../domain/Call.ts"
import * as Playout from "../../Playout.ts"
import type { Draft } from "../Draft.ts"
import type { Gap } from "../Parts.ts"
import type { Talk } from "../Talk.ts"

/** A shorter one is how people talk. */
const noticed = 1_500

/** Audio of this item is sent: the first of all, and the first since the callee stopped speaking, are what is measured. */
export const audioSent = (draft: Draft, itemId: string): void => {
  draft.firstWordAt = draft.firstWordAt ?? draft.now
  if (draft.speechStoppedAt === undefined) return
  const latency = draft.now - draft.speechStoppedAt
  draft.speechStoppedAt = undefined
  draft.turnLatencies = [...draft.turnLatencies, latency]
  const said = draft.utterances.get(itemId)
  if (said !== undefined) draft.utterances = draft.utterances.with(itemId, { ...said, latency })
}

const owesWords = ({ active, mediaUp, phase, playout, rehearing, wanted }: Talk): boolean =>
  (phase === "talking" || phase === "closing" || phase === "message") &&
  ((active !== undefined && !active.stale) ||
    wanted !== undefined ||
    rehearing.length > 0 ||
    (!mediaUp && !Playout.isIdle(playout)))

const isSilent = ({ mediaUp, playout, speaking }: Talk): boolean =>
  speaking === undefined && (!mediaUp || Playout.isIdle(playout))

/** Notes when such a silence begins and how long it was. Called after every fact. */
export const watchGaps = (draft: Draft): void => {
  const { gap } = draft
  if (owesWords(draft) && isSilent(draft)) {
    if (gap === undefined) draft.gap = { since: draft.now, modelLost: !draft.modelUp }
    else if (!draft.modelUp && !gap.modelLost) draft.gap = { ...gap, modelLost: true }
  } else if (gap !== undefined) {
    const ms = draft.now - gap.since
    draft.gap = undefined
    if (ms > noticed || gap.modelLost) draft.gaps = [...draft.gaps, { ms, modelLost: gap.modelLost }]
  }
}

const seconds = (ms: number): number => Math.round(ms) / 1000

const spreadOf = (values: ReadonlyArray<number>): Latency["turn"] => {
  const sorted = values.toSorted((a, b) => a - b)
  const percentile = (share: number) => seconds(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
  return sorted.length === 0 ? undefined : { p50: percentile(0.5), p95: percentile(0.95), count: sorted.length }
}

const gapsOf = (gaps: ReadonlyArray<Gap>): NonNullable<Latency["gaps"]> => {
  const long = gaps.filter(({ ms }) => ms > noticed)
  const lost = gaps.filter(({ modelLost }) => modelLost)
  const longest = (found: ReadonlyArray<Gap>) => seconds(Math.max(0, ...found.map(({ ms }) => ms)))
  return {
    count: long.length,
    longest: longest(long),
    ...(lost.length === 0 ? {} : { modelLoss: longest(lost) })
  }
}

export const latencyOf = (talk: Talk): Latency => {
  const { answeredAt, firstWordAt } = talk
  const turn = spreadOf(talk.turnLatencies)
  const bargeIn = spreadOf(talk.bargeIns)
  return {
    ...(answeredAt === undefined || firstWordAt === undefined
      ? {}
      : { answerToFirstWord: seconds(firstWordAt - answeredAt) }),
    ...(turn === undefined ? {} : { turn }),
    ...(bargeIn === undefined ? {} : { bargeIn }),
    ...(answeredAt === undefined ? {} : { gaps: gapsOf(talk.gaps) })
  }
}
