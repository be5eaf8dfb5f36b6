/** The REST interface: reads requests, finds what they name, answers as Twilio does (facts/twilio.md 1, 2, 8). */
import { Deferred, Duration, Effect, Either, Queue, Redacted } from "effect"
import { respond, respondJson, type WireRequest, type WireResponse } from "../../wire/Network.ts"
import type { Account } from "./Account.ts"
import { showAccount, showAlerts } from "./accountPages.ts"
import { documentOf, readCall, recordingOf } from "./CallParameters.ts"
import { isOver } from "./CallStatus.ts"
import { liveCall } from "./callLife.ts"
import { listCalls, page } from "./callList.ts"
import type { Recording } from "./Recording.ts"
import { RestError } from "./RestError.ts"
import { recordedWav, startRecording } from "./recordings.ts"
import { renderCall, renderRecording } from "./resources.ts"
import { accountPath } from "./restFormat.ts"
import { type Ending, SimulatedCall } from "./SimulatedCall.ts"
import { newSid, type World } from "./World.ts"

const maxInlineWait = Duration.seconds(5)

/** What the REST interface keeps of all calls, oldest first. */
export interface Book {
  readonly calls: Map<string, SimulatedCall>
  /** When the next call may be dialled: calls beyond the account's rate wait (facts/twilio.md 1.5). */
  nextTurn: number
}

export interface RestOptions {
  readonly account: Account
  readonly callsPerSecond: number
  readonly keepCalls: number
}

/** A request that has been let in. `call` is set by whoever finds out which call it is about. */
export interface Incoming {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly form: URLSearchParams
  call: SimulatedCall | undefined
}

type Answer = Effect.Effect<WireResponse, RestError>

const refuse = (code: number, message?: string) => new RestError(message === undefined ? { code } : { code, message })

/** Who calls: `AccountSid:AuthToken` in Basic authentication. */
export const authenticate = (world: World, request: WireRequest): Either.Either<void, RestError> => {
  const [scheme, credentials = ""] = (request.headers.authorization ?? "").split(" ")
  if (scheme?.toLowerCase() !== "basic" || credentials === "") {
    return Either.left(new RestError({ code: 20003, detail: "Your AccountSid or AuthToken was incorrect." }))
  }
  const expected = `${world.accountSid}:${Redacted.value(world.authToken)}`
  const given = Buffer.from(credentials, "base64").toString("utf8")
  return given === expected ? Either.right(undefined) : Either.left(new RestError({ code: 20003 }))
}

/** Beyond `keepCalls` the oldest ended calls are forgotten, so that a long-lived simulator does not grow. */
const forgetOld = (book: Book, keep: number): void => {
  for (const [sid, { status }] of book.calls) {
    if (book.calls.size <= keep) return
    if (isOver(status)) book.calls.delete(sid)
  }
}

const create = Effect.fnUntraced(function* (world: World, options: RestOptions, book: Book, incoming: Incoming) {
  const parameters = yield* readCall(incoming.form, options.account)
  const script = world.callees(parameters.to)
  if ("line" in script && script.line === "rate-limited") return yield* refuse(20429)
  if ("line" in script && script.line === "refused") return yield* refuse(script.code)
  const now = world.now()
  const turn = Math.max(now, book.nextTurn)
  book.nextTurn = turn + 1000 / options.callsPerSecond
  const sid = newSid(world, "CA")
  const call = yield* SimulatedCall.make({ sid, parameters, script, createdAt: now, queueTime: Math.round(turn - now) })
  if (parameters.twimlIgnored) call.alert(now, 32019, "Url and Twiml were given: Twiml is ignored")
  book.calls.set(sid, call)
  incoming.call = call
  forgetOld(book, options.keepCalls)
  const rendered = renderCall(world.accountSid, call)
  world.spawn(liveCall(world, call))
  return respondJson(201, rendered)
})

/** Ends a call as an update asks; a call that is over, or not yet answered, follows facts/twilio.md 1.3. */
const endCall = Effect.fnUntraced(function* (world: World, call: SimulatedCall, status: "canceled" | "completed") {
  const answered = call.status === "in-progress"
  if (answered && status === "canceled") return
  if (!answered && status === "completed" && !world.completesRinging) return yield* refuse(21220)
  const ending: Ending = answered ? { status: "completed", sip: 200 } : { status: "canceled", sip: 487 }
  yield* Deferred.succeed(call.hangUp, ending)
  yield* Effect.timeoutOption(Deferred.await(call.over), maxInlineWait)
})

