/**
 * Runs a whole program in virtual time: a scheduler and a clock of our own, drained by hand, so that minutes pass in
 * milliseconds and the same seed gives the same run. It knows nothing of calls.
 *
 * Time passes only when nobody can go on: no fiber is ready and foreign promises (made of microtasks, like those of the npm
 * twilio client) have settled. What waits for the real world beyond that (disk, sockets, real timers) says so with
 * `holdingTime`; else time runs past it.
 */
import { createHook } from "node:async_hooks"
import { setImmediate as nextTurn } from "node:timers/promises"
import { Clock, Duration, Effect, Exit, FiberId, Random, Scheduler, Schema, Utils } from "effect"
import { Entropy } from "../Entropy.ts"
import { letGo, ownedBy } from "./Leftovers.ts"
import { VirtualClock } from "./VirtualClock.ts"

export interface VirtualTimeOptions {
  /** Of `Random` and `Entropy`. */
  readonly seed: number
  /** What the clock shows at first. Default 2026-01-05T15:00:00Z, a Monday. */
  readonly startAt?: Date
  /** The run is stopped when more than this has passed. Default one day. */
  readonly maxVirtual?: Duration.DurationInput
}

const stopped = { at: Schema.String, elapsed: Schema.Duration }

/** Everybody waits and nobody sleeps: nothing can happen any more. */
export class SimulationDeadlock extends Schema.TaggedError<SimulationDeadlock>("phone/SimulationDeadlock")(
  "SimulationDeadlock",
  stopped
) {
  override get message() {
    return `everybody waits and nobody sleeps at ${this.at}, ${Duration.format(this.elapsed)} after the start`
  }
}

/** More virtual time has passed than the run was allowed. */
export class SimulationTooLong extends Schema.TaggedError<SimulationTooLong>("phone/SimulationTooLong")(
  "SimulationTooLong",
  stopped
) {
  override get message() {
    return `still running at ${this.at}, ${Duration.format(this.elapsed)} after the start`
  }
}

/** Fibers go on and on at one instant, and time never passes. */
export class SimulationLivelock extends Schema.TaggedError<SimulationLivelock>("phone/SimulationLivelock")(
  "SimulationLivelock",
  stopped
) {
  override get message() {
    return `time stands still and fibers never rest at ${this.at}, ${Duration.format(this.elapsed)} after the start`
  }
}

export type SimulationStopped = SimulationDeadlock | SimulationTooLong | SimulationLivelock

/** Bounds the tasks of one instant; a hundred calls need some thousands. */
const tasksPerInstant = 300_000

/** What a stopped program may still sleep while it cleans up. */
const grace = Duration.minutes(10)

/** A turn of the event loop is taken at least once in so many instants, so that signals and timers of the process are heard. */
const instantsPerTurn = 1_000

/**
 * Counts whatever may leave something to do for the event loop (promises made or settled, microtasks, ticks, timers). Where
 * it stands still, a turn of the loop would find nothing to do, and is not waited for.
 */
const foreign = (() => {
  let stirs = 0
  let watchers = 0
  const stir = () => {
    stirs++
  }
  const hook = createHook({ init: stir, promiseResolve: stir })
  return {
    get stirs() {
      return stirs
    },
    watch: () => {
      if (watchers++ === 0) hook.enable()
    },
    unwatch: () => {
      if (--watchers === 0) hook.disable()
    }
  }
})()

/** The tasks of all fibers of one run, done in the order of their priority, then of their coming. */
const makeTasks = () => {
  const buckets = new Scheduler.PriorityBuckets()
  let left = tasksPerInstant
  return {
    scheduler: Scheduler.make((task, priority) => buckets.scheduleTask(task, priority)),
    pending: () => buckets.buckets.length > 0,
    /** Counts something that was done at this instant beside the tasks. */
    count: () => {
      left--
    },
    newInstant: () => {
      left = tasksPerInstant
    },
    /** Runs until nobody is ready; `false` when this instant has had more tasks than it may. */
    drain: (): boolean => {
      if (left < 0) return false
      while (buckets.buckets.length > 0) {
        const ready = buckets.buckets
        buckets.buckets = []
        for (const [, tasks] of ready) {
          left -= tasks.length
          for (const task of tasks) task()
        }
        if (left < 0) return false
      }
      return true
    }
  }
}

