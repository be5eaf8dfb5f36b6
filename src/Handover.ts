/**
 * The way of events from callbacks to one listener, which gets them synchronously: no fiber wakes for each. Until somebody
 * listens they wait in a mailbox, whose bound and strategy are its maker's choice. Knows nothing of what the events mean.
 */
import { Chunk, Effect, type Exit, type Mailbox, Option } from "effect"

export class Handover<A, E = never> {
  readonly #waiting: Mailbox.Mailbox<A, E>
  #listener: ((event: A) => void) | undefined
  #over = false

  /** The mailbox may be read by others before `follow`, but only this offers to it and ends it. */
  constructor(waiting: Mailbox.Mailbox<A, E>) {
    this.#waiting = waiting
  }

  /** `false`: all is over, or too much waits for a listener. */
  offer(event: A): boolean {
    if (this.#over) return false
    if (this.#listener === undefined) return this.#waiting.unsafeOffer(event)
    this.#listener(event)
    return true
  }

  /** What is offered from now on is dropped. */
  end(exit: Exit.Exit<void, E>): void {
    this.#over = true
    this.#waiting.unsafeDone(exit)
  }

  /**
   * Hands what waits and then what comes, in order, to `listener`, which must not throw. Ends as the events do. For one
   * listener, once: when that was interrupted, the rest is dropped.
   */
  follow(listener: (event: A) => void): Effect.Effect<void, E> {
    return Effect.flatMap(this.#waiting.clear, (waited) => {
      Chunk.forEach(waited, (event) => listener(event))
      // something came between the taking and now
      if (Option.getOrElse(this.#waiting.unsafeSize(), () => 0) > 0) return this.follow(listener)
      this.#listener = listener
      return Effect.onInterrupt(this.#waiting.await, () =>
        Effect.sync(() => {
          this.#over = true
        })
      )
    })
  }
}
