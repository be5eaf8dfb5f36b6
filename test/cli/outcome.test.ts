/** `phone outcome` against a real RPC server: what is asked of the service, what is shown, and the exit code. */
import { expect, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { ModelUnavailable } from "../../src/domain/errors.ts"
import type { Reassessment } from "../../src/domain/Reassessment.ts"
import { call, callId, serve } from "../rpc/service.ts"
import { phone } from "./support.ts"

const at = DateTime.unsafeMake("2026-01-01T10:30:00Z")
const ended = { ...call, endedAt: at, transcript: [{ timestamp: at, role: "user" as const, text: "Tuesday works." }] }
const judged: Reassessment = {
  callId,
  by: "model",
  outcome: {
    success: true,
    taskCompleted: true,
    summary: "Booked.",
    nextSteps: ["Be there."],
    evidence: [0],
    basis: "cited",
    claimed: { success: true, taskCompleted: true, summary: "Booked.", evidence: ["Tuesday works"] }
  },
  // as a record of before `basis` has it
  before: { success: false, taskCompleted: false, summary: "Not known.", nextSteps: [], evidence: [] },
  cost: 0.012,
  saved: false
}
const args = (url: string, ...more: ReadonlyArray<string>) => [
  "outcome",
  callId,
  ...more,
  ...["--url", url, "--token", "the-token"]
]

it.scopedLive("shows the new outcome, the words that bear it, and the one before; success exits 0", () =>
  Effect.gen(function* () {
    const asked: Array<unknown> = []
    const { url } = yield* serve({
      status: () => Effect.succeed(ended),
      reassess: (id, options) =>
        Effect.as(
          Effect.sync(() => asked.push([id, options])),
          judged
        )
    })
    const { code, out } = yield* phone(args(url))
    expect(asked).toEqual([[callId, { recheck: false, save: false }]])
    expect(out).toEqual([
      "abc12345  successful",
      "  judged by   the model, which has read the transcript (about $0.01)",
      "  rests on    the callee's own words",
      "  outcome     Booked.",
      '  evidence    callee, 10:30:00: "Tuesday works."',
      "  next step   Be there.",
      "  before      not successful: Not known.",
      "  not saved   --save puts it in the record"
    ])
    expect(code).toBe(0)
  })
)

it.scopedLive("--recheck --save --json: both reach the service, the answer is one object, no success exits 1", () =>
  Effect.gen(function* () {
    const { cost: _, ...rest } = judged
    const withdrawn: Reassessment = {
      ...rest,
      by: "report",
      outcome: { ...judged.outcome, success: false },
      saved: true
    }
    const asked: Array<unknown> = []
    const { url } = yield* serve({
      reassess: (_, options) =>
        Effect.as(
          Effect.sync(() => asked.push(options)),
          withdrawn
        )
    })
    const { code, out } = yield* phone(args(url, "--recheck", "--save", "--json"))
    expect(asked).toEqual([{ recheck: true, save: true }])
    expect(out.map((line) => JSON.parse(line))).toEqual([withdrawn])
    expect(code).toBe(1)
  })
)

it.scopedLive("a model that cannot be had is said, and exits 5", () =>
  Effect.gen(function* () {
    const { url } = yield* serve({ reassess: () => new ModelUnavailable({ message: "The key is wrong." }) })
    const { code, err } = yield* phone(args(url))
    expect([code, err]).toEqual([5, ["✗ The key is wrong."]])
  })
)
