/**
 * POST /rpc: whole JSON requests with whole JSON answers, so that no text is ever cut within a character. Streams are
 * refused here: HTTP gives no back-pressure, and an answer without an end holds the shutdown (facts/effect.md 2a, 5).
 */
import { HttpIncomingMessage, HttpLayerRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { RpcMessage, RpcSchema, RpcSerialization, RpcServer } from "@effect/rpc"
import { Effect, Either, Layer, Option } from "effect"
import { maxRequestBytes, readEnvelopes, refusal, unknownTool } from "./envelope.ts"
import { PhoneRpcs } from "./PhoneRpcs.ts"
import { httpPath, socketPath } from "./paths.ts"

const decoder = new TextDecoder()

/** One list of messages in, one list of answers out. */
const wholeJson = RpcSerialization.RpcSerialization.of({
  contentType: "application/json",
  includesFraming: false,
  unsafeMake: () => ({
    decode: (body) => Either.getOrThrow(readEnvelopes(typeof body === "string" ? body : decoder.decode(body))),
    encode: (answers) => JSON.stringify(answers)
  })
})

const streams = (tag: string) =>
  Option.exists(Option.fromNullable(PhoneRpcs.requests.get(tag)), (rpc) => RpcSchema.isStreamSchema(rpc.successSchema))

const refused = (message: RpcMessage.FromClientEncoded): ReadonlyArray<RpcMessage.FromServerEncoded> => {
  if (message._tag !== "Request") return []
  const unknown = unknownTool(message)
  if (unknown !== undefined) return [refusal(message.id, unknown)]
  return streams(message.tag)
    ? [refusal(message.id, `${message.tag} streams: ask for it on the WebSocket ${socketPath}.`)]
    : []
}

const answer = (status: number, messages: ReadonlyArray<RpcMessage.FromServerEncoded>) =>
  HttpServerResponse.text(JSON.stringify(messages), { status, contentType: "application/json" })

const tooBig = answer(413, [
  RpcMessage.ResponseDefectEncoded(`The request is larger than ${maxRequestBytes} bytes.`)
]).pipe(HttpServerResponse.setHeader("connection", "close"))

export const layerHttpDoor = Layer.scopedDiscard(
  Effect.gen(function* () {
    const router = yield* HttpLayerRouter.HttpRouter
    const app = yield* RpcServer.toHttpApp(PhoneRpcs, { disableFatalDefects: true }).pipe(
      Effect.provideService(RpcSerialization.RpcSerialization, wholeJson)
    )
    yield* router.add(
      "POST",
      httpPath,
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        if (Number(request.headers["content-length"] ?? 0) > maxRequestBytes) return tooBig
        // Kept by the request: the RPC server reads it again.
        const body = yield* Effect.either(request.text)
        if (Either.isLeft(body)) return tooBig
        const messages = readEnvelopes(body.right)
        if (Either.isLeft(messages)) return answer(400, [RpcMessage.ResponseDefectEncoded(messages.left)])
        const refusals = messages.right.flatMap(refused)
        return refusals.length > 0 ? answer(400, refusals) : yield* app
      }).pipe(HttpIncomingMessage.withMaxBodySize(Option.some(maxRequestBytes)))
    )
  })
)
