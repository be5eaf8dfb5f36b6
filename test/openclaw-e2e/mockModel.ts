/**
 * A language model that does what it is told: a new message of the user with `USE <tool> <json>` in it is answered by that
 * tool call, anything else with a word. Keeps every request, so that what the model was told can be looked at.
 */
import { once } from "node:events"
import { createServer, type ServerResponse } from "node:http"
import { Schema } from "effect"

export interface ModelRequest {
  readonly tools: ReadonlyArray<string>
  readonly messages: ReadonlyArray<{ readonly role: string; readonly text: string }>
  /** What came since the model spoke last. */
  readonly news: string
}

export interface MockModel {
  readonly baseUrl: string
  readonly requests: ReadonlyArray<ModelRequest>
  readonly close: () => void
}

const Part = Schema.Struct({ text: Schema.optional(Schema.String) })
const Content = Schema.NullishOr(Schema.Union(Schema.String, Schema.Array(Part)))
const Asked = Schema.parseJson(
  Schema.Struct({
    messages: Schema.Array(Schema.Struct({ role: Schema.String, content: Schema.optional(Content) })),
    tools: Schema.optionalWith(Schema.Array(Schema.Struct({ function: Schema.Struct({ name: Schema.String }) })), {
      default: () => []
    })
  })
)

const textOf = (content: typeof Content.Type): string =>
  typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("")

const stream = (response: ServerResponse, deltas: ReadonlyArray<object>, reason: string) => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  const chunk = (body: object) =>
    response.write(
      `data: ${JSON.stringify({ id: "m", object: "chat.completion.chunk", created: 1, model: "mock", ...body })}\n\n`
    )
  for (const delta of deltas) chunk({ choices: [{ index: 0, delta, finish_reason: null }] })
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })
  chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } })
  response.end("data: [DONE]\n\n")
}

export const startMockModel = async (): Promise<MockModel> => {
  const requests: Array<ModelRequest> = []
  const server = createServer(async (request, response) => {
    let body = ""
    for await (const part of request) body += String(part)
    if (!String(request.url).endsWith("/chat/completions")) return response.writeHead(404).end()
    const asked = Schema.decodeSync(Asked)(body)
    const messages = asked.messages.map(({ content, role }) => ({ role, text: textOf(content) }))
    const spoke = messages.findLastIndex(({ role }) => role === "assistant")
    const since = messages.slice(spoke + 1).filter(({ role }) => role !== "system")
    const news = since.map(({ text }) => text).join("\n")
    const tools = asked.tools.map((tool) => tool.function.name)
    requests.push({ tools, messages, news })
    const use = since.some(({ role }) => role === "tool") ? null : /USE (\w+) (\{.*\})/.exec(news)
    if (use === null) return stream(response, [{ role: "assistant", content: `noted ${requests.length}` }], "stop")
    const call = { name: use[1], arguments: use[2] }
    const tool_calls = [{ index: 0, id: `call${requests.length}`, type: "function", function: call }]
    return stream(response, [{ role: "assistant", content: null, tool_calls }], "tool_calls")
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    requests,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
