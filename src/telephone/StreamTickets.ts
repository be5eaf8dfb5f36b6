/**
 * The single-use tokens of one call's media streams. Each rendering of TwiML has its own, one for each stream that it offers,
 * so TwiML that is fetched twice cannot make two conversations: a stream only ever replaces an older one. Knows no socket.
 */
import { Deferred, Exit, FiberId } from "effect"

export interface StreamTicket {
  /** Done when a stream of this rendering, or of a later one, has started. */
  readonly started: Deferred.Deferred<void>
}

/** So many tokens can be on their way at once; what is older is forgotten. */
const outstanding = 24

export class StreamTickets {
  /** By token, in the order of issue. */
  readonly #open = new Map<string, StreamTicket>()
  #unused = 0

  /** Renderings since the last stream that really started: how often in a row Twilio could not reach us. */
  get unused(): number {
    return this.#unused
  }

  /** One rendering, with the tokens of its streams in the order in which they are tried. */
  issue(...tokens: ReadonlyArray<string>): StreamTicket {
    const ticket = { started: Deferred.unsafeMake<void>(FiberId.none) }
    for (const token of tokens) this.#open.set(token, ticket)
    this.#unused += 1
    for (const old of this.#open.keys()) if (this.#open.size > outstanding) this.#open.delete(old)
    return ticket
  }

  /** Uses a token up, and with it all that were issued before: an older stream can never replace a newer one. */
  redeem(token: string): boolean {
    if (!this.#open.has(token)) return false
    for (const [older, ticket] of this.#open) {
      this.#open.delete(older)
      Deferred.unsafeDone(ticket.started, Exit.void)
      if (older === token) break
    }
    this.#unused = 0
    return true
  }

  revoke(): void {
    this.#open.clear()
  }
}
