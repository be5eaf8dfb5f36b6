/**
 * The world of one story about the call core: real `Calls` on a real store in memory, between a fake telephone and a fake
 * voice model. Works under any clock; `story` runs it in virtual time, where sleeping is free and lets everything settle.
 */
import { Path } from "@effect/platform"
import { Cause, Context, Effect, ExecutionStrategy, Exit, Layer, Schema, Scope, Stream } from "effect"
import { it } from "vitest"
import { Calls } from "../../src/Calls.ts"
import { PhoneConfig, type PhoneConfigInput, PhoneConfigSchema } from "../../src/Config.ts"
import { layerCalls } from "../../src/call/PhoneCalls.ts"
import type { Call, CallRequest } from "../../src/domain/Call.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { layerMemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { run } from "../../src/simulation/VirtualTime.ts"
import { layerSqlite } from "../../src/sql/Sqlite.ts"
import { layerTranscripts } from "../../src/sql/SqlTranscripts.ts"
import { Telephone } from "../../src/Telephone.ts"
import { Transcripts } from "../../src/Transcripts.ts"
import { VoiceModel } from "../../src/VoiceModel.ts"
import { type FakeModel, type FakeSession, makeFakeModel } from "./FakeModel.ts"
import { type FakeLine, type FakeTelephone, makeFakeTelephone } from "./FakeTelephone.ts"

export interface WorldOptions {
  readonly config?: Partial<PhoneConfigInput>
  /** Puts something in front of the store, a fault for example. */
  readonly store?: (store: Transcripts["Type"]) => Transcripts["Type"]
}

export interface World {
  readonly calls: Calls["Type"]
  readonly store: Transcripts["Type"]
  readonly telephone: FakeTelephone
  readonly model: FakeModel
  /** The last line dialled, and the last session opened. */
  readonly line: () => FakeLine
  readonly session: () => FakeSession
  readonly place: (request?: Partial<CallRequest>) => ReturnType<Calls["Type"]["place"]>
  /** Everything published about a call, from now on until its end. */
  readonly watch: (id: string, after?: number) => Effect.Effect<ReadonlyArray<CallEvent>>
  /** Stops the service, as at the end of the process. */
  readonly stop: Effect.Effect<void>
}

export const configured = (config: Partial<PhoneConfigInput> = {}) =>
  Schema.decodeSync(PhoneConfigSchema)({
    accountSid: `AC${"0".repeat(32)}`,
    authToken: "secret",
    phoneNumber: "+15550009999",
    openaiApiKey: "key",
    webhookHost: "https://example.com",
    database: ":memory:",
    transcriptsDir: "/transcripts",
    callsPerSecond: 100,
    ...config
  })

const last = <A>(list: ReadonlyArray<A>, what: string): A => {
  const found = list.at(-1)
  if (found === undefined) throw new Error(`There is no ${what} yet.`)
  return found
}

export const makeWorld = Effect.fnUntraced(function* (options: WorldOptions = {}) {
  const telephone = makeFakeTelephone()
  const model = makeFakeModel()
  const layerStore = Layer.map(layerTranscripts, (context) =>
    Context.make(Transcripts, (options.store ?? ((store) => store))(Context.get(context, Transcripts)))
  ).pipe(Layer.provide(layerSqlite))
  const layer = layerCalls.pipe(
    Layer.provideMerge(layerStore),
    Layer.provide(Layer.succeed(Telephone, telephone.service)),
    Layer.provide(Layer.succeed(VoiceModel, model.service)),
    Layer.provide(Layer.succeed(PhoneConfig, configured(options.config))),
    Layer.provide(Layer.merge(layerMemoryFiles, Path.layer))
  )
  const service = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
  const context = yield* Layer.buildWithScope(layer, service)
  const calls = Context.get(context, Calls)
  const world: World = {
    calls,
    store: Context.get(context, Transcripts),
    telephone,
    model,
    line: () => last(telephone.lines, "line"),
    session: () => last(model.sessions, "session"),
    place: (request = {}) => calls.place({ to: "+15551234567", task: "Book a table for two.", ...request }),
    watch: (id, after = 0) =>
      calls.watch(id, { after }).pipe(
        Stream.runCollect,
        Effect.map((chunk) => [...chunk]),
        Effect.orDie
      ),
    stop: Scope.close(service, Exit.void)
  }
  return world
})

/** A test in virtual time: minutes pass in milliseconds, and `Effect.sleep` returns when all that can happen has happened. */
export const story = (
  name: string,
  body: (world: World) => Effect.Effect<void, unknown, Scope.Scope>,
  options: WorldOptions = {}
) =>
  it(name, async () => {
    const exit = await run(Effect.scoped(Effect.flatMap(makeWorld(options), body)), {
      seed: 7,
      maxVirtual: "1 hour"
    })
    if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  })

/** Lets everything that can happen now happen. */
export const settle = Effect.sleep("1 millis")

/** Places a call and lets it be answered: the opening is about to be played. */
export const answered = Effect.fnUntraced(function* (world: World, request: Partial<CallRequest> = {}) {
  const id = yield* world.place(request)
  yield* Effect.sleep("100 millis")
  world.line().status("ringing")
  yield* Effect.sleep("3 seconds")
  world.line().answer()
  yield* settle
  return id
})

/** The same, and the opening has been heard. */
export const talking = Effect.fnUntraced(function* (world: World, request: Partial<CallRequest> = {}) {
  const id = yield* answered(world, request)
  yield* Effect.sleep("3 seconds")
  return id
})

/** Whoever has begun to speak into our words goes on for so long that it is no noise: an interruption. */
export const insists = Effect.sleep("3010 millis")

/** The callee says something, in the time it takes to say it. */
export const says = Effect.fnUntraced(function* (world: World, text: string, ms = 1_000) {
  const session = world.session()
  const itemId = session.starts()
  yield* Effect.sleep(`${ms} millis`)
  session.stops(itemId)
  yield* settle
  session.writes(itemId, text)
  yield* settle
  return itemId
})

/** The record of a call once it has ended. */
export const ended = (world: World, id: string): Effect.Effect<Call> =>
  Effect.gen(function* () {
    yield* world.watch(id)
    return yield* world.calls.status(id)
  }).pipe(Effect.orDie)

export const spoken = (call: Call) => call.transcript.map(({ role, text }) => `${role}: ${text}`)
