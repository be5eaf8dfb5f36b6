/**
 * A process that can die at any step: the fibers of one scheduler, which are simply never run again. No finalizer gets a
 * turn, as with `kill -9`.
 */
import { Deferred, Effect, FiberId, Scheduler } from "effect"

export class Mortal {
  readonly scheduler: Scheduler.Scheduler
  readonly #death = Deferred.unsafeMake<void>(FiberId.none)
  #alive = true
  /** Of several dooms the first to come. */
  #doom: { left: number; readonly dies: () => void } | undefined

  constructor(living: Scheduler.Scheduler) {
    const step = (run: () => void) => () => {
      if (this.#alive && this.#doom !== undefined && --this.#doom.left < 0) {
        this.#doom.dies()
        this.die()
      }
      if (this.#alive) run()
    }
    this.scheduler = Scheduler.make((run, priority) => living.scheduleTask(step(run), priority))
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Waits for its death. */
  get death(): Effect.Effect<void> {
    return Deferred.await(this.#death)
  }

  /** Lets it live for so many more steps of its fibers at most; `dies` is told if it is this that it dies of. */
  doom(steps: number, dies: () => void): void {
    if (this.#doom === undefined || steps < this.#doom.left) this.#doom = { left: steps, dies }
  }

  die(): void {
    if (!this.#alive) return
    this.#alive = false
    Deferred.unsafeDone(this.#death, Effect.void)
  }
}
