/**
 * A session lives for an hour (facts/openai-realtime.md 2.5). Its successor is opened before, waits, and takes over when nobody
 * says or does anything; the old one talks on until then.
 */

import type { SessionTerms } from "../../Fact.ts"
import * as Playout from "../../Playout.ts"
import { type Draft, order, setTimer } from "../Draft.ts"
import type { Talk } from "../Talk.ts"
import { takeSuccessor } from "./Recovery.ts"

/** Shares of a session's life: of an hour, the last minute, and half a minute. */
const late = 1 / 60
const again = 1 / 120

/** It is time to look for a successor, or the last moment to make do with the one there is. */
export const renewalDue = (draft: Draft): void => {
  const { renewal } = draft
  if (renewal === undefined || !draft.modelUp) return
  if (renewal.successor !== undefined) {
    draft.renewal = { ...renewal, overdue: true }
    return
  }
  draft.renewal = { ...renewal, successor: "opening" }
  order(draft, { _tag: "PrepareModel" })
  setTimer(draft, "renew", Math.max(0, renewal.endsAt - renewal.lasts * late - draft.now))
}

export const successorReady = (draft: Draft, terms: SessionTerms): void => {
  const { renewal } = draft
  if (renewal?.successor !== "opening") return
  draft.renewal = { ...renewal, successor: { ...terms, readyAt: draft.now } }
}

/** None is to be had: the old one goes on, and another is tried for soon. */
export const successorGone = (draft: Draft): void => {
  const { renewal } = draft
  if (renewal?.successor !== "opening") return
  draft.renewal = { lasts: renewal.lasts, endsAt: renewal.endsAt, overdue: false }
  setTimer(draft, "renew", renewal.lasts * again)
}

const isQuiet = (talk: Talk): boolean =>
  talk.speaking === undefined &&
  talk.active === undefined &&
  talk.asides.length === 0 &&
  talk.wanted === undefined &&
  talk.next === undefined &&
  talk.toolsOpen.size === 0 &&
  talk.textsDue.size === 0 &&
  Playout.isIdle(talk.playout)

/** Called after every fact. */
export const watchRenewal = (draft: Draft): void => {
  const { renewal } = draft
  if (renewal === undefined || typeof renewal.successor !== "object" || !draft.modelUp || draft.hangingUp) return
  if (renewal.overdue || isQuiet(draft)) takeSuccessor(draft, renewal.successor, "renewed")
}
