/**
 * A process that can die at any step: the fibers of one scheduler, which are simply never run again. No finalizer gets a
 * turn, as with `kill -9`.
 */
import { Scheduler } from "effect"

export class Mortal {
  readonly scheduler: Scheduler.Scheduler
  #alive = true
  /** Steps left to live; `undefined`: for ever. */
  #left: number | undefined
  #died = () => {}

  constructor(living: Scheduler.Scheduler) {
    const step = (run: () => void) => () => {
      if (this.#left !== undefined && --this.#left < 0) this.die()
      if (this.#alive) run()
    }
    this.scheduler = Scheduler.make((run, priority) => living.scheduleTask(step(run), priority))
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Lets it live for so many more steps of its fibers, then dies and tells. */
  doom(steps: number, died: () => void): void {
    this.#left = steps
    this.#died = died
  }

  die(): void {
    if (!this.#alive) return
    this.#alive = false
    this.#died()
  }
}
