/**
 * How fast whole calls are simulated: many short ones, each in a world and a run of its own, one long one with speech on
 * both sides, and many at once in one world. CPU time of this process is measured, so that other programs hardly matter: that
 * of all its threads, and that of the one that simulates (the others compile and collect garbage). Each is done once
 * before it counts, and then five times, of which the median is told.
 */
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { NodeRuntime } from "@effect/platform-node"
import { Array as Arr, Console, Data, Effect, Exit, Layer, Logger, LogLevel, Order } from "effect"
import { Calls } from "../src/index.ts"
import {
  type CalleeScript,
  documentedNumbers,
  layerSimulation,
  Outside,
  run,
  type SimulationOptions,
  scriptedMind
} from "../src/simulation/index.ts"

class BenchFailed extends Data.TaggedError("BenchFailed")<{ readonly message: string }> {}

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "140" },
    minutes: { type: "string", default: "10" },
    concurrent: { type: "string", default: "50" },
    seed: { type: "string", default: "1" }
  }
})

const count = (name: keyof typeof values): number => {
  const value = Number(values[name])
  if (!Number.isInteger(value) || value < 1) throw new BenchFailed({ message: `--${name} must be a positive number` })
  return value
}

const task = "Book an appointment for Tuesday at 2 pm."

/** Places the calls one beside the other, waits for them and their recordings, and tells how long they were connected, in seconds. */
const connected = (numbers: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const calls = yield* Calls
    const { twilio } = yield* Outside
    const one = (to: string) => Effect.flatMap(calls.place({ to, task }), (id) => Effect.ignore(calls.await(id)))
    yield* Effect.forEach(numbers, one, { concurrency: "unbounded", discard: true })
    yield* Effect.sleep("10 seconds")
    return twilio.calls().reduce((sum, { answeredAt, endedAt }) => {
      return answeredAt === undefined || endedAt === undefined ? sum : sum + (endedAt - answeredAt) / 1000
    }, 0)
  })

const quiet = Logger.minimumLogLevel(LogLevel.Fatal)

/** One run of a world of its own. */
const simulated = <A, E>(
  program: Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof layerSimulation>>>,
  options: SimulationOptions,
  seed: number
) =>
  Effect.flatMap(
    Effect.promise(() => run(Effect.provide(program, Layer.provideMerge(layerSimulation(options), quiet)), { seed })),
    Exit.match({
      onFailure: (cause) => new BenchFailed({ message: `a simulation failed: ${cause}` }),
      onSuccess: Effect.succeed
    })
  )

const secondsOf = ({ system, user }: NodeJS.CpuUsage) => (system + user) / 1e6

/** CPU seconds that an effect takes, of all threads and of this one, beside its result. */
const timed = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.suspend(() => {
    const before = process.cpuUsage()
    const here = process.threadCpuUsage()
    return Effect.map(effect, (result) => ({
      result,
      cpu: secondsOf(process.cpuUsage(before)),
      thread: secondsOf(process.threadCpuUsage(here))
    }))
  })

const runs = 5

/** The run in the middle of those after the first. */
const median = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.zipRight(effect, Effect.replicateEffect(timed(effect), runs)).pipe(
    Effect.map(Arr.sortWith(({ cpu }) => cpu, Order.number)),
    Effect.flatMap((sorted) => Effect.fromNullable(sorted[(runs - 1) / 2])),
    Effect.orDie
  )

const shorts = (seed: number, calls: number) =>
  Effect.map(
    Effect.forEach(
      Array.from({ length: calls }, (_, index) => index),
      (index) => {
        const number = documentedNumbers[index % documentedNumbers.length]?.number ?? ""
        return simulated(connected([number]), {}, seed + index)
      }
    ),
    (seconds) => seconds.reduce((sum, each) => sum + each, 0)
  )

/** Talks with whoever listens for so many minutes, and hangs up. */
const talkative = (minutes: number): CalleeScript => {
  const rounds = [
    { say: "Good morning, this is the office of Doctor Smith. What can I do for you today?" },
    { listen: {} },
    { say: "I see. Let me have a look at the calendar, and please tell me a little more." },
    { listen: {} }
  ]
  // the limit of the call ends it
  return {
    answers: { after: 2, as: "human", amdAfter: 1.5 },
    steps: [{ repeat: { times: minutes * 30, steps: rounds } }]
  }
}

const story = "I would like an appointment on Tuesday at two in the afternoon, if that is possible for you at all."

const mind = scriptedMind([{ tag: "outcome", plan: [{ write: "{}" }] }], () => [{ say: story }])

const long = (seed: number, minutes: number) =>
  simulated(
    connected(["+15551234567"]),
    {
      config: { maxCallDuration: minutes * 60 },
      twilio: { callees: () => talkative(minutes) },
      realtime: { mind }
    },
    seed
  )

const together = (seed: number, calls: number) =>
  simulated(
    connected(Array.from({ length: calls }, (_, index) => `+1555${String(2_000_000 + index)}`)),
    {
      config: { maxConcurrentCalls: 1000, callsPerSecond: 100 },
      realtime: { keep: calls },
      twilio: { keepCalls: calls }
    },
    seed
  )

const heading = `${" ".repeat(42)}connected   CPU, all   this thread   us/tick   call-s per CPU-s, all   this thread`

const report = (
  name: string,
  { cpu, result: seconds, thread }: { readonly cpu: number; readonly thread: number; readonly result: number }
) => {
  const tick = ((cpu / (seconds * 50)) * 1e6).toFixed(1)
  const times = `${seconds.toFixed(0).padStart(7)} s${cpu.toFixed(2).padStart(9)} s${thread.toFixed(2).padStart(12)} s`
  const speeds = `${String(Math.round(seconds / cpu)).padStart(24)}${String(Math.round(seconds / thread)).padStart(14)}`
  return Console.log(`${name.padEnd(42)}${times}${tick.padStart(10)}${speeds}`)
}

const repeated = 40

const each = (cpu: number) => `${((cpu / repeated) * 1000).toFixed(2)} ms`

const bench = Effect.gen(function* () {
  const seed = count("seed")
  const calls = count("calls")
  const minutes = count("minutes")
  const concurrent = count("concurrent")
  yield* Console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, seed ${seed}`)
  const cold = yield* timed(shorts(seed, 1))
  yield* Console.log(`the first call of the process: ${(cold.cpu * 1000).toFixed(0)} ms of CPU`)
  yield* shorts(seed, 2 * documentedNumbers.length)
  const empty = yield* timed(
    Effect.replicateEffect(
      Effect.promise(() => run(Effect.void, { seed })),
      repeated
    )
  )
  const built = yield* timed(Effect.replicateEffect(simulated(Effect.void, {}, seed), repeated))
  yield* Console.log(`a run of nothing: ${each(empty.cpu)}, a world without calls: ${each(built.cpu)}`)
  yield* Console.log(heading)
  yield* report(`${calls} short calls, a world each`, yield* median(shorts(seed, calls)))
  yield* report(`a call of ${minutes} minutes`, yield* median(long(seed, minutes)))
  yield* report(`${concurrent} calls at once in one world`, yield* median(together(seed, concurrent)))
})

NodeRuntime.runMain(bench)