const update = Effect.fnUntraced(function* (world: World, call: SimulatedCall, form: URLSearchParams) {
  if (isOver(call.status)) return yield* refuse(21220)
  const status = form.get("Status") ?? ""
  const document = yield* documentOf(form)
  const timeLimit = Number(form.get("TimeLimit") ?? "")
  if (Number.isInteger(timeLimit) && timeLimit > 0) call.timeLimit = timeLimit
  if (status === "canceled" || status === "completed") yield* endCall(world, call, status)
  else if (status !== "") return yield* new RestError({ code: 20001, message: `Invalid Status ${status}` })
  else if (document !== undefined) {
    if (call.status !== "in-progress") return yield* refuse(21220)
    yield* Queue.offer(call.replacements, document)
  }
  return respondJson(200, renderCall(world.accountSid, call))
})

const oneCall = (world: World, book: Book, call: SimulatedCall, { form, method }: Incoming): Answer => {
  if (method === "GET") return Effect.succeed(respondJson(200, renderCall(world.accountSid, call)))
  if (method === "POST") return update(world, call, form)
  if (method !== "DELETE") return refuse(20004)
  if (!isOver(call.status)) return refuse(20009)
  book.calls.delete(call.sid)
  return Effect.succeed(respond(204))
}

const recordingsOfCall = Effect.fnUntraced(function* (
  world: World,
  call: SimulatedCall,
  { form, method, path, query }: Incoming
) {
  if (method === "GET") {
    const kept = call.recordings.filter(({ status }) => status !== "deleted")
    const rendered = kept.map((recording) => renderRecording(world.accountSid, call, recording))
    return respondJson(200, page("recordings", rendered, path, query))
  }
  if (method !== "POST") return yield* refuse(20004)
  if (call.status !== "in-progress" || call.line === undefined) return yield* refuse(21220)
  const order = yield* recordingOf(form, "StartCallRecordingAPI")
  const recording = yield* startRecording(world, call, call.line, order)
  return respondJson(201, renderRecording(world.accountSid, call, recording))
})

const media = (call: SimulatedCall, recording: Recording, query: URLSearchParams): Answer => {
  if (recording.status !== "completed") return refuse(20404)
  const wanted = query.get("RequestedChannels") === "2" ? 2 : query.get("RequestedChannels") === "1" ? 1 : undefined
  if (wanted === 2 && recording.channels === 1) return refuse(16113)
  const wav = recordedWav(call, recording, wanted ?? recording.channels)
  return Effect.succeed(respond(200, wav, { "content-type": "audio/x-wav" }))
}

const oneRecording = (world: World, book: Book, sid: string, suffix: string, incoming: Incoming): Answer => {
  for (const call of book.calls.values()) {
    const recording = call.recordings.find((one) => one.sid === sid && one.status !== "deleted")
    if (recording === undefined) continue
    incoming.call = call
    if (incoming.method === "DELETE") {
      recording.status = "deleted"
      return Effect.succeed(respond(204))
    }
    if (incoming.method !== "GET") return refuse(20004)
    return suffix === ".json"
      ? Effect.succeed(respondJson(200, renderRecording(world.accountSid, call, recording)))
      : media(call, recording, incoming.query)
  }
  return refuse(20404)
}

/** Does what an authenticated request asks for. */
export const answerRest = (world: World, options: RestOptions, book: Book, incoming: Incoming): Answer => {
  const { method, path } = incoming
  const root = accountPath(world.accountSid)
  const shown = method === "GET" ? showAccount(options.account, path, incoming.query) : undefined
  if (shown !== undefined) return Effect.succeed(shown)
  if (method === "GET" && path === "/v1/Alerts") {
    return Effect.succeed(showAlerts(world.accountSid, book.calls.values(), path, incoming.query))
  }
  const missing = refuse(20404, `The requested resource ${path} was not found`)
  if (!path.startsWith(`${root}/`)) return missing
  const rest = path.slice(root.length + 1)
  if (rest === "Calls.json") {
    if (method === "POST") return create(world, options, book, incoming)
    return method === "GET" ? listCalls(world.accountSid, book.calls.values(), incoming) : refuse(20004)
  }
  const [, callSid, below] = /^Calls\/(CA[0-9a-f]{32})(\/Recordings)?\.json$/.exec(rest) ?? []
  if (callSid !== undefined) {
    const call = book.calls.get(callSid)
    if (call === undefined) return missing
    incoming.call = call
    return below === undefined ? oneCall(world, book, call, incoming) : recordingsOfCall(world, call, incoming)
  }
  const [, recordingSid, suffix = ""] = /^Recordings\/(RE[0-9a-f]{32})(\.json|\.wav)?$/.exec(rest) ?? []
  return recordingSid === undefined ? missing : oneRecording(world, book, recordingSid, suffix, incoming)
}
