/** What client and server share of node's HTTP: its headers and its errors, in our words. */
import type { IncomingMessage } from "node:http"
import type { WireHeaders } from "./Network.ts"

/** Node names them in lower case; one that may come several times is joined. */
export const headersOf = ({ headers }: IncomingMessage): WireHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")])
  )

/** The system's name for what went wrong ("ECONNREFUSED"), or the message where there is none. */
export const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : error.message
