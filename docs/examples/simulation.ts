/**
 * A whole call in virtual time: minutes pass in milliseconds, and the same seed gives the same call. Of your own program,
 * import `Calls` from "phone" and the rest from "phone/simulation" instead.
 */
import { Effect } from "effect"
import { Calls } from "../../src/index.ts"
import { type CalleeScript, layerSimulation, Outside, run } from "../../src/simulation/index.ts"

const receptionist: CalleeScript = {
  answers: { after: 2, as: "human", amdAfter: 1.5 },
  steps: [
    { say: "Hello, Doctor Smith's office." },
    { bargeIn: { after: 1.5, say: "Sorry, who is calling, please?" } },
    { reply: [{ when: "appointment", say: "Yes, Tuesday at 2 pm works." }, { say: "What is it about?" }] },
    { listen: {} },
    { hangUp: true }
  ]
}

const story = Effect.gen(function* () {
  const calls = yield* Calls
  const { twilio } = yield* Outside
  const id = yield* calls.place({ to: "+15551234567", task: "Book an appointment for Tuesday at 2 pm." })
  const call = yield* calls.await(id)
  return { call, heard: twilio.calls().flatMap((line) => line.heard.map(({ text }) => text)) }
})

/** The record of the call, and what the callee's ears understood of it. */
export const simulated = (seed: number) =>
  run(story.pipe(Effect.provide(layerSimulation({ twilio: { callees: () => receptionist } }))), { seed })
