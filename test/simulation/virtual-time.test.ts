import { setImmediate as nextTurn } from "node:timers/promises"
import { expect, it } from "@effect/vitest"
import {
  Cause,
  Clock,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  FiberMap,
  Mailbox,
  Random,
  Ref,
  Runtime,
  Schedule,
  Stream
} from "effect"
import { newToken } from "../../src/Entropy.ts"
import { holdingTime, run } from "../../src/simulation/VirtualTime.ts"

const seed = 1
const now = Effect.map(Clock.currentTimeMillis, (millis) => new Date(millis).toISOString().slice(11, 23))

const value = async <A, E>(program: Effect.Effect<A, E>, options: Partial<Parameters<typeof run>[1]> = {}) =>
  Exit.getOrElse(await run(program, { seed, startAt: new Date("2026-01-05T00:00:00Z"), ...options }), (cause) => {
    throw new Error(Cause.pretty(cause))
  })

const failure = <A, E>(exit: Exit.Exit<A, E>) =>
  Exit.match(exit, { onSuccess: () => undefined, onFailure: (cause) => Cause.squash(cause) })

it("lets ten minutes pass in a moment, and the clock shows them", async () => {
  const ticks = Effect.repeat(Effect.sleep("20 millis"), Schedule.recurs(29_999))
  expect(await value(Effect.zipRight(ticks, now))).toBe("00:10:00.000")
}, 10_000)

it("wakes sleepers by time, and by turn when they are due together", async () => {
  const log: Array<string> = []
  const after = (name: string, millis: number) =>
    Effect.zipRight(
      Effect.sleep(millis),
      Effect.map(now, (at) => log.push(`${name} ${at.slice(6)}`))
    )
  await value(Effect.all([after("b", 20), after("a", 10), after("c", 20), after("z", 0)], { concurrency: "unbounded" }))
  expect(log).toEqual(["z 00.000", "a 00.010", "b 00.020", "c 00.020"])
})

it("rounds parts of a millisecond up, so that nobody wakes early", async () => {
  expect(await value(Effect.zipRight(Effect.sleep(Duration.micros(1_500n)), now))).toBe("00:00:00.002")
  expect(await value(Effect.zipRight(Effect.sleep("2 millis"), Clock.currentTimeNanos))).toBe(
    BigInt(Date.parse("2026-01-05T00:00:00.002Z")) * 1_000_000n
  )
})

/** Something with races, randomness and jitter, telling everything that happened. */
const story = Effect.gen(function* () {
  const log = yield* Ref.make<ReadonlyArray<string>>([])
  const say = (what: string) => Effect.flatMap(now, (at) => Ref.update(log, (lines) => [...lines, `${at} ${what}`]))
  const worker = (name: number) =>
    Effect.gen(function* () {
      yield* Effect.sleep(yield* Random.nextIntBetween(1, 50))
      yield* say(`${name} ${yield* newToken}`)
      if (yield* Random.nextBoolean) return yield* Effect.fail("unlucky")
    }).pipe(Effect.retry(Schedule.jittered(Schedule.exponential("10 millis"))))
  yield* Effect.forEach([1, 2, 3, 4, 5], worker, { concurrency: 3 })
  return yield* Ref.get(log)
})

it("tells the same story for the same seed, another for another", async () => {
  const first = await value(story, { seed: 7 })
  expect(first.length).toBeGreaterThan(4)
  expect(await value(story, { seed: 7 })).toEqual(first)
  expect(await value(story, { seed: 8 })).not.toEqual(first)
})

it("waits for a long chain of promises without letting time pass", async () => {
  const chain = async () => {
    for (let step = 0; step < 50; step++) await Promise.resolve(step)
    return "through"
  }
  const program = Effect.gen(function* () {
    const impatient = yield* Effect.fork(Effect.as(Effect.sleep("1 millis"), "time passed"))
    const chained = yield* Effect.promise(chain)
    return [chained, yield* now, yield* Fiber.join(impatient)]
  })
  expect(await value(program)).toEqual(["through", "00:00:00.000", "time passed"])
})

it("waits for foreign code in the middle of a run: promises made long ago, microtasks, ticks", async () => {
  const soon = (name: string, plan: (act: () => void) => void) =>
    Effect.async<string>((resume) => plan(() => resume(Effect.succeed(name))))
  const at = (what: Effect.Effect<string>) => Effect.zipWith(what, now, (name, time) => `${name} ${time}`)
  const program = Effect.gen(function* () {
    yield* Effect.fork(Effect.forever(Effect.sleep("1 millis")))
    const { promise, resolve } = Promise.withResolvers<string>()
    const waiting = yield* Effect.fork(at(Effect.promise(() => promise.then((name) => name))))
    yield* Effect.sleep("10 seconds")
    resolve("promise")
    const settled = yield* Fiber.join(waiting)
    yield* Effect.sleep("10 seconds")
    const microtask = yield* at(soon("microtask", queueMicrotask))
    yield* Effect.sleep("10 seconds")
    return [settled, microtask, yield* at(soon("tick", process.nextTick))]
  })
  const expected = ["promise 00:00:10.000", "microtask 00:00:20.000", "tick 00:00:30.000"]
  expect(await Promise.all([value(program), value(program)])).toEqual([expected, expected])
})

it("holds time for what waits for the real world, when told", async () => {
  const turns = Effect.promise(async () => {
    for (let turn = 0; turn < 20; turn++) await nextTurn()
  })
  const racing = (work: Effect.Effect<void>) =>
    Effect.raceFirst(Effect.zipRight(work, now), Effect.zipRight(Effect.sleep("1 second"), now))
  expect(await value(racing(turns))).toBe("00:00:01.000")
  expect(await value(racing(holdingTime(turns)))).toBe("00:00:00.000")
})

