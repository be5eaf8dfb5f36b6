/** The message around a request, as it comes from a client that may be anybody: checked and completed. Knows no transport. */
import type { RpcMessage } from "@effect/rpc"
import { Either, Schema } from "effect"
import { PhoneRpcs } from "./PhoneRpcs.ts"

/** What a request may weigh, in bytes: ten times the longest task that is accepted, so that a refusal can be read. */
export const maxRequestBytes = 1_000_000

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })
const withDefault = <A, I>(schema: Schema.Schema<A, I>, value: () => A) =>
  Schema.optionalWith(schema, { exact: true, default: value })

/** A request's number among those of its connection. */
const Id = Schema.Union(Schema.String, Schema.NonNegativeInt).pipe(
  Schema.transform(Schema.String.pipe(Schema.pattern(/^\d{1,30}$/)), {
    strict: true,
    decode: String,
    encode: (id) => id
  })
)

/** `{"tag": "phone_status", "payload": {…}}` is enough: what a person at a terminal would leave out has a default. */
const Request = Schema.Struct({
  _tag: withDefault(Schema.Literal("Request"), () => "Request" as const),
  id: withDefault(Id, () => "0"),
  tag: Schema.String,
  payload: Schema.Unknown,
  headers: withDefault(Schema.Array(Schema.mutable(Schema.Tuple(Schema.String, Schema.String))), () => []),
  traceId: optional(Schema.String),
  spanId: optional(Schema.String),
  sampled: optional(Schema.Boolean)
})

const Envelope = Schema.Union(
  Schema.TaggedStruct("Ack", { requestId: Id }),
  Schema.TaggedStruct("Interrupt", { requestId: Id }),
  Schema.TaggedStruct("Ping", {}),
  Schema.TaggedStruct("Eof", {}),
  Request
)
const decode = Schema.decodeUnknownEither(Envelope)

/** The messages in a text, one or a list; otherwise what is wrong with it, for its sender. */
export const readEnvelopes = (text: string): Either.Either<ReadonlyArray<RpcMessage.FromClientEncoded>, string> =>
  Either.try((): unknown => JSON.parse(text)).pipe(
    Either.flatMap((read) => Either.all((Array.isArray(read) ? read : [read]).map((one) => decode(one)))),
    Either.mapLeft(
      () => 'This is no RPC message. Send {"tag": "phone_status", "payload": {"callId": "..."}}, for example.'
    )
  )

/** The answer to a request that is refused before any handler sees it. Only its sender's request fails. */
export const refusal = (requestId: string, message: string): RpcMessage.FromServerEncoded => ({
  _tag: "Exit",
  requestId,
  exit: { _tag: "Failure", cause: { _tag: "Die", defect: { name: "Error", message } } }
})

/** Why a request cannot be handed to the handlers: there is no such tool, and an unknown one would end the connection. */
export const unknownTool = (message: RpcMessage.FromClientEncoded): string | undefined =>
  message._tag === "Request" && !PhoneRpcs.requests.has(message.tag)
    ? `There is no "${message.tag.slice(0, 60)}". There are ${[...PhoneRpcs.requests.keys()].join(", ")}.`
    : undefined
