/** A store that cannot be read or written holds notifications up for a minute; it neither stops them nor repeats them. */
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Logger, Option, Queue, Schema } from "effect"
import { layerMemoryTranscripts } from "../../docs/examples/memoryTranscripts.ts"
import { PhoneConfig, PhoneConfigSchema } from "../../src/Config.ts"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { StoreUnavailable } from "../../src/domain/errors.ts"
import { CallId } from "../../src/domain/Ids.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import { layerNotifier } from "../../src/notify/Notifier.ts"
import { type Notice, Outbox } from "../../src/notify/Outbox.ts"
import { run } from "../../src/simulation/VirtualTime.ts"
import { Transcripts } from "../../src/Transcripts.ts"
import { layerMemory } from "../../src/wire/Memory.ts"
import { accepting, notify } from "./world.ts"

const callId = CallId.make("aaaaaaaa")
const full = new StoreUnavailable({ message: "the disk is full" })

/** One notice in an outbox that fails as often as `failing` says, first in reading, then in writing. */
const outbox = (failing: { read: number; write: number }) =>
  Layer.effect(
    Outbox,
    Effect.gen(function* () {
      let notice = Option.some<Notice>({ callId, attempts: 0, dueAt: new Date(0) })
      return {
        bell: yield* Queue.sliding<void>(1),
        next: (except) =>
          Effect.suspend(() =>
            failing.read-- > 0
              ? Effect.fail(full)
              : Effect.succeed(Option.filter(notice, (one) => ![...except].includes(one.callId)))
          ),
        postpone: () => Effect.dieMessage("nothing was refused"),
        remove: () =>
          Effect.suspend(() => {
            if (failing.write-- > 0) return Effect.fail(full)
            notice = Option.none()
            return Effect.void
          })
      }
    })
  )

const layerConfig = Layer.effect(
  PhoneConfig,
  Schema.decode(PhoneConfigSchema)({ ...simulatedCredentials, webhookHost: "https://phone.example", notify })
)

it("is waited for, and what was taken is not sent over and over", async () => {
  const receiver = accepting()
  const story = Effect.gen(function* () {
    yield* receiver.mount
    const store = yield* Transcripts
    const to = PhoneNumber.make("+15551234567")
    yield* store.insert({ id: callId, to, from: to, task: "t", startedAt: new Date(0) })
    yield* store.end(callId, { status: "busy", endedAt: new Date(1_000) })
    yield* Layer.build(Layer.provide(layerNotifier, outbox({ read: 2, write: 1 })))
    yield* Effect.sleep("1 hour")
  })
  const exit = await run(
    Effect.scoped(story).pipe(
      Effect.provide([layerConfig, layerMemoryTranscripts, layerMemory(), Logger.remove(Logger.defaultLogger)])
    ),
    { seed: 1 }
  )
  expect(exit).toEqual(Exit.void)
  const [first, second] = receiver.got
  // two failed readings, each a minute; then it is sent, noting that fails, and after a minute it is sent once more
  expect(receiver.got).toHaveLength(2)
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(60_000)
  expect((first?.at ?? 0) - Date.parse("2026-01-05T15:00:00Z")).toBe(120_000)
})
