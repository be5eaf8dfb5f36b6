/**
 * MCP as streamable HTTP on the RPC port: POST, GET and DELETE /mcp. It brings requests to the SDK's transport and its
 * answers back, within bounds; what they ask is not its business.
 */
import { HttpIncomingMessage, HttpLayerRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { isInitializeRequest, isJSONRPCRequest, type RequestId } from "@modelcontextprotocol/sdk/types.js"
import { Effect, Either, FiberRef, Layer, Option, type Redacted, Stream } from "effect"
import { Calls } from "../Calls.ts"
import { Requests } from "../rpc/Requests.ts"
import { makeGuard, refusal } from "./guard.ts"
import { onCalls } from "./PhoneAccess.ts"
import { defaultLimits, makeSessions, type Session } from "./Sessions.ts"

/** Where on the RPC port it is. */
export const mcpPath = "/mcp"

/** What a request may weigh, in bytes: as much as over RPC. */
const maxRequestBytes = 1_000_000

const tooBig = refusal(413, `The request is larger than ${maxRequestBytes} bytes.`, { connection: "close" })
const noJson = refusal(400, "The request is no JSON.")
const tooMany = refusal(503, "Too many MCP sessions are in use. Try again later.")
const unknownSession = refusal(404, "There is no such session (any more). Initialize a new one.")
const noSession = refusal(400, "Initialize a session first, then send its Mcp-Session-Id with every request.")

const methods: ReadonlySet<string> = new Set(["POST", "GET", "DELETE"])

const readBody = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  if (Number(request.headers["content-length"] ?? 0) > maxRequestBytes) return Either.left(tooBig)
  const text = yield* Effect.either(request.text)
  if (Either.isLeft(text)) return Either.left(tooBig)
  return Either.try({ try: (): unknown => JSON.parse(text.right), catch: () => noJson })
}).pipe(HttpIncomingMessage.withMaxBodySize(Option.some(maxRequestBytes)))

/** The ids of the requests in a body: what nobody waits for any more when its client goes away. */
const idsIn = (body: unknown): ReadonlyArray<RequestId> =>
  (Array.isArray(body) ? body : [body]).flatMap((message) => (isJSONRPCRequest(message) ? [message.id] : []))

/** Sent first, so that the headers leave at once: a client of a silent stream waits for them. */
const hello = new TextEncoder().encode(": phone\n\n")

const bodyOf = (response: Response): Stream.Stream<Uint8Array> => {
  const { body } = response
  if (body === null) return Stream.empty
  const chunks = Stream.orDie(Stream.fromReadableStream({ evaluate: () => body, onError: (error) => error }))
  return response.headers.get("content-type")?.includes("event-stream") === true
    ? Stream.concat(Stream.make(hello), chunks)
    : chunks
}

/** Adds the routes to an HttpLayerRouter. Closing it ends all sessions, and with them every stream that is open. */
export const layerMcp = (token: Redacted.Redacted) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const router = yield* HttpLayerRouter.HttpRouter
      const requests = yield* Requests
      const sessions = yield* makeSessions(onCalls(yield* Calls), defaultLimits)
      const guard = makeGuard(token)

      const findSession = Effect.fnUntraced(function* (id: string | undefined, body: unknown) {
        if (id !== undefined) return Either.fromNullable(sessions.get(id), () => unknownSession)
        if (!isInitializeRequest(body)) return Either.left(noSession)
        return Either.fromNullable(yield* sessions.open, () => tooMany)
      })

      /** The wait of a client that has gone away is over; the call it waited for goes on. */
      const abandon = ({ transport }: Session, body: unknown) =>
        Effect.sync(() => {
          for (const requestId of idsIn(body)) {
            const params = { requestId, reason: "the client went away" }
            transport.onmessage?.({ jsonrpc: "2.0", method: "notifications/cancelled", params })
          }
        })

      const converse = Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const { headers, method } = request
        const refused = guard(headers)
        if (refused !== undefined) return refused
        if (!methods.has(method))
          return refusal(405, `${mcpPath} takes POST, GET and DELETE.`, { allow: "POST, GET, DELETE" })
        const read = method === "POST" ? yield* readBody : Either.right(undefined)
        if (Either.isLeft(read)) return read.left
        const body = read.right
        const id = headers["mcp-session-id"]
        const found = yield* findSession(id, body)
        if (Either.isLeft(found)) return found.left
        const session = found.right

        // the platform ends a request that is cut off as a defect of ours (503); it is none
        yield* FiberRef.set(FiberRef.unhandledErrorLogLevel, Option.none())
        yield* sessions.use(session)
        let answered = false
        yield* Effect.addFinalizer(() => (answered ? Effect.void : abandon(session, body)))
        const asked = new Request(new URL(mcpPath, "http://phone"), { method, headers })
        const response = yield* Effect.promise(() =>
          session.transport.handleRequest(asked, body === undefined ? {} : { parsedBody: body })
        )
        // refused its initialization, or said goodbye
        if ((id === undefined && !response.ok) || method === "DELETE") yield* sessions.close(session)
        const stream = Stream.onEnd(
          bodyOf(response),
          Effect.sync(() => {
            answered = true
          })
        )
        return HttpServerResponse.stream(method === "POST" ? requests.stream(stream) : stream, {
          status: response.status,
          headers: Object.fromEntries(response.headers)
        })
      })
      yield* router.add("*", mcpPath, converse)
    })
  )
