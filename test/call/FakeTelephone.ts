/**
 * A telephone for tests of the call core: its lines play what they are given in the time it takes and send marks back, and do
 * besides only what the test lets happen. Everything they are told is kept, with its time.
 */
import { Duration, Effect, FiberSet, Mailbox } from "effect"
import type { CallStatus } from "../../src/domain/CallStatus.ts"
import type { CallFailed, InvalidPhoneNumber, LineUnavailable, RateLimited } from "../../src/domain/errors.ts"
import type { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import { Handover } from "../../src/Handover.ts"
import type { DialOrder, FoundCall, LeftLine, Leg, LegEvent, Telephone, TransferReport } from "../../src/Telephone.ts"

/** 20 ms of it. */
const silence = Buffer.alloc(160, 0xff).toString("base64")

export type Told =
  | { readonly _tag: "play"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly _tag: "mark"; readonly at: number; readonly name: string }
  | { readonly _tag: "clear"; readonly at: number }
  | { readonly _tag: "digits"; readonly at: number; readonly digits: string }
  | { readonly _tag: "transfer"; readonly at: number; readonly to: PhoneNumber }
  | { readonly _tag: "say"; readonly at: number; readonly text: string }
  | { readonly _tag: "hangUp"; readonly at: number }

export interface FakeLine {
  readonly order: DialOrder
  readonly told: ReadonlyArray<Told>
  readonly tags: () => ReadonlyArray<Told["_tag"]>
  readonly emit: (...events: ReadonlyArray<LegEvent>) => void
  readonly status: (status: CallStatus) => void
  /** The callee picks up: status and media. */
  readonly answer: () => void
  /** The callee puts the phone down. */
  readonly callerGone: () => void
  /** The callee's side sounds like this: mu-law, heard at once and in no time. */
  readonly sounds: (audio: Uint8Array) => void
  /** Milliseconds really played of audio whose bytes have this value (see `FakeModel.ts`). */
  readonly playedOf: (value: number) => number
  /** Whether the scope of the leg has been closed. */
  readonly released: () => boolean
  /** What the line does by itself; a test changes it at will. */
  readonly behaviour: {
    echoMarks: boolean
    /** Sends audio of the callee, silent as it may be, while media is up. */
    sendsAudio: boolean
    confirmsHangUp: boolean
    transfer: TransferReport & { readonly after: Duration.DurationInput }
    digits: "pressed" | CallFailed
  }
}

export interface FakeTelephone {
  readonly service: Telephone["Type"]
  readonly lines: ReadonlyArray<FakeLine>
  readonly dialled: ReadonlyArray<DialOrder>
  readonly resumed: ReadonlyArray<{ readonly order: DialOrder; readonly found: FoundCall & LeftLine }>
  /** What dialling comes to; by default it succeeds. */
  behaviour: {
    dial: Effect.Effect<void, InvalidPhoneNumber | CallFailed | LineUnavailable | RateLimited>
    recording: Uint8Array | undefined
    /** What the network knows of a call of an earlier process. */
    found: FoundCall | undefined
  }
}

interface Playing {
  readonly startsAt: number
  readonly value: number
  ms: number
}

const makeLine = Effect.fnUntraced(function* (order: DialOrder) {
  const clock = yield* Effect.clock
  const run = yield* FiberSet.makeRuntime()
  const events = new Handover(yield* Mailbox.make<LegEvent>())
  let hear: Parameters<Leg["listen"]>[0] = () => {}
  const told: Array<Told> = []
  const now = () => clock.unsafeCurrentTimeMillis()
  let state: "dialled" | "answered" | "over" = "dialled"
  let media = false
  let released = false
  let playhead = 0
  let playing: Array<Playing> = []
  let marks: ReadonlyArray<string> = []

  const emit = (...news: ReadonlyArray<LegEvent>) => {
    for (const event of news) {
      if (event._tag === "MediaStarted") media = true
      if (event._tag === "MediaStopped") media = false
      events.offer(event)
    }
  }
  const later = (ms: number, act: () => void) =>
    void run(Effect.zipRight(Effect.sleep(Duration.millis(Math.max(ms, 0))), Effect.sync(act)))

  const over = (status: CallStatus) => {
    if (state === "over") return
    state = "over"
    cut()
    if (media) emit({ _tag: "MediaStopped" })
    emit({ _tag: "Status", status })
  }

  /** Nothing that has not been played by now ever is. */
  const cut = () => {
    playing = playing
      .filter((piece) => piece.startsAt < now())
      .map((piece) => ({ ...piece, ms: Math.min(piece.ms, now() - piece.startsAt) }))
    playhead = now()
  }

  const line: FakeLine = {
    order,
    told,
    tags: () => told.map(({ _tag }) => _tag),
    emit,
    status: (status) => {
      if (status === "in-progress") state = "answered"
      emit({ _tag: "Status", status })
    },
    answer: () => {
      state = "answered"
      emit({ _tag: "Status", status: "in-progress" }, { _tag: "MediaStarted" })
    },
    callerGone: () => over("completed"),
    sounds: (audio) => {
      for (let at = 0; at + 160 <= audio.length; at += 160) {
        hear({ payload: Buffer.from(audio.subarray(at, at + 160)).toString("base64"), ms: 20 })
      }
    },
    playedOf: (value) =>
      playing
        .filter((piece) => piece.value === value)
        .reduce((total, piece) => total + Math.min(Math.max(now() - piece.startsAt, 0), piece.ms), 0),
    released: () => released,
    behaviour: {
      echoMarks: true,
      sendsAudio: true,
      confirmsHangUp: true,
      transfer: { result: "busy", after: "3 seconds" },
      digits: "pressed"
    }
  }

  const transferred = Effect.gen(function* () {
    const { after, ...report } = line.behaviour.transfer
    yield* Effect.sleep(after)
    if (report.result !== "connected") emit({ _tag: "MediaStarted" })
    return report
  })

  const leg: Leg = {
    providerId: `CA${order.callId}`,
    follow: (report) => events.follow(report),
    listen: (listener) => {
      hear = listener
    },
    play: (bytes) => {
      told.push({ _tag: "play", at: now(), bytes })
      const startsAt = Math.max(playhead, now())
      const last = playing.at(-1)
      const value = bytes[0] ?? 0
      if (last !== undefined && last.value === value && last.startsAt + last.ms === startsAt)
        last.ms += bytes.length / 8
      else playing.push({ startsAt, value, ms: bytes.length / 8 })
      playhead = startsAt + bytes.length / 8
    },
    mark: (name) => {
      told.push({ _tag: "mark", at: now(), name })
      marks = [...marks, name]
      if (line.behaviour.echoMarks) {
        later(playhead - now(), () => {
          if (!marks.includes(name) || !media) return
          marks = marks.filter((other) => other !== name)
          emit({ _tag: "Played", mark: name })
        })
      }
    },
    clear: () => {
      told.push({ _tag: "clear", at: now() })
      cut()
      const all = marks
      marks = []
      for (const mark of all) emit({ _tag: "Played", mark })
    },
    pressDigits: (digits) =>
      Effect.gen(function* () {
        told.push({ _tag: "digits", at: now(), digits })
        if (line.behaviour.digits !== "pressed") return yield* line.behaviour.digits
        emit({ _tag: "MediaStopped" })
        yield* Effect.sleep("1 second")
        emit({ _tag: "MediaStarted" })
      }),
    transfer: (to) =>
      Effect.suspend(() => {
        told.push({ _tag: "transfer", at: now(), to })
        emit({ _tag: "MediaStopped" })
        return transferred
      }),
    awaitTransfer: Effect.suspend(() => transferred),
    sayAndHangUp: ({ text }) =>
      Effect.sync(() => {
        told.push({ _tag: "say", at: now(), text })
        emit({ _tag: "MediaStopped" })
        later(4_000, () => over("completed"))
      }),
    hangUp: Effect.sync(() => {
      told.push({ _tag: "hangUp", at: now() })
      if (line.behaviour.confirmsHangUp) over(state === "answered" ? "completed" : "canceled")
    })
  }

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      released = true
      state = "over"
    })
  )
  run(
    Effect.sleep("5 seconds").pipe(
      Effect.zipRight(
        Effect.sync(() => {
          if (media && line.behaviour.sendsAudio) hear({ payload: silence, ms: 20 })
        })
      ),
      Effect.forever
    )
  )
  return { line, leg }
})

export const makeFakeTelephone = (): FakeTelephone => {
  const lines: Array<FakeLine> = []
  const dialled: Array<DialOrder> = []
  const resumed: Array<FakeTelephone["resumed"][number]> = []
  const telephone: FakeTelephone = {
    lines,
    dialled,
    resumed,
    behaviour: { dial: Effect.void, recording: undefined, found: undefined },
    service: {
      dial: (order) =>
        Effect.gen(function* () {
          dialled.push(order)
          yield* telephone.behaviour.dial
          const { leg, line } = yield* makeLine(order)
          lines.push(line)
          return leg
        }),
      find: () => Effect.succeed(telephone.behaviour.found),
      resume: (order, found) =>
        Effect.gen(function* () {
          resumed.push({ order, found })
          const { leg, line } = yield* makeLine(order)
          lines.push(line)
          line.emit({ _tag: "Status", status: found.status })
          return leg
        }),
      recording: () => Effect.succeed(telephone.behaviour.recording)
    }
  }
  return telephone
}
