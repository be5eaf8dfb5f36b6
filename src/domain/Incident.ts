/** What went wrong during a call and what was done about it, as its record keeps it. One kind is one rung of a remedy. */
import { Schema } from "effect"

/**
 * `slow-answer`: the model took so long that the callee heard a holding phrase. `model-lost`: its session broke off.
 * `model-frozen`: it sent nothing more where something was due. `answer-failed`: it refused or failed to answer, and was asked
 * again. `reconnected`: the same model was had again.
 * `fallback-model`: `fallbackModel` has taken over. `renewed`: the session was replaced before its time was up.
 * `apology`: nothing could be had, the network itself spoke last words. `media-lost`: the stream broke off and came back.
 */
export const IncidentKind = Schema.Literal(
  "slow-answer",
  "model-lost",
  "model-frozen",
  "answer-failed",
  "reconnected",
  "fallback-model",
  "renewed",
  "apology",
  "media-lost"
)
export type IncidentKind = typeof IncidentKind.Type

/** `gap`: seconds for which whatever was missing was missing, where that is known. */
export const Incident = Schema.Struct({
  at: Schema.DateTimeUtc,
  kind: IncidentKind,
  gap: Schema.optionalWith(Schema.Finite, { exact: true })
})
export type Incident = typeof Incident.Type

/** Each in words, as part of one line: "model lost, reconnected after 1.2 s". */
export const incidentWords: Readonly<Record<IncidentKind, string>> = {
  "slow-answer": "slow answer",
  "model-lost": "model lost",
  "model-frozen": "model frozen",
  "answer-failed": "answer failed",
  reconnected: "reconnected",
  "fallback-model": "fallback model",
  renewed: "session renewed",
  apology: "apology spoken",
  "media-lost": "media lost"
}
