/**
 * The call's connection to its voice model: one session at a time, replaced when it is lost or grows old, and the facts it
 * reports. When and why it is replaced, is decided in `talk/`.
 */
import { Deferred, Duration, Effect, FiberHandle } from "effect"
import type { ModelUnavailable, RateLimited } from "../domain/errors.ts"
import {
  type Brief,
  type Memory,
  type Opening,
  type VoiceCommand,
  type VoiceEvent,
  VoiceModel,
  type VoiceSession
} from "../VoiceModel.ts"
import type { Fact, SessionTerms } from "./Fact.ts"
import { frameMs } from "./hearing/Frames.ts"
import { makeLastHeard } from "./hearing/LastHeard.ts"

export interface VoiceLink {
  /** Replaces the session by a new one that remembers `memory`; reports `ModelBack`, or `ModelGone` when none is to be had. */
  readonly reopen: (
    memory: ReadonlyArray<Memory>,
    options: { readonly fallback: boolean; readonly hearFrom: number }
  ) => Effect.Effect<void>
  /** Opens a session that waits, without a memory; reports `SuccessorReady` or `SuccessorGone`. */
  readonly prepare: Effect.Effect<void>
  /** Puts the session that waits in the place of the present one, with this memory. */
  readonly swap: (memory: ReadonlyArray<Memory>, hearFrom: number) => Effect.Effect<void>
  readonly send: (command: VoiceCommand) => void
  /** One base64 piece of what the callee says. Kept for some seconds, so that a session to come can hear it (`hearFrom`). */
  readonly hear: (payload: string) => void
  /** Whether a session that was replaced has reported this. */
  readonly isStale: (fact: Fact) => boolean
  /** Never ends but by a defect. */
  readonly broken: Effect.Effect<never>
}

interface Successor {
  readonly session: VoiceSession
  readonly taken: Deferred.Deferred<void>
}

interface Moment {
  readonly from: number
  readonly at: number
}

const termsOf = ({ fallback, lasts }: VoiceSession): SessionTerms => ({ fallback, lasts: Duration.toMillis(lasts) })

export interface VoiceLinkOptions {
  /** The callee's. */
  readonly patience: Duration.Duration
  /** So much of the callee's audio is kept at least: all that a session to come may be asked to hear. */
  readonly keeps: Duration.Duration
  /** There is no session before the first `reopen`. */
  readonly later: boolean
  /** The clock of `hearFrom`. */
  readonly now: () => number
  readonly tell: (fact: Fact) => void
}

