/**
 * The course of a call, written down: its beginning and its end, as the repository learns of them, and what its owner asked
 * for meanwhile.
 */
import { Effect, Layer, Option } from "effect"
import { Calls } from "../Calls.ts"
import { Transcripts } from "../Transcripts.ts"
import { WireLogs } from "./WireLogs.ts"

/** The repository; a call's log begins when it is inserted, before the world is touched, and ends with its stored end. */
export const layerRecordedTranscripts = Layer.effect(
  Transcripts,
  Effect.gen(function* () {
    const transcripts = yield* Transcripts
    const logs = yield* WireLogs
    return Transcripts.of({
      ...transcripts,
      insert: (call) =>
        Effect.tap(transcripts.insert(call), (id) =>
          // another id: the same request came before, and has its log
          Effect.sync(() => id === call.id && logs.begin(call))
        ),
      end: (id, end) =>
        Effect.tap(transcripts.end(id, end), () =>
          logs.of(id) === undefined
            ? Effect.void
            : transcripts.find(id).pipe(
                Effect.map(Option.map(logs.end)),
                Effect.catchAll(() => Effect.void)
              )
        )
    })
  })
)

/** The registry; what is asked for in mid-call comes to a call as much as what comes over the wire. */
export const layerRecordedCalls = Layer.effect(
  Calls,
  Effect.gen(function* () {
    const calls = yield* Calls
    const logs = yield* WireLogs
    return Calls.of({
      ...calls,
      hangUp: (id) =>
        Effect.zipRight(
          Effect.sync(() => logs.of(id)?.add({ on: "owner", dir: "in", is: "order", order: "hang-up" })),
          calls.hangUp(id)
        ),
      say: (id, text) =>
        Effect.zipRight(
          Effect.sync(() => logs.of(id)?.add({ on: "owner", dir: "in", is: "order", order: "say", text })),
          calls.say(id, text)
        ),
      stop: Effect.suspend(() => {
        for (const log of logs.live()) log.add({ on: "owner", dir: "in", is: "order", order: "stop" })
        return calls.stop
      })
    })
  })
)
