/** An error that MCP itself defines, as the SDK sends it: by `code`, `message` and `data`. Its own class repeats the code in the message. */
import { Data } from "effect"

export class ProtocolError extends Data.TaggedError("ProtocolError")<{
  readonly code: number
  readonly message: string
  readonly data?: unknown
}> {}
