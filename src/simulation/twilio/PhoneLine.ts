/**
 * The line of one answered call: every 20 ms it carries what the agent's side plays to the callee, and what the callee
 * says to the media stream, and keeps both. What is connected to it changes during a call; the line stays.
 */
import { Effect } from "effect"
import { makeTimers } from "../../Timers.ts"
import type { LineEcho } from "../audio/LineEcho.ts"
import { silentFrame } from "../audio/MuLaw.ts"
import { Track } from "../audio/Track.ts"
import { CalleeLine, tickMs } from "../callee/CalleeLine.ts"

/** What is connected to the agent's end of a line: a media stream. Called once per tick, synchronously. */
export interface FarEnd {
  /** The next 20 ms for the callee; `null`: nothing. */
  readonly next: () => Uint8Array | null
  /** 20 ms of the callee; `null`: silence. */
  readonly hear: (frame: Uint8Array | null) => void
  readonly digit: (digit: string) => void
}

export class PhoneLine {
  readonly callee: CalleeLine
  readonly calleeTrack = new Track()
  readonly agentTrack = new Track()
  #farEnd: FarEnd | undefined
  /** What Twilio itself plays while no stream is connected. */
  #announcement: Uint8Array | undefined
  #announced = 0

  readonly #echo: LineEcho | undefined

  constructor(echo?: LineEcho) {
    this.#echo = echo
    this.callee = new CalleeLine((digit) => this.#farEnd?.digit(digit))
  }

  connect(farEnd: FarEnd): void {
    this.#farEnd = farEnd
  }

  /** Only whoever is connected can disconnect itself. */
  disconnect(farEnd: FarEnd): void {
    if (this.#farEnd === farEnd) this.#farEnd = undefined
  }

  /** Plays to the callee, to the end; interruption stops it. */
  announce(audio: Uint8Array): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#announcement = audio
      this.#announced = 0
      return this.callee.until(() => this.#announced >= audio.length)
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          this.#announcement = undefined
        })
      )
    )
  }

  #fromAgent(): Uint8Array | null {
    if (this.#farEnd !== undefined) return this.#farEnd.next()
    const piece = this.#announcement?.subarray(this.#announced, this.#announced + silentFrame.length)
    if (piece === undefined || piece.length === 0) return null
    this.#announced += piece.length
    if (piece.length === silentFrame.length) return piece
    const frame = silentFrame.slice()
    frame.set(piece)
    return frame
  }

  #tick(): void {
    const heard = this.#fromAgent()
    this.agentTrack.append(heard ?? silentFrame)
    const said = this.callee.tick(heard)
    this.calleeTrack.append(said ?? silentFrame)
    const back = this.#echo?.pass(heard) ?? null
    this.#farEnd?.hear(said ?? back)
  }

  /** Moves the line: tick n is at the answer + n * 20 ms, and a late wake is made up for. Never ends. */
  readonly run: Effect.Effect<never> = Effect.gen(this, function* () {
    const clock = yield* Effect.clock
    const { after } = yield* makeTimers
    const start = clock.unsafeCurrentTimeMillis()
    return yield* Effect.async<never>((resume) => {
      let ticks = 0
      const wait = () => {
        const due = start + (ticks + 1) * tickMs
        after(Math.max(0, due - clock.unsafeCurrentTimeMillis()), move)
      }
      const move = () => {
        ticks++
        wait()
        try {
          this.#tick()
        } catch (defect) {
          resume(Effect.die(defect))
        }
      }
      wait()
    })
  }).pipe(Effect.scoped)
}