/** Opens the first session; fails when the model cannot be had. Everything ends with the scope. */
export const openVoiceLink = Effect.fnUntraced(function* (
  brief: Omit<Brief, "memory">,
  { keeps, later, now, patience, tell }: VoiceLinkOptions
) {
  const model = yield* VoiceModel
  // the session in charge lives in the one, its successor in the other, and then the other way round
  let inCharge = yield* FiberHandle.make()
  let waiting = yield* FiberHandle.make()
  let current: VoiceSession | undefined
  let successor: Successor | undefined
  const toldBy = new WeakMap<object, VoiceSession>()
  const replaced = new WeakSet<VoiceSession>()

  const lastHeard = makeLastHeard(Duration.toMillis(keeps), now)

  /** What a session was given to hear belatedly: where in its audio which moment begins, in milliseconds. */
  const belated = new WeakMap<VoiceSession, { readonly moments: ReadonlyArray<Moment>; readonly ms: number }>()

  /** What a session that was lost has missed, for the one that is in charge now. */
  const catchUp = (session: VoiceSession, since: number) => {
    const moments: Array<Moment> = []
    let ms = 0
    for (const { at, payload } of lastHeard.since(since)) {
      moments.push({ from: ms, at })
      session.hear(payload)
      ms += frameMs
    }
    belated.set(session, { moments, ms })
  }

  /** When that was what a session hears belatedly; `undefined`: just now. */
  const momentOf = (session: VoiceSession, inAudio: number): number | undefined => {
    const heard = belated.get(session)
    if (heard === undefined || inAudio >= heard.ms) return undefined
    const moment = heard.moments.findLast(({ from }) => from <= inAudio)
    return moment === undefined ? undefined : moment.at + inAudio - moment.from
  }

  const factOf = (session: VoiceSession, event: VoiceEvent): Fact => {
    if (event._tag !== "SpeechStarted" && event._tag !== "SpeechStopped") return event
    const { _tag, inAudio, itemId } = event
    const at = inAudio === undefined ? undefined : momentOf(session, inAudio)
    return { _tag, itemId, ...(at === undefined ? {} : { at }) }
  }

  /** The session in charge, from now until it is lost or replaced. */
  const follow = (session: VoiceSession) => {
    const report = (fact: Fact) => {
      if (replaced.has(session)) return
      toldBy.set(fact, session)
      tell(fact)
    }
    return session
      .follow((event) => report(factOf(session, event)))
      .pipe(
        Effect.catchAll((error) => Effect.logWarning(`The voice model's session was lost: ${error.message}`)),
        Effect.zipRight(
          Effect.sync(() => {
            if (current === session) current = undefined
            report({ _tag: "ModelLost" })
          })
        )
      )
  }

  const converse = (memory: ReadonlyArray<Memory>, opening: Opening, opened: (terms: SessionTerms) => void) =>
    Effect.gen(function* () {
      const session = yield* model.open({ ...brief, memory }, opening)
      current = session
      opened(termsOf(session))
      yield* follow(session)
    }).pipe(Effect.scoped)

  if (!later) {
    const first = yield* Deferred.make<void, ModelUnavailable | RateLimited>()
    yield* FiberHandle.run(
      inCharge,
      converse([], {}, (terms) => {
        tell({ _tag: "ModelOpened", ...terms })
        Deferred.unsafeDone(first, Effect.void)
      }).pipe(Effect.tapErrorCause((cause) => Deferred.failCause(first, cause)))
    )
    yield* Deferred.await(first)
  }

  const leave = () => {
    if (current !== undefined) replaced.add(current)
    current = undefined
  }

  const link: VoiceLink = {
    reopen: (memory, { fallback, hearFrom }) =>
      Effect.suspend(() => {
        leave()
        successor = undefined
        const opening = { patience, fallback }
        const opened = (terms: SessionTerms) => {
          // what is decided on this news comes after what was missed
          if (current !== undefined) catchUp(current, hearFrom)
          tell({ _tag: "ModelBack", ...terms })
        }
        return Effect.zipRight(
          FiberHandle.clear(waiting),
          FiberHandle.run(
            inCharge,
            converse(memory, opening, opened).pipe(
              Effect.catchAll((error) => Effect.sync(() => tell({ _tag: "ModelGone", error })))
            )
          )
        )
      }),
    prepare: Effect.suspend(() =>
      FiberHandle.run(
        waiting,
        Effect.gen(function* () {
          const session = yield* model.open({ ...brief, memory: [] })
          const taken = yield* Deferred.make<void>()
          successor = { session, taken }
          tell({ _tag: "SuccessorReady", ...termsOf(session) })
          yield* Deferred.await(taken)
          yield* follow(session)
        }).pipe(
          Effect.scoped,
          Effect.catchAll((error) =>
            Effect.logWarning(`No session is to be had that could take over: ${error.message}`).pipe(
              Effect.zipRight(Effect.sync(() => tell({ _tag: "SuccessorGone" })))
            )
          )
        )
      )
    ),
    swap: Effect.fnUntraced(function* (memory, hearFrom) {
      if (successor === undefined) return
      leave()
      const { session, taken } = successor
      successor = undefined
      current = session
      session.send({ _tag: "Remember", memory })
      catchUp(session, hearFrom)
      const before = inCharge
      inCharge = waiting
      waiting = before
      Deferred.unsafeDone(taken, Effect.void)
      yield* FiberHandle.clear(before)
    }),
    send: (command) => void current?.send(command),
    hear: (payload) => {
      lastHeard.add(payload)
      current?.hear(payload)
    },
    isStale: (fact) => {
      const session = toldBy.get(fact)
      return session !== undefined && replaced.has(session)
    },
    broken: Effect.raceFirst(FiberHandle.join(inCharge), FiberHandle.join(waiting)).pipe(
      Effect.orDie,
      Effect.zipRight(Effect.never)
    )
  }
  return link
})
