/** A real service on the simulated line, used by the official client: over stdio through `phone mcp`, and over HTTP. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import type { Progress } from "@modelcontextprotocol/sdk/types.js"
import { Context, Effect, Fiber, Layer, Schema } from "effect"
import { Call } from "../../src/domain/Call.ts"
import { ask, callOf, eventually, overHttp, overStdio, simulatedService, textOf, toolsOf, use } from "./support.ts"

class Service extends Context.Tag("test/Service")<Service, { readonly url: string; readonly token: string }>() {}

const layerService = Layer.scoped(Service, simulatedService()).pipe(Layer.provide(NodeContext.layer), Layer.orDie)

const flags = ({ token, url }: Service["Type"]) => ["--url", url, "--token", token]

const polite = "+15550100001"
const busy = "+15550100002"

layer(layerService, { excludeTestServices: true, timeout: "30 seconds" })("an agent with MCP", (it) => {
  it.scoped("finds the same tools and resources over stdio and HTTP", () =>
    Effect.gen(function* () {
      const service = yield* Service
      const { client, said } = yield* overStdio(flags(service))
      const other = yield* overHttp(service.url, service.token)
      const tools = yield* toolsOf(client)
      expect(tools.map(({ name }) => name)).toEqual([
        "phone_call",
        "phone_status",
        "phone_history",
        "phone_hangup",
        "phone_say",
        "phone_answer"
      ])
      expect(yield* toolsOf(other)).toEqual(tools)
      for (const { description, inputSchema, outputSchema } of tools) {
        expect(description?.length).toBeGreaterThan(40)
        expect(inputSchema.type).toBe("object")
        expect(outputSchema?.type).toBe("object")
      }
      for (const one of [client, other]) {
        expect(one.getServerVersion()?.name).toBe("phone")
        const { resourceTemplates } = yield* ask(() => one.listResourceTemplates())
        expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(["phone://calls/{callId}"])
      }
      expect(said).toEqual([])
    })
  )

  it.scoped(
    "two agents call at once, each hears how its own call goes, and both read both transcripts",
    () =>
      Effect.gen(function* () {
        const service = yield* Service
        const { client: near } = yield* overStdio(flags(service))
        const far = yield* overHttp(service.url, service.token)
        const talk = (client: typeof near, task: string) => {
          const told: Array<Progress> = []
          const onprogress = (progress: Progress) => void told.push(progress)
          return Effect.map(use(client, "phone_call", { to: polite, task }, { onprogress }), (result) => ({
            result,
            told
          }))
        }
        const done = yield* Effect.all([talk(near, "Book a table for two"), talk(far, "Move the meeting to noon")], {
          concurrency: "unbounded"
        })
        const calls = yield* Effect.forEach(done, ({ result }) => callOf(result))
        const [first, second] = calls
        expect(first?.id).not.toBe(second?.id)
        for (const [n, { result, told }] of done.entries()) {
          const call = calls[n]
          expect(result.isError).toBeUndefined()
          expect(call?.status).toBe("completed")
          expect(call?.outcome?.success).toBe(true)
          expect(textOf(result)).toContain("the goal was reached")
          // told as it went, in order, of this call and no other
          const messages = told.map(({ message }) => message ?? "")
          expect(messages[0]).toContain(call?.id)
          expect(messages).toEqual(expect.arrayContaining(["ringing", "in-progress"]))
          expect(messages).toContain("callee: Yes, Tuesday at 2 pm works. See you then.")
          expect(messages.join()).toContain(call?.task)
          expect(told.map(({ progress }) => progress)).toEqual(told.map((_, index) => index + 1))
        }
        for (const client of [near, far]) {
          const { resources } = yield* ask(() => client.listResources())
          const uris = resources.map(({ uri }) => uri)
          for (const call of calls) {
            expect(uris).toContain(`phone://calls/${call.id}`)
            const read = yield* ask(() => client.readResource({ uri: `phone://calls/${call.id}` }))
            const [content] = read.contents
            expect(content?.mimeType).toBe("application/json")
            const stored = yield* Schema.decodeUnknown(Schema.parseJson(Call))(
              content !== undefined && "text" in content ? content.text : ""
            )
            expect(stored.transcript).toEqual(call.transcript)
          }
        }
        const found = yield* use(near, "phone_history", { search: "meeting noon" })
        expect(found.structuredContent).toMatchObject({ calls: [{ id: second?.id }] })
        expect(found.structuredContent).not.toHaveProperty("calls[0].transcript")
        const one = yield* use(far, "phone_history", { callId: first?.id })
        expect(one.structuredContent).toMatchObject({ calls: [{ transcript: expect.arrayContaining([]) }] })
        expect(textOf(one)).toContain("callee: Yes, Tuesday")
      }),
    // 25 s on an idle machine, most of it the calls: they go in real time
    90_000
  )

  it.scoped("reads that a line was busy, and that a number was refused: one a result, the other an error", () =>
    Effect.gen(function* () {
      const service = yield* Service
      const { client: near } = yield* overStdio(flags(service))
      const far = yield* overHttp(service.url, service.token)
      const read = Effect.fnUntraced(function* (client: typeof near) {
        const result = yield* use(client, "phone_call", { to: busy, task: "Say hello" })
        expect(result.isError).toBeUndefined()
        expect((yield* callOf(result)).status).toBe("busy")
        expect(textOf(result)).toContain("busy")
        const emergency = yield* use(client, "phone_call", { to: "911", task: "Say hello" })
        expect(emergency.isError).toBe(true)
        expect(textOf(emergency)).toMatch(/^CallNotAllowed: /)
        expect(emergency._meta?.["phone/error"]).toMatchObject({ type: "CallNotAllowed", rule: "emergency" })
        const unreadable = yield* use(client, "phone_call", { to: "the dentist", task: "Say hello" })
        expect(textOf(unreadable)).toMatch(/^InvalidPhoneNumber: .*\n.*\+15551234567/)
      })
      yield* Effect.all([read(near), read(far)], { concurrency: "unbounded" })
    })
  )

  it.scoped("returns at once with wait false, guides the voice agent, and hangs up", () =>
    Effect.gen(function* () {
      const service = yield* Service
      const client = yield* overHttp(service.url, service.token)
      const placed = yield* Effect.flatMap(use(client, "phone_call", { to: polite, task: "Chat", wait: false }), callOf)
      expect(placed.status).toBe("queued")
      const look = Effect.flatMap(use(client, "phone_status", { callId: placed.id }), callOf)
      yield* eventually(look, ({ status }) => status === "in-progress")
      const told = yield* use(client, "phone_say", { callId: placed.id, text: "Ask about parking." })
      expect(told.structuredContent).toEqual({ callId: placed.id })
      yield* use(client, "phone_hangup", { callId: placed.id })
      const ended = yield* eventually(look, ({ endedAt }) => endedAt !== undefined)
      expect(ended.status).toBe("completed")
      // the line is down; the last words about the call are written a moment later
      const late = yield* eventually(
        use(client, "phone_hangup", { callId: placed.id }),
        ({ isError }) => isError === true
      )
      expect(textOf(late)).toMatch(/^CallEnded: /)
    })
  )

  it.scoped("that stops waiting leaves the call going, whichever way it came", () =>
    Effect.gen(function* () {
      const service = yield* Service
      const { client: near } = yield* overStdio(flags(service))
      const far = yield* overHttp(service.url, service.token)
      const leave = Effect.fnUntraced(function* (client: typeof near) {
        let callId: string | undefined
        const onprogress = ({ message }: Progress) => {
          callId ??= /^Call (\w+)/.exec(message ?? "")?.[1]
        }
        const waiting = yield* Effect.fork(use(client, "phone_call", { to: polite, task: "Chat" }, { onprogress }))
        const id = yield* eventually(
          Effect.sync(() => callId),
          (seen) => seen !== undefined
        )
        yield* Fiber.interrupt(waiting)
        const look = Effect.flatMap(use(client, "phone_status", { callId: id }), callOf)
        yield* eventually(look, ({ status }) => status === "in-progress")
        yield* use(client, "phone_hangup", { callId: id })
        yield* eventually(look, ({ endedAt }) => endedAt !== undefined)
      })
      yield* Effect.all([leave(near), leave(far)], { concurrency: "unbounded" })
    })
  )

  it.scoped("asked twice with one requestId, it is one call", () =>
    Effect.gen(function* () {
      const service = yield* Service
      const client = yield* overHttp(service.url, service.token)
      const once = use(client, "phone_call", { to: busy, task: "Hello", wait: false, requestId: "order 17" })
      const [first, again] = yield* Effect.all([Effect.flatMap(once, callOf), Effect.flatMap(once, callOf)])
      expect(again.id).toBe(first.id)
    })
  )
})