it("names the time at which everybody waits for nobody", async () => {
  let released = false
  const stuck = Effect.gen(function* () {
    yield* Effect.sleep("90 seconds")
    yield* Deferred.await(yield* Deferred.make<void>())
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        released = true
      })
    )
  )
  const exit = await run(stuck, { seed, startAt: new Date("2026-01-05T00:00:00Z") })
  expect(failure(exit)).toMatchObject({
    _tag: "SimulationDeadlock",
    at: "2026-01-05T00:01:30.000Z",
    message: "everybody waits and nobody sleeps at 2026-01-05T00:01:30.000Z, 1m 30s after the start"
  })
  expect(released).toBe(true)
})

it("takes an infinite sleep for waiting", async () => {
  expect(failure(await run(Effect.sleep(Duration.infinity), { seed }))).toMatchObject({ _tag: "SimulationDeadlock" })
})

it("stops what runs longer than allowed, and lets it clean up", async () => {
  let cleaned = ""
  const endless = Effect.forever(Effect.sleep("7 seconds")).pipe(
    Effect.ensuring(
      Effect.zipRight(
        Effect.sleep("30 seconds"),
        Effect.map(now, (at) => {
          cleaned = at
        })
      )
    )
  )
  const exit = await run(endless, { seed, startAt: new Date("2026-01-05T00:00:00Z"), maxVirtual: "1 minute" })
  expect(failure(exit)).toMatchObject({ _tag: "SimulationTooLong", at: "2026-01-05T00:00:56.000Z" })
  expect(cleaned).toBe("00:01:26.000")
})

it("does not hang on fibers that never rest", async () => {
  const spin = Effect.forever(Effect.yieldNow())
  expect(failure(await run(spin, { seed }))).toMatchObject({ _tag: "SimulationLivelock" })
  const naps = Effect.forever(Effect.sleep(0))
  expect(failure(await run(naps, { seed }))).toMatchObject({ _tag: "SimulationLivelock" })
}, 60_000)

it("wakes nobody whose sleep was interrupted, and does not wait for it", async () => {
  const program = Effect.gen(function* () {
    let woke = false
    const sleeper = yield* Effect.fork(
      Effect.zipRight(
        Effect.sleep("1 hour"),
        Effect.sync(() => {
          woke = true
        })
      )
    )
    yield* Effect.sleep("1 second")
    yield* Fiber.interrupt(sleeper)
    const interrupted = yield* now
    yield* Effect.sleep("2 hours")
    return [interrupted, woke, yield* now]
  })
  expect(await value(program)).toEqual(["00:00:01.000", false, "02:00:01.000"])
  const dropped = Effect.zipRight(Effect.timeout(Effect.never, "1 second").pipe(Effect.ignore), Effect.never)
  expect(failure(await run(dropped, { seed }))).toMatchObject({ _tag: "SimulationDeadlock" })
})

it("drives timeouts, retries, streams, mailboxes and fiber maps", async () => {
  const program = Effect.gen(function* () {
    const timedOut = yield* Effect.flip(Effect.timeout(Effect.never, "30 seconds"))
    const afterTimeout = yield* now
    yield* Effect.ignore(
      Effect.retry(Effect.fail("busy"), Schedule.intersect(Schedule.exponential("1 second"), Schedule.recurs(3)))
    )
    const afterRetry = yield* now
    const mailbox = yield* Mailbox.make<number>()
    yield* Effect.fork(
      Effect.zipRight(
        Effect.forEach([1, 2, 3], (frame) => Effect.zipRight(Effect.sleep("20 millis"), mailbox.offer(frame))),
        mailbox.end
      )
    )
    const frames = yield* Stream.runCollect(Stream.zipLatest(Mailbox.toStream(mailbox), Stream.make("x")))
    const timers = yield* FiberMap.make<string, void>()
    yield* FiberMap.run(timers, "a", Effect.sleep("1 minute"))
    yield* FiberMap.run(timers, "a", Effect.sleep("2 seconds"))
    yield* FiberMap.awaitEmpty(timers)
    return [timedOut._tag, afterTimeout, afterRetry, frames.length, yield* now]
  })
  expect(await value(Effect.scoped(program))).toEqual([
    "TimeoutException",
    "00:00:30.000",
    "00:00:37.000",
    3,
    "00:00:39.060"
  ])
})

it("keeps what a captured runtime starts inside virtual time", async () => {
  const program = Effect.gen(function* () {
    const runtime = yield* Effect.runtime()
    const nap = Effect.zipRight(Effect.sleep("5 minutes"), now)
    const promised = yield* Effect.promise(() => Runtime.runPromise(runtime)(nap))
    const forked = yield* Fiber.join(Runtime.runFork(runtime)(nap))
    return [promised, forked]
  })
  expect(await value(program)).toEqual(["00:05:00.000", "00:10:00.000"])
})

it("ends with the program's own failure, interruption or defect", async () => {
  expect(await run(Effect.fail("no"), { seed })).toEqual(Exit.fail("no"))
  expect(Exit.isInterrupted(await run(Effect.interrupt, { seed }))).toBe(true)
  const thrown = new Error("thrown in a callback")
  const program = Effect.async<void>((resume) => resume(Effect.die(thrown)))
  expect(failure(await run(program, { seed }))).toBe(thrown)
})
