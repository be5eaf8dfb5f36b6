/**
 * A WebSocket as one side sees it while things go wrong on the way: what is held, lost, late or silenced in either direction.
 * Synchronous like the socket under it; who turns the switches, and when, is `sockets.ts`'s business.
 */
import type { WireClose, WireSocket } from "../../wire/Network.ts"

/** What happens to everything that goes one way. `shut`: it vanishes, and nobody is told. */
export type Flow = "open" | "held" | "shut"

interface Listener {
  readonly message: (text: string | null) => void
  readonly close: (close: WireClose) => void
}

/** What a real socket waits for the peer's close frame, in milliseconds. */
const closeTimeout = 2_000

/** Does something `ms` later, and in the order in which it was asked for. */
export type Later = (ms: number, act: () => void) => void

export class FaultySocket implements WireSocket {
  readonly #socket: WireSocket
  readonly #laterIn: Later
  readonly #laterOut: Later
  #listener: Listener | undefined
  #in: Flow = "open"
  #out: Flow = "open"
  readonly #heldIn: Array<() => void> = []
  readonly #heldOut: Array<string> = []
  #heldBytes = 0
  #closed = false
  /** We end it ourselves: that is never held back, whatever the way is like. */
  #leaving = false
  /** The peer has ended it, or has heard that we have. */
  #peerGone = false
  /** We have ended it, and the peer has not heard of that. */
  #halfOpen = false
  #onPeerGone: () => void = () => {}
  /** The first message that begins so is told to whoever wants to speak in the peer's name. */
  #start: string | undefined
  /** Inbound messages for which this is so are lost. */
  lose: (text: string) => boolean = () => false
  /** How many milliseconds later an inbound, and an outbound, message arrives. */
  lateIn: (text: string) => number = () => 0
  lateOut: () => number = () => 0

  /** Each way has its own order. */
  constructor(socket: WireSocket, laterIn: Later, laterOut: Later) {
    this.#socket = socket
    this.#laterIn = laterIn
    this.#laterOut = laterOut
  }

  /** The end of it has been told. */
  get closed(): boolean {
    return this.#closed
  }

  /** The first `start` message that came in. */
  get start(): string | undefined {
    return this.#start
  }

  readonly send = (text: string): boolean => {
    if (this.#out === "open") {
      const late = this.lateOut()
      if (late === 0) return this.#socket.send(text)
      this.#laterOut(late, () => this.#socket.send(text))
      return !this.#closed
    }
    if (this.#closed) return false
    if (this.#out === "held") {
      this.#heldOut.push(text)
      this.#heldBytes += text.length
    }
    return true
  }

  readonly listen = (on: Listener): void => {
    this.#listener = on
    this.#socket.listen({
      message: (text) => this.#arrive(text),
      close: (close) => {
        this.#peerGone = true
        this.#onPeerGone()
        // what was sent before the end arrives before it
        const late = this.lateIn("")
        const end = () => (this.#leaving ? this.#close(close) : this.#pass(() => this.#close(close)))
        if (late === 0) end()
        else this.#laterIn(late, end)
      }
    })
  }

  readonly close = (code: number, reason: string): void => {
    this.#leaving = true
    if (this.#out === "shut") this.#endUnheard(closeTimeout)
    else this.#socket.close(code, reason)
  }
  readonly terminate = (): void => {
    this.#leaving = true
    if (this.#out === "shut") this.#endUnheard()
    else this.#socket.terminate()
  }
  readonly buffered = (): number => this.#socket.buffered() + this.#heldBytes

  /** Says something in the peer's name, behind all that the peer has said itself. */
  inject(text: string): void {
    this.#deliver(text)
  }

  /** What has been held goes on when the way is open again. */
  setIn(flow: Flow): void {
    this.#in = flow
    if (flow !== "open") return
    for (const act of this.#heldIn.splice(0)) act()
  }

  setOut(flow: Flow): void {
    this.#out = flow
    if (flow !== "open") return
    this.#heldBytes = 0
    for (const text of this.#heldOut.splice(0)) this.#socket.send(text)
  }

  /** Calls `act` when the peer is gone too, or at once, unless it is left with an end of its own. */
  whenPeerGone(act: () => void): void {
    if (this.#halfOpen && !this.#peerGone) this.#onPeerGone = act
    else act()
  }

  /** Our end of it is over; the peer, whom nothing reaches, still holds its own. */
  #endUnheard(after = 0): void {
    if (this.#closed) return
    this.#halfOpen = true
    const end = () => this.#close({ code: 1006, reason: "" })
    if (after === 0) end()
    else this.#laterIn(after, end)
  }

  #arrive(text: string | null): void {
    if (text === null) return this.#pass(() => this.#listener?.message(null))
    if (this.#start === undefined && text.startsWith('{"event":"start"')) this.#start = text
    if (!this.lose(text)) this.#deliver(text)
  }

  #deliver(text: string): void {
    const late = this.lateIn(text)
    const deliver = () => this.#pass(() => this.#listener?.message(text))
    if (late === 0) deliver()
    else this.#laterIn(late, deliver)
  }

  #pass(act: () => void): void {
    if (this.#closed || this.#in === "shut") return
    if (this.#in === "held") this.#heldIn.push(act)
    else act()
  }

  #close(close: WireClose): void {
    if (this.#closed) return
    this.#closed = true
    this.#listener?.close(close)
  }
}
