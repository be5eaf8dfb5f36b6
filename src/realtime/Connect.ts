/**
 * Getting a session that is ready to speak: connect, `session.created`, `session.update`, `session.updated`, memory. Owns
 * the retries of all this; after it, a session that is lost stays lost (facts/openai-realtime.md 1.2, 2.1, 9).
 */
import { Clock, Duration, Effect, ExecutionStrategy, Exit, Redacted, Schedule, Scope } from "effect"
import type { Brief } from "../VoiceModel.ts"
import { Network, type WireSocket } from "../wire/Network.ts"
import { memoryFrames, sessionUpdate } from "./ClientEvents.ts"
import { type Inbox, listen } from "./Inbox.ts"
import type { ServerError, ServerEvent } from "./Protocol.ts"
import { type RealtimeSettings, sessionConfig, transcriptionChain } from "./SessionConfig.ts"
import { noAnswer, notOpened, refusedConfiguration, type Trouble } from "./Trouble.ts"

/** How long may be tried. `attempt`: from the first packet to `session.updated`. `budget`: no further attempt begins after it. */
export interface Effort {
  readonly attempt: Duration.Duration
  readonly budget: Duration.Duration
}

/** While nobody is on the line yet. */
const unhurried: Effort = { attempt: Duration.seconds(10), budget: Duration.seconds(5) }

/** The age at which the server ends a session (facts 2.5). */
const mostAge = Duration.minutes(60)

const backoff = Schedule.exponential("250 millis").pipe(Schedule.union(Schedule.spaced("1 second")), Schedule.jittered)

/** A wait that the server asked for is honoured, unless it is longer than anybody's patience. */
const askedFor = Schedule.identity<Trouble>().pipe(Schedule.addDelay((trouble) => trouble.retryAfter ?? Duration.zero))

/** A configured session. `transcription` is the model that the server accepted, `null` if none. */
export interface Connection {
  readonly socket: WireSocket
  readonly inbox: Inbox
  readonly transcription: string | null
  /** How long it may last, from its opening on. */
  readonly lasts: Duration.Duration
}

/** An inbox ends without a reason only when its scope closes, and with it whoever waits here. */
const next = (inbox: Inbox): Effect.Effect<ServerEvent, Trouble> =>
  Effect.catchTag(inbox.take, "NoSuchElementException", () => Effect.interrupt)

const created = (inbox: Inbox) => Effect.repeat(next(inbox), { until: (event) => event.type === "session.created" })

/** By the wall clocks of both sides; one that is wrong must not make a session look older than it can be. */
const lastsUntil = (expiresAt: number | null | undefined, now: number): Duration.Duration => {
  const left = Duration.millis((expiresAt ?? 0) * 1000 - now)
  return Duration.between(left, { minimum: Duration.seconds(1), maximum: mostAge }) ? left : mostAge
}

/** Each update is answered by exactly one `session.updated` or one `error`, and nothing else was sent. */
const answer = (inbox: Inbox): Effect.Effect<ServerError | undefined, Trouble> =>
  Effect.repeat(next(inbox), { until: ({ type }) => type === "session.updated" || type === "error" }).pipe(
    Effect.map((event) => (event.type === "error" ? event.error : undefined))
  )

/** Whether the update may have been refused for its transcription; some refusals name no place (facts 4.7). */
const blamesTranscription = ({ code, param }: ServerError): boolean =>
  param ? /^session\.audio\.input\.(transcription|turn_detection)\b/.test(param) : code === "invalid_value"

/** Nothing goes to a session that ended behind events that are still unread; whoever waits for an answer is told why. */
const tell = (socket: WireSocket, inbox: Inbox, frame: string): void => {
  if (!inbox.isOver()) socket.send(frame)
}

const configure = Effect.fnUntraced(function* (
  settings: RealtimeSettings,
  brief: Brief,
  socket: WireSocket,
  inbox: Inbox
) {
  const chain = transcriptionChain(settings)
  for (const [attempt, transcription] of chain.entries()) {
    tell(socket, inbox, sessionUpdate(attempt, sessionConfig(settings, brief, transcription)))
    const refusal = yield* answer(inbox)
    if (refusal === undefined) return transcription
    const fallback = chain[attempt + 1]
    if (fallback === undefined || !blamesTranscription(refusal)) return yield* refusedConfiguration(refusal)
    yield* Effect.logWarning(
      fallback === null
        ? `OpenAI refused to transcribe with "${transcription}": this call's transcript will lack the callee's words`
        : `OpenAI refused to transcribe with "${transcription}"; "${fallback}" is tried instead`
    )
  }
  return null
})

const attempt = Effect.fnUntraced(function* (settings: RealtimeSettings, brief: Brief, timeout: Duration.Duration) {
  const network = yield* Network
  const url = new URL(settings.realtimeUrl)
  url.searchParams.set("model", settings.realtimeModel)
  // No `OpenAI-Beta` header: it selects an interface that is gone.
  const headers = { authorization: `Bearer ${Redacted.value(settings.openaiApiKey)}` }
  const socket = yield* network.webSocket(url.toString(), { headers, timeout }).pipe(Effect.mapError(notOpened))
  const inbox = yield* listen(socket)
  const opened = yield* created(inbox)
  const expiresAt = opened.type === "session.created" ? opened.session?.expires_at : undefined
  const lasts = lastsUntil(expiresAt, yield* Clock.currentTimeMillis)
  const transcription = yield* configure(settings, brief, socket, inbox)
  for (const frame of memoryFrames(brief.memory)) tell(socket, inbox, frame)
  return { socket, inbox, transcription, lasts } satisfies Connection
})

/** What the effect acquired is released at once when it fails, otherwise with the surrounding scope. */
const releasedOnFailure = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const own = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
      return yield* restore(Scope.extend(effect, own)).pipe(
        Effect.onExit((exit) => (Exit.isFailure(exit) ? Scope.close(own, exit) : Effect.void))
      )
    })
  )

/** Fails at once where another try cannot help, otherwise within the budget and one attempt's timeout. */
export const connect = (
  settings: RealtimeSettings,
  brief: Brief,
  effort: Effort = unhurried
): Effect.Effect<Connection, Trouble, Network | Scope.Scope> =>
  Effect.flatMap(Clock.currentTimeMillis, (start) =>
    attempt(settings, brief, effort.attempt).pipe(
      Effect.timeoutFail({ duration: effort.attempt, onTimeout: () => noAnswer }),
      releasedOnFailure,
      Effect.retry({
        schedule: Schedule.intersect(backoff, askedFor),
        while: (trouble) =>
          trouble.kind === "fatal"
            ? false
            : Effect.map(Clock.currentTimeMillis, (now) => {
                const wait = Duration.toMillis(trouble.retryAfter ?? Duration.zero)
                return now - start + wait < Duration.toMillis(effort.budget)
              })
      })
    )
  )
