/**
 * Lets go of the fibers that a run leaves behind. Effect keeps every fiber without a parent until it ends, and with it all
 * that it refers to; those of a killed process never end. It does not run or interrupt anything.
 */
import { Effect, type Fiber, FiberRef, GlobalValue } from "effect"

const owner = FiberRef.unsafeMake<object | undefined>(undefined)

/** Where Effect 3 keeps fibers without a parent. */
const scopeOfAll = () =>
  GlobalValue.globalValue(Symbol.for("effect/FiberScope/Global"), () => ({
    roots: new Set<Fiber.RuntimeFiber<unknown, unknown>>()
  }))

/** Marks all fibers of a run as those of `run`. */
export const ownedBy =
  (run: object) =>
  <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.locally(program, owner, run)

/** Nobody will ever run the fibers of `run` again. */
export const letGo = (run: object): void => {
  const { roots } = scopeOfAll()
  for (const fiber of roots) if (fiber.getFiberRef(owner) === run) roots.delete(fiber)
}
