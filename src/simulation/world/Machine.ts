/** The simulated computer that Phone runs on: one disk, one wall clock, one life of the service after the other. */

import type { FileSystem, Path } from "@effect/platform"
import { Deferred, Duration, Effect, FiberRef, Option, type Scope, Stream, SubscriptionRef } from "effect"
import type { MemoryNetwork } from "../../wire/Memory.ts"
import { type Fault, faultsOf } from "../faults/Fault.ts"
import type { Trouble } from "../faults/Trouble.ts"
import { MemoryFiles } from "../MemoryFiles.ts"
import type { SimulationOptions } from "../Simulation.ts"
import type { InTheWay } from "./Database.ts"
import { Mortal } from "./Mortal.ts"
import { type Process, startProcess } from "./Process.ts"
import type { Life } from "./Run.ts"
import type { Sabotage } from "./Sabotage.ts"
import { WallClock } from "./WallClock.ts"

export interface Machine {
  /** The service that runs; waits for one. */
  readonly process: Effect.Effect<Process>
  /** Stops the service in good order; another starts a second later. */
  readonly stop: Effect.Effect<void>
  readonly wall: WallClock
  readonly lives: ReadonlyArray<Life>
}

type Kill = Extract<Fault, { readonly kill: unknown }>["kill"]

/** Whoever keeps a service running starts it again after so long. */
const startAgain = Duration.seconds(1)

/** Until all faults of the machine are over, in seconds from the start. */
export const troubledUntil = (plan: ReadonlyArray<Fault>): number =>
  Math.max(
    0,
    ...faultsOf(plan, "fillDisk").map((fault) => fault.at + fault.for),
    ...faultsOf(plan, "lockDatabase").map((fault) => fault.at + fault.for),
    downUntil(faultsOf(plan, "kill")),
    ...faultsOf(plan, "setClock").map((fault) => fault.at)
  )

/** One that comes while another is at work has its turn after it. */
const downUntil = (kills: ReadonlyArray<Kill>): number =>
  kills.toSorted((one, other) => one.at - other.at).reduce((end, { at, downFor = 1 }) => Math.max(end, at) + downFor, 0)

/** A machine with the service on it, started again whenever it ends. Faults of the machine happen from now on. */
export const makeMachine = Effect.fnUntraced(function* (
  options: SimulationOptions,
  trouble: Trouble,
  sabotage: Sabotage
): Effect.fn.Return<Machine, never, MemoryNetwork | MemoryFiles | FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const clock = yield* Effect.clock
  const files = yield* MemoryFiles
  const now = () => clock.unsafeCurrentTimeMillis()
  const wall = new WallClock(clock)
  const lives: Array<Life> = []
  const running = yield* SubscriptionRef.make(Option.none<Process>())
  let stopped = yield* Deferred.make<void>()
  let downFor: Duration.DurationInput = startAgain
  const inTheWay: InTheWay = { locked: false, full: false }
  let mortal: Mortal | undefined
  /** What strikes the next service, since none was there. */
  const waiting: Array<Extract<Fault, { readonly kill: unknown }>> = []

  const doom = (victim: Mortal, fault: (typeof waiting)[number]): void => {
    const { downFor: seconds = 1, steps = 0 } = fault.kill
    victim.doom(steps, () => {
      // what is left of one that has stopped cannot be killed
      if (mortal !== victim) return
      trouble.meet(now(), fault)
      downFor = Duration.seconds(seconds)
    })
  }

  const live = Effect.gen(function* () {
    const life: Life = { startedAt: now(), endedAt: undefined, end: undefined }
    lives.push(life)
    const end = (how: Life["end"]) => {
      mortal = undefined
      life.end = how
      life.endedAt = now()
    }
    const mine = new Mortal(yield* FiberRef.get(FiberRef.currentScheduler))
    mortal = mine
    for (const fault of waiting.splice(0)) doom(mine, fault)
    // who slept when the one before was killed never wakes
    wall.forget()
    const started = yield* Effect.option(startProcess(options, wall, inTheWay, sabotage, mine))
    if (Option.isNone(started)) {
      end("did not start")
      return yield* Effect.sleep(startAgain)
    }
    if (Option.isNone(started.value)) {
      end("killed")
      return yield* Effect.sleep(downFor)
    }
    const process = started.value.value
    stopped = yield* Deferred.make<void>()
    yield* SubscriptionRef.set(running, started.value)
    const dies = Effect.as(mine.death, true)
    const died = yield* Effect.raceFirst(dies, Effect.as(Deferred.await(stopped), false))
    const killed = died ? yield* Effect.as(process.kill, true) : !(yield* process.stop)
    yield* SubscriptionRef.set(running, Option.none())
    end(killed ? "killed" : "stopped")
    yield* Effect.sleep(killed ? downFor : startAgain)
  })
  yield* Effect.forkScoped(Effect.forever(live))

  const lock = (yes: boolean) =>
    Effect.sync(() => {
      inTheWay.locked = yes
    })
  const fill = (yes: boolean) =>
    Effect.sync(() => {
      inTheWay.full = yes
      files.setFull(yes)
    })

  /** Does it at its time, and undoes it at the end of its time. */
  const during = (
    fault: Fault,
    times: { readonly at: number; readonly for?: number },
    act: (yes: boolean) => Effect.Effect<void>
  ) =>
    Effect.gen(function* () {
      yield* Effect.sleep(Duration.seconds(times.at))
      trouble.meet(now(), fault)
      yield* act(true)
      if (times.for === undefined) return
      yield* Effect.sleep(Duration.seconds(times.for))
      yield* act(false)
    })
  for (const fault of trouble.plan) {
    if ("fillDisk" in fault) yield* Effect.forkScoped(during(fault, fault.fillDisk, fill))
    if ("lockDatabase" in fault) yield* Effect.forkScoped(during(fault, fault.lockDatabase, lock))
    if ("setClock" in fault) {
      const { at, by } = fault.setClock
      yield* Effect.forkScoped(during(fault, { at }, () => Effect.sync(() => wall.put(by * 1000))))
    }
    if ("kill" in fault) {
      const strike = Effect.sync(() => {
        if (mortal?.alive === true) doom(mortal, fault)
        else waiting.push(fault)
      })
      yield* Effect.forkScoped(Effect.delay(strike, Duration.seconds(fault.kill.at)))
    }
  }

  return {
    process: running.changes.pipe(
      Stream.filterMap((process) => process),
      Stream.runHead,
      Effect.flatMap(
        Option.match({
          onNone: () => Effect.dieMessage("the machine is gone"),
          onSome: Effect.succeed
        })
      )
    ),
    stop: Effect.suspend(() => Effect.asVoid(Deferred.succeed(stopped, undefined))),
    wall,
    lives
  }
})
