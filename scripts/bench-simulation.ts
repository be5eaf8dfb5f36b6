/**
 * How fast whole calls are simulated: many short ones, each in a world and a run of its own, one long one with speech on
 * both sides, and many at once in one world. CPU time of this process is measured, so that other programs hardly matter.
 */
import { cpus } from "node:os"
import { parseArgs } from "node:util"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Data, Effect, Exit, Layer, Logger, LogLevel } from "effect"
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

/** CPU seconds that an effect takes, beside its result. */
const timed = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.suspend(() => {
    const before = process.cpuUsage()
    return Effect.map(effect, (result) => {
      const { system, user } = process.cpuUsage(before)
      return { result, cpu: (system + user) / 1e6 }
    })
  })

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

const report = (name: string, { cpu, result: seconds }: { readonly cpu: number; readonly result: number }) => {
  const speed = Math.round(seconds / cpu)
  const tick = ((cpu / (seconds * 50)) * 1e6).toFixed(1)
  return Console.log(
    `${name.padEnd(44)}${seconds.toFixed(0).padStart(7)} s connected${cpu.toFixed(2).padStart(8)} s of CPU${String(speed).padStart(7)} call-s/s${tick.padStart(8)} us/tick`
  )
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
  yield* report(`${calls} short calls, a world each`, yield* timed(shorts(seed, calls)))
  yield* report(`a call of ${minutes} minutes`, yield* timed(long(seed, minutes)))
  yield* report(`${concurrent} calls at once in one world`, yield* timed(together(seed, concurrent)))
})

NodeRuntime.runMain(bench)
