/** Calls as MCP resources: `phone://calls/{callId}` is the whole record as JSON, transcript included. */
import {
  ErrorCode,
  type ListResourcesResult,
  type ListResourceTemplatesResult,
  type ReadResourceResult
} from "@modelcontextprotocol/sdk/types.js"
import { DateTime, Effect, Schema } from "effect"
import { Call } from "../domain/Call.ts"
import { headline } from "./callText.ts"
import type { PhoneAccess, Trouble } from "./PhoneAccess.ts"
import { ProtocolError } from "./ProtocolError.ts"

const pageSize = 50
const mimeType = "application/json"
const uriOf = (callId: string) => `phone://calls/${callId}`

/** The protocol's code for a resource that is not there; the SDK has no name for it. */
const resourceNotFound = -32002

const toJson = Schema.encodeSync(Schema.parseJson(Call, { space: 2 }))

/** There are no readable results here, only errors of the protocol. */
const protocolError =
  (codes: Readonly<Record<string, number>>, data?: unknown) =>
  ({ _tag, message }: Trouble) =>
    new ProtocolError({ code: codes[_tag] ?? ErrorCode.InternalError, message: `${_tag}: ${message}`, data })

export const templates: ListResourceTemplatesResult = {
  resourceTemplates: [
    {
      uriTemplate: uriOf("{callId}"),
      name: "call",
      title: "A phone call",
      description: "One call by its id: status, outcome, and the transcript of what was really said and heard.",
      mimeType
    }
  ]
}

/** Newest first, 50 to a page. */
export const list = (
  phone: PhoneAccess,
  cursor: string | undefined
): Effect.Effect<ListResourcesResult, ProtocolError> =>
  phone.history({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }).pipe(
    Effect.mapBoth({
      onFailure: protocolError({ InvalidRequest: ErrorCode.InvalidParams }),
      onSuccess: (page) => ({
        resources: page.calls.map((call) => ({
          uri: uriOf(call.id),
          name: call.id,
          title: `${DateTime.formatIso(call.startedAt)} ${call.to} ${call.status}`,
          description: headline(call),
          mimeType
        })),
        ...(page.cursor === undefined ? {} : { nextCursor: page.cursor })
      })
    })
  )

export const read = (phone: PhoneAccess, uri: string): Effect.Effect<ReadResourceResult, ProtocolError> => {
  const callId = /^phone:\/\/calls\/([a-z0-9]{8})$/.exec(uri)?.[1]
  if (callId === undefined) {
    const message = `There is no such resource; ${uriOf("{callId}")} is a call.`
    return new ProtocolError({ code: resourceNotFound, message, data: { uri } })
  }
  return phone.status(callId).pipe(
    Effect.mapBoth({
      onFailure: protocolError({ CallNotFound: resourceNotFound }, { uri }),
      onSuccess: (call) => ({ contents: [{ uri, mimeType, text: toJson(call) }] })
    })
  )
}