const seededEntropy = (seed: number) => {
  const random = new Utils.PCGRandom(seed ^ 0x70686f6e)
  return { bytes: (count: number) => Uint8Array.from({ length: count }, () => random.integer(256)) }
}

/**
 * Keeps virtual time from passing while this effect waits for the real world (a file, a database elsewhere). Does nothing
 * outside of a run. What two such effects do at the same instant may end in either order.
 */
export const holdingTime = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Clock.clockWith((clock) =>
    clock instanceof VirtualClock
      ? Effect.acquireUseRelease(
          Effect.sync(() => clock.holds++),
          () => effect,
          () => Effect.sync(() => clock.holds--)
        )
      : effect
  )

/**
 * Runs the program to its end in virtual time. A run that cannot end is interrupted, so that its finalizers run, and
 * fails with the reason. A throw outside of any fiber (in the handler of a socket, say) ends the run as a defect. What
 * the program leaves behind when it ends (daemons, their sleeps) never goes on.
 */
export const run = async <A, E>(
  program: Effect.Effect<A, E>,
  options: VirtualTimeOptions
): Promise<Exit.Exit<A, E | SimulationStopped>> => {
  const clock = new VirtualClock(options.startAt ?? new Date("2026-01-05T15:00:00Z"))
  const tasks = makeTasks()
  let limit = clock.unsafeCurrentTimeMillis() + Duration.toMillis(options.maxVirtual ?? Duration.days(1))
  let stopped: SimulationStopped | undefined

  const fiber = Effect.runFork(
    program.pipe(
      ownedBy(clock),
      Effect.withClock(clock),
      Effect.withRandom(Random.make(options.seed)),
      Effect.provideService(Entropy, seededEntropy(options.seed))
    ),
    { scheduler: tasks.scheduler }
  )

  let seen = -1
  let instants = 0
  /** Whether the event loop has nothing for us, as far as is known. */
  const isCalm = () => foreign.stirs === seen && clock.holds === 0 && !tasks.pending() && instants < instantsPerTurn

  /** Lets time pass to the next instant at which somebody wakes, and wakes all of that instant, one after the other. */
  const pass = (): typeof SimulationDeadlock | typeof SimulationTooLong | typeof SimulationLivelock | undefined => {
    const next = clock.nextWake
    if (next === undefined) return SimulationDeadlock
    if (next > limit) return SimulationTooLong
    if (next > clock.unsafeCurrentTimeMillis()) tasks.newInstant()
    do {
      clock.wakeNext()
      tasks.count()
      if (!tasks.drain()) return SimulationLivelock
    } while (clock.nextWake === next)
    return undefined
  }

  foreign.watch()
  try {
    for (;;) {
      let rests = tasks.drain()
      if (!isCalm()) {
        do {
          await nextTurn()
          seen = foreign.stirs
          instants = 0
          rests = rests && tasks.drain()
        } while (rests && (clock.holds > 0 || foreign.stirs !== seen))
      }
      instants++
      const trouble = !rests ? SimulationLivelock : fiber.unsafePoll() === null ? pass() : undefined
      const exit = fiber.unsafePoll()
      if (exit !== null && !tasks.pending()) return stopped ? Exit.fail(stopped) : exit
      if (!trouble) continue
      if (stopped) return Exit.fail(stopped)
      const now = clock.unsafeCurrentTimeMillis()
      stopped = new trouble({ at: new Date(now).toISOString(), elapsed: clock.elapsed })
      limit = now + Duration.toMillis(grace)
      tasks.newInstant()
      fiber.unsafeInterruptAsFork(FiberId.none)
    }
  } catch (defect) {
    return Exit.die(defect)
  } finally {
    foreign.unwatch()
    letGo(clock)
  }
}
