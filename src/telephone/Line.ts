/**
 * All that is true of one dialled line, and the only place where it changes: status, current media stream, what is told to
 * the call. Synchronous, because audio and webhooks arrive in callbacks; it neither speaks REST nor owns a socket.
 */
import { type Clock, Deferred, Effect, Exit, Mailbox, Queue } from "effect"
import { advance, type CallStatus, isTerminal, type TerminalStatus } from "../domain/CallStatus.ts"
import { Handover } from "../Handover.ts"
import type { AudioFrame, DialOrder, LegEvent, TransferReport } from "../Telephone.ts"
import { clearMessage, markMessage, mediaMessage } from "./MediaMessages.ts"
import { StreamTickets } from "./StreamTickets.ts"

/** An attached media stream. `end` closes its socket. */
export interface MediaStream {
  readonly sid: string
  readonly send: (text: string) => void
  readonly end: (reason: string) => void
}

/** Twilio wants no more than about a second of audio per message. */
const longestAudio = 8000
/** Ten seconds of 20 ms frames. */
const audioCapacity = 500
const eventCapacity = 10_000

interface Parts {
  readonly order: DialOrder
  readonly token: string
  readonly clock: Clock.Clock
  readonly events: Handover<LegEvent>
  readonly sidKnown: Deferred.Deferred<string>
  readonly ended: Deferred.Deferred<TerminalStatus>
  readonly recording: Deferred.Deferred<string | undefined>
  readonly streamMissed: Queue.Queue<void>
}

export class Line {
  readonly order: DialOrder
  /** Part of the path of every webhook of this call. */
  readonly token: string
  readonly tickets = new StreamTickets()
  /** Twilio's id, from the answer to our POST or from the first callback, whichever comes first. */
  readonly sidKnown: Deferred.Deferred<string>
  readonly ended: Deferred.Deferred<TerminalStatus>
  /** The finished recording's sid; `undefined` when Twilio says there is none. */
  readonly recording: Deferred.Deferred<string | undefined>
  /** A transfer that is under way: told when the other end has picked up, or will not. */
  transfer: Deferred.Deferred<TransferReport> | undefined
  /** The callee talks to somebody else: no stream is missed. */
  handedOver = false
  recordingAsked = false
  /** Told when there is no stream any more, or none came of what was offered. */
  readonly streamMissed: Queue.Queue<void>
  /** When a stream was last offered to Twilio: milliseconds of a monotonic clock. */
  offeredAt = Number.NEGATIVE_INFINITY
  /** Only one thing at a time can replace the running TwiML. */
  readonly turn = Effect.unsafeMakeSemaphore(1).withPermits(1)
  readonly #clock: Clock.Clock
  readonly #events: Handover<LegEvent>
  #sid: string | undefined
  #status: CallStatus = "queued"
  #answered = false
  #leaving = false
  #closed = false
  #stream: MediaStream | undefined
  #heardAt: number
  #listener: ((frame: AudioFrame) => void) | undefined
  /** Audio that came before anybody listened. */
  #unheard: Array<AudioFrame> = []

  constructor(parts: Parts) {
    this.order = parts.order
    this.token = parts.token
    this.#events = parts.events
    this.sidKnown = parts.sidKnown
    this.ended = parts.ended
    this.recording = parts.recording
    this.streamMissed = parts.streamMissed
    this.#clock = parts.clock
    this.#heardAt = parts.clock.unsafeCurrentTimeMillis()
  }

