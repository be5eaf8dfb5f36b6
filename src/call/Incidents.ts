/** Counts the incidents of all calls, for whoever watches the service. The record of each call keeps its own. */
import { Metric } from "effect"
import type { IncidentKind } from "../domain/Incident.ts"

const incidents = Metric.counter("phone_call_incidents", {
  description: "What went wrong during calls and what was done about it, by kind",
  incremental: true
})

/** Counts one. */
export const count = (kind: IncidentKind): void => incidents.pipe(Metric.tagged("kind", kind)).unsafeUpdate(1, [])
