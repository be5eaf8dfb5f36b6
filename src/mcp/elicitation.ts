/** A question of the voice agent, shown to the person at the client as an MCP elicitation, where the client has those. */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js"
import { type ElicitResult, ElicitResultSchema, type ServerRequest } from "@modelcontextprotocol/sdk/types.js"
import { Effect, Option } from "effect"

/** What the person did with it, as the answer that the voice agent gets; none when they just closed it. */
export type AskPerson = (question: string) => Effect.Effect<Option.Option<string>>

/** What we use of what the SDK gives with a request: asking back on the same stream. */
export interface AskingBack {
  readonly sendRequest: (
    request: ServerRequest,
    resultSchema: typeof ElicitResultSchema,
    options: { readonly signal: AbortSignal; readonly timeout: number }
  ) => Promise<ElicitResult>
}

/** Milliseconds: a little more than the voice agent waits, which takes the question back by itself. */
const patience = 70_000

const declined = "They do not want to answer that. Go on without."

const answerOf = ({ action, content }: ElicitResult): Option.Option<string> => {
  if (action === "decline") return Option.some(declined)
  const answer = action === "accept" ? content?.answer : undefined
  return typeof answer === "string" && answer.trim() !== "" ? Option.some(answer) : Option.none()
}

/** `undefined` where the client cannot ask a person. Interrupting it takes the question back. */
export const askPerson = (server: Server, { sendRequest }: AskingBack): AskPerson | undefined => {
  if (server.getClientCapabilities()?.elicitation?.form === undefined) return undefined
  return (question) => {
    const request: ServerRequest = {
      method: "elicitation/create",
      params: {
        message: `The voice agent on the phone asks, and waits 60 s: ${question}`,
        requestedSchema: {
          type: "object",
          properties: { answer: { type: "string", title: "Answer", description: question, maxLength: 2_000 } },
          required: ["answer"]
        }
      }
    }
    return Effect.tryPromise((signal) => sendRequest(request, ElicitResultSchema, { signal, timeout: patience })).pipe(
      Effect.map(answerOf),
      Effect.catchAll((error) =>
        Effect.as(Effect.logWarning("an MCP client did not ask its user", error.message), Option.none())
      )
    )
  }
}
