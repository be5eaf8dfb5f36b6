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

/** One attempt, from the first packet to `session.updated`. */
const openTimeout = Duration.seconds(10)

/** No further attempt begins after this. */
const retryBudget = Duration.seconds(5)

const backoff = Schedule.exponential("250 millis").pipe(Schedule.intersect(Schedule.recurs(4)), Schedule.jittered)

/** A wait that the server asked for is honoured, unless it is longer than anybody's patience. */
const askedFor = Schedule.identity<Trouble>().pipe(Schedule.addDelay((trouble) => trouble.retryAfter ?? Duration.zero))

/** A configured session. `transcription` is the model that the server accepted, `null` if none. */
export interface Connection {
  readonly socket: WireSocket
  readonly inbox: Inbox
  readonly transcription: string | null
}

/** An inbox ends without a reason only when its scope closes, and with it whoever waits here. */
const next = (inbox: Inbox): Effect.Effect<ServerEvent, Trouble> =>
  Effect.catchTag(inbox.take, "NoSuchElementException", () => Effect.interrupt)

const created = (inbox: Inbox) => Effect.repeat(next(inbox), { until: (event) => event.type === "session.created" })

/** Each update is answered by exactly one `session.updated` or one `error`, and nothing else was sent. */
const answer = (inbox: Inbox): Effect.Effect<ServerError | undefined, Trouble> =>
  Effect.repeat(next(inbox), { until: ({ type }) => type === "session.updated" || type === "error" }).pipe(
    Effect.map((event) => (event.type === "error" ? event.error : undefined))
  )

/** Whether the update may have been refused for its transcription; some refusals name no place (facts 4.7). */
const blamesTranscription = ({ code, param }: ServerError): boolean =>
  param ? /^session\.audio\.input\.(transcription|turn_detection)\b/.test(param) : code === "invalid_value"

const configure = Effect.fnUntraced(function* (
  settings: RealtimeSettings,
  brief: Brief,
  socket: WireSocket,
  inbox: Inbox
) {
  const chain = transcriptionChain(settings)
  for (const [attempt, transcription] of chain.entries()) {
    socket.send(sessionUpdate(attempt, sessionConfig(settings, brief, transcription)))
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

const attempt = Effect.fnUntraced(function* (settings: RealtimeSettings, brief: Brief) {
  const network = yield* Network
  const url = new URL(settings.realtimeUrl)
  url.searchParams.set("model", settings.realtimeModel)
  // No `OpenAI-Beta` header: it selects an interface that is gone.
  const headers = { authorization: `Bearer ${Redacted.value(settings.openaiApiKey)}` }
  const socket = yield* network
    .webSocket(url.toString(), { headers, timeout: openTimeout })
    .pipe(Effect.mapError(notOpened))
  const inbox = yield* listen(socket)
  yield* created(inbox)
  const transcription = yield* configure(settings, brief, socket, inbox)
  for (const frame of memoryFrames(brief.memory)) socket.send(frame)
  return { socket, inbox, transcription } satisfies Connection
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
  brief: Brief
): Effect.Effect<Connection, Trouble, Network | Scope.Scope> =>
  Effect.flatMap(Clock.currentTimeMillis, (start) =>
    attempt(settings, brief).pipe(
      Effect.timeoutFail({ duration: openTimeout, onTimeout: () => noAnswer }),
      releasedOnFailure,
      Effect.retry({
        schedule: Schedule.intersect(backoff, askedFor),
        while: (trouble) =>
          trouble.kind === "fatal"
            ? false
            : Effect.map(Clock.currentTimeMillis, (now) => {
                const wait = Duration.toMillis(trouble.retryAfter ?? Duration.zero)
                return now - start + wait < Duration.toMillis(retryBudget)
              })
      })
    )
  )
