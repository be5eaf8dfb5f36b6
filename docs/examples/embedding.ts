/**
 * A host service that embeds Phone: it reminds patients of their appointments. What it does needs only `Calls`; the layer
 * below puts that on real lines. In a program of your own, import from "phone" in place of the sources here.
 */
import { Effect, Schedule } from "effect"
import { Calls, Phone, type PhoneConfigInput } from "../../src/index.ts"

export interface Patient {
  readonly number: string
  readonly name: string
  readonly appointment: string
}

const later = Schedule.spaced("15 minutes").pipe(Schedule.intersect(Schedule.recurs(2)))

/** Calls, again later if the line was busy or nobody answered, and says whether the appointment stands. */
export const remind = Effect.fn("remind")(function* ({ appointment, name, number }: Patient) {
  const calls = yield* Calls
  const task = `Remind ${name} of the appointment ${appointment}, and ask whether they will come.`
  return yield* calls.place({ to: number, task }).pipe(
    Effect.flatMap((id) => calls.await(id)),
    Effect.map((call) => (call.outcome?.success === true ? "confirmed" : "open")),
    Effect.retry({ schedule: later, while: ({ _tag }) => _tag === "CallBusy" || _tag === "CallNoAnswer" }),
    Effect.catchTags({
      CallBusy: () => Effect.succeed("not reached"),
      CallNoAnswer: () => Effect.succeed("not reached")
    })
  )
})

/** The program on real lines. Keys are those of config.yaml. */
export const remindOn = (config: PhoneConfigInput, patient: Patient) =>
  remind(patient).pipe(Effect.provide(Phone.layer(config)))
