/** Arbitrary scenarios: who answers x what goes wrong x what the owner does x how the service is configured x chance. */
import { FastCheck } from "effect"
import type { Operation, Scenario } from "../scenario/Scenario.ts"
import { callee } from "./callees.ts"
import { faults } from "./faults.ts"
import { anyOf, within } from "./values.ts"

const { array, boolean, constant, integer, oneof, option, record } = FastCheck
type Arbitrary<T> = FastCheck.Arbitrary<T>

const operation: Arbitrary<Operation> = oneof(
  record({ at: within(0, 30) }).map((hangUp): Operation => ({ hangUp })),
  record({ at: within(0, 30), text: anyOf("Ask about parking too.", "Offer Wednesday instead.") }).map(
    (say): Operation => ({ say })
  ),
  record({ at: within(0, 60) }).map((retry): Operation => ({ retry })),
  record({ at: within(0.5, 30) }).map((stop): Operation => ({ stop }))
)

const config: Arbitrary<NonNullable<Scenario["config"]>> = record({
  maxCallDuration: anyOf(60, 20, 45, 90),
  ringTimeout: anyOf(30, 10),
  greetingDelay: anyOf(0.8, 0, 2),
  maxHold: anyOf(300, 10, 20),
  prepareOpening: oneof({ weight: 3, arbitrary: constant(true) }, { weight: 1, arbitrary: constant(false) }),
  voicemail: anyOf("leave-message" as const, "hang-up" as const),
  recordCalls: boolean(),
  // answered, answered by whoever is called, busy, not answered
  transferTo: anyOf(
    {},
    { reception: "+15550100013" },
    { reception: "+15550100001" },
    { reception: "+15550100002" },
    { reception: "+15550100003" }
  )
}).chain((others) => boolean().map((falls) => (falls ? { ...others, fallbackModel: "gpt-realtime-2.1-mini" } : others)))

const operations: Arbitrary<ReadonlyArray<Operation>> = oneof(
  // a scenario in which they do not matter shrinks to one without them
  { withCrossShrink: true },
  { weight: 4, arbitrary: constant([]) },
  { weight: 1, arbitrary: array(operation, { minLength: 1, maxLength: 2 }) }
)

const task = anyOf(
  { task: "Book an appointment for Tuesday at 2 pm." },
  { task: "Ask when the shop closes today.", context: "The shop is a bakery. The owner is John Doe." }
)

/** Nobody may be called there, or only where a configuration allows it. */
const doubtful = anyOf("+19005551234", "+12129765555", "+14165550123", "+4915112345678", "911", "+15550100000")

const call: Arbitrary<Scenario["call"]> = oneof(
  { withCrossShrink: true },
  { weight: 24, arbitrary: task },
  { weight: 1, arbitrary: record({ to: doubtful, task }).map(({ task: about, to }) => ({ ...about, to })) }
)

/** Rules about whom to call, and when: a run begins at 10 o'clock in New York, at 5 in Honolulu and at 16 in Berlin. */
const rules: Arbitrary<NonNullable<Scenario["config"]>> = oneof(
  { withCrossShrink: true },
  { weight: 24, arbitrary: constant({}) },
  {
    weight: 2,
    arbitrary: anyOf<ReadonlyArray<NonNullable<Scenario["config"]>>>(
      { allowedCountries: ["DE"] },
      { allowedCountries: ["US", "CA", "DE"] },
      { doNotCall: ["+15550100001"] },
      { doNotCall: ["+15550100013"] },
      { callingHours: { from: "04:00", to: "21:00" } },
      { callingHours: { from: "09:00", to: "18:00" } },
      { callingHours: { from: "22:00", to: "04:00" } },
      { dailyLimit: { calls: 1, callsPerNumber: 1 } }
    )
  }
)

/** Any scenario that the search knows to make up. It shrinks to fewer faults, fewer steps, and earlier times. */
export const scenarios: Arbitrary<Scenario> = record({
  seed: integer({ min: 1, max: 2 ** 30 }),
  call,
  callee,
  config: record({ kept: option(config, { nil: { maxCallDuration: 60 } }), rules }).map(({ kept, rules: more }) => ({
    ...kept,
    ...more
  })),
  faults,
  operations
})