  get sid() {
    return this.#sid
  }
  get callId() {
    return this.order.callId
  }
  get isOver() {
    return isTerminal(this.#status)
  }
  get isStreaming() {
    return this.#stream !== undefined
  }
  /** Nobody of ours cares any more: whatever still lives at Twilio must end. */
  get isClosed() {
    return this.#closed
  }
  /** The call is to end, or has: TwiML that is asked for now is a hang-up. */
  get isLeaving() {
    return this.#leaving || this.#closed || this.isOver
  }
  /** When Twilio last gave a sign of life, in milliseconds of the clock. */
  get heardAt() {
    return this.#heardAt
  }

  heard(): void {
    this.#heardAt = this.#clock.unsafeCurrentTimeMillis()
  }

  /** Learns Twilio's id; `false` if it is another than the one known. */
  identify(sid: string): boolean {
    if (this.#sid === undefined) {
      this.#sid = sid
      Deferred.unsafeDone(this.sidKnown, Exit.succeed(sid))
    }
    return this.#sid === sid
  }

  /** Only steps forward are told, so a duplicate or late report (any order of SequenceNumber) changes nothing. */
  report(reported: CallStatus, details: Omit<Extract<LegEvent, { _tag: "Status" }>, "_tag" | "status"> = {}): void {
    const status = advance(this.#status, reported)
    if (this.#closed || status === this.#status) return
    this.#status = status
    if (status === "in-progress") this.#answered = true
    if (isTerminal(status)) this.#dropStream("call ended")
    this.#events.offer({ _tag: "Status", status, ...details })
    if (!isTerminal(status)) return
    this.#silence()
    Deferred.unsafeDone(this.ended, Exit.succeed(status))
  }

  /** How a call ended that we hung up ourselves, when Twilio does not say. */
  get presumedEnd(): TerminalStatus {
    return this.#answered ? "completed" : "canceled"
  }

  /** From now on the call is being ended on purpose. */
  leave(): void {
    this.#leaving = true
  }

  /** The owner's scope has closed. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#dropStream("call ended")
    this.#silence()
    // the line stays known for its recording; unheard audio need not
    this.#unheard = []
    this.#listener = undefined
  }

  /** A stream with the right token has started; the one before, if any, is closed and can never speak again. */
  attach(stream: MediaStream): void {
    this.#dropStream("replaced by a newer stream")
    this.#stream = stream
    this.report("in-progress")
    this.#events.offer({ _tag: "MediaStarted" })
  }

  /** This stream has ended, however that became known. Told once, and only for the current one. */
  detach(streamSid: string): void {
    if (this.#stream?.sid === streamSid) this.#dropStream("stream ended")
  }

  /** Somebody should see to it that a stream comes, if none does by itself. */
  missStream(): void {
    if (!this.isLeaving) Queue.unsafeOffer(this.streamMissed, undefined)
  }

  /** The callee is heard: by whoever listens, 50 times a second. */
  hear(frames: ReadonlyArray<AudioFrame>): void {
    for (const frame of frames) {
      if (this.#listener !== undefined) this.#listener(frame)
      else if (this.#unheard.push(frame) > audioCapacity) this.#unheard.shift()
    }
  }

  readonly listen = (hear: (frame: AudioFrame) => void): void => {
    if (this.#closed) return
    this.#listener = hear
    for (const frame of this.#unheard.splice(0)) hear(frame)
  }

  readonly follow = (report: (event: LegEvent) => void): Effect.Effect<void> => this.#events.follow(report)

  /** Whatever is no status and no change of stream. Dropped when the call is over. */
  tell(event: LegEvent): void {
    this.#events.offer(event)
  }

  readonly play = (audio: Uint8Array): void => {
    const stream = this.#stream
    if (stream === undefined) return
    for (let at = 0; at < audio.length; at += longestAudio) {
      stream.send(mediaMessage(stream.sid, audio.subarray(at, at + longestAudio)))
    }
  }

  readonly mark = (name: string): void => {
    this.#stream?.send(markMessage(this.#stream.sid, name))
  }

  readonly clear = (): void => {
    this.#stream?.send(clearMessage(this.#stream.sid))
  }

  #dropStream(reason: string): void {
    const stream = this.#stream
    if (stream === undefined) return
    this.#stream = undefined
    stream.end(reason)
    this.#events.offer({ _tag: "MediaStopped" })
    this.missStream()
  }

  /** Ends the leg's events after what they hold, and whatever could still open a new stream. */
  #silence(): void {
    this.tickets.revoke()
    this.#events.end(Exit.void)
  }
}

export const makeLine = Effect.fnUntraced(function* (order: DialOrder, token: string) {
  return new Line({
    order,
    token,
    clock: yield* Effect.clock,
    events: new Handover(yield* Mailbox.make<LegEvent>({ capacity: eventCapacity, strategy: "sliding" })),
    sidKnown: yield* Deferred.make<string>(),
    ended: yield* Deferred.make<TerminalStatus>(),
    recording: yield* Deferred.make<string | undefined>(),
    streamMissed: yield* Queue.sliding<void>(1)
  })
})
