/** What an agent gets to read: every call fits the output schema, refusals say what to do, the protocol's errors are its own. */
import { describe, expect, it } from "@effect/vitest"
import { Arbitrary, Deferred, Effect, FastCheck, Fiber, Logger, Schema, Stream } from "effect"
import { Call } from "../../src/domain/Call.ts"
import { CallStatus, isTerminal } from "../../src/domain/CallStatus.ts"
import {
  CallNotAllowed,
  InvalidPhoneNumber,
  InvalidRequest,
  RateLimited,
  StoreUnavailable,
  TooManyCalls,
  Unauthorized
} from "../../src/domain/errors.ts"
import { ConnectionLost } from "../../src/mcp/overRpc.ts"
import { call, callId } from "../rpc/service.ts"
import { ask, callOf, fakePhone, inMemory, textOf, use } from "./support.ts"

const anyCall = Arbitrary.make(Call)
const encode = Schema.encodeSync(Call)

describe("the result of a tool", () => {
  it.scopedLive("fits its output schema and loses nothing, whatever the call is like", () =>
    Effect.gen(function* () {
      for (const any of FastCheck.sample(anyCall, { numRuns: 100, seed: 5 })) {
        const client = yield* inMemory(
          fakePhone({ status: () => Effect.succeed(any), history: () => Effect.succeed({ calls: [any], cursor: "c" }) })
        )
        const result = yield* use(client, "phone_status", { callId: any.id })
        expect(encode(yield* callOf(result))).toEqual(encode(any))
        const text = textOf(result)
        expect(text).toContain(any.id)
        for (const turn of any.transcript) expect(text).toContain(turn.text)
        if (!isTerminal(any.status)) expect(text).toContain("phone_status")
        const { transcript: _, ...listed } = encode(any)
        const page = yield* use(client, "phone_history")
        expect(page.structuredContent).toEqual({ calls: [listed], cursor: "c" })
      }
    })
  )

  it.scopedLive("is no error, however a call ended", () =>
    Effect.gen(function* () {
      const texts = new Set<string>()
      for (const status of CallStatus.literals) {
        const client = yield* inMemory(
          fakePhone({
            place: () => Effect.succeed(call),
            status: () => Effect.succeed({ ...call, status }),
            watch: () => Stream.make({ _tag: "Ended" as const, seq: 1, call: { ...call, status } })
          })
        )
        const result = yield* isTerminal(status)
          ? use(client, "phone_call", { to: call.to, task: "Say hello" })
          : use(client, "phone_status", { callId })
        expect(result.isError).toBeUndefined()
        expect((yield* callOf(result)).status).toBe(status)
        texts.add(textOf(result))
      }
      expect(texts.size).toBe(CallStatus.literals.length)
    })
  )

  it.scopedLive("names a refusal by its tag and says what to do", () =>
    Effect.gen(function* () {
      const refusals = [
        new InvalidPhoneNumber({ input: "x", message: "No number." }),
        new InvalidRequest({ field: "task", message: "The task is empty." }),
        new CallNotAllowed({ rule: "do-not-call", message: "They do not want to be called." }),
        new TooManyCalls({ limit: 5, message: "5 calls are in progress already." }),
        new RateLimited({ service: "twilio", retryAfter: 7, message: "Too fast." }),
        new StoreUnavailable({ message: "The disk is full." }),
        new Unauthorized({ message: "The token is wrong." }),
        new ConnectionLost({ message: "Lost." })
      ]
      for (const refusal of refusals) {
        const client = yield* inMemory(fakePhone({ place: () => Effect.fail(refusal) }))
        const result = yield* use(client, "phone_call", { to: "x", task: "Say hello" })
        expect(result.isError).toBe(true)
        expect(result.structuredContent).toBeUndefined()
        expect(textOf(result)).toContain(`${refusal._tag}: ${refusal.message}`)
        expect(result._meta?.["phone/error"]).toMatchObject({ type: refusal._tag, message: refusal.message })
      }
      const limited = yield* inMemory(
        fakePhone({ place: () => new RateLimited({ service: "twilio", retryAfter: 7, message: "Too fast." }) })
      )
      const result = yield* use(limited, "phone_call", { to: "x", task: "Say hello" })
      expect(result._meta?.["phone/error"]).toMatchObject({ retryAfter: 7 })
    })
  )

  it.scopedLive("says which argument is wrong, and nothing is dialled", () =>
    Effect.gen(function* () {
      const client = yield* inMemory(fakePhone())
      const wrong: ReadonlyArray<readonly [string, Record<string, unknown>, string]> = [
        ["phone_call", { to: "+15551234567" }, "task"],
        ["phone_call", { to: 5551234567, task: "Hello" }, "to"],
        ["phone_call", { to: "+15551234567", task: "Hello", wiat: false }, "wiat"],
        ["phone_call", { to: "+15551234567", task: "Hello", requestId: "" }, "requestId"],
        ["phone_history", { limit: 0 }, "limit"],
        ["phone_status", {}, "callId"]
      ]
      for (const [name, args, argument] of wrong) {
        const result = yield* use(client, name, args)
        expect(result.isError).toBe(true)
        expect(textOf(result)).toMatch(new RegExp(`^InvalidArguments: .*${argument}`))
      }
    })
  )
})

describe("an error of the protocol", () => {
  it.scopedLive("answers an unknown tool, an unknown resource, a bad cursor", () =>
    Effect.gen(function* () {
      const client = yield* inMemory(
        fakePhone({ history: () => new InvalidRequest({ field: "cursor", message: "The cursor is unknown." }) })
      )
      const codeOf = <A>(run: () => Promise<A>) => Effect.map(Effect.flip(ask(run)), ({ code }) => code)
      expect(yield* codeOf(() => client.callTool({ name: "phone_cal" }))).toBe(-32602)
      expect(yield* codeOf(() => client.readResource({ uri: `phone://calls/${callId}` }))).toBe(-32002)
      expect(yield* codeOf(() => client.readResource({ uri: "phone://calls/../../etc/passwd" }))).toBe(-32002)
      expect(yield* codeOf(() => client.listResources({ cursor: "nonsense" }))).toBe(-32602)
    })
  )

  it.scopedLive("answers a bug, and its neighbours never notice", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const client = yield* inMemory(
        fakePhone({
          status: () => Effect.die(new Error("a bug")),
          history: () => {
            throw new Error("another")
          },
          place: () => Effect.as(Deferred.await(go), call)
        })
      )
      const neighbour = yield* Effect.fork(use(client, "phone_call", { to: "x", task: "Hello", wait: false }))
      const first = yield* Effect.flip(use(client, "phone_status", { callId }))
      expect(first.code).toBe(-32603)
      expect(first.message).toBe("McpError: MCP error -32603: Phone has a bug here; its log tells more.")
      expect((yield* Effect.flip(use(client, "phone_history"))).code).toBe(-32603)
      yield* Deferred.succeed(go, undefined)
      expect((yield* callOf(yield* Fiber.join(neighbour))).id).toBe(callId)
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger)))
  )
})

describe("resources", () => {
  it.scopedLive("are paged, newest first", () =>
    Effect.gen(function* () {
      const asked: Array<unknown> = []
      const client = yield* inMemory(
        fakePhone({
          history: (query) => {
            asked.push(query)
            return Effect.succeed(query.cursor === undefined ? { calls: [call], cursor: "next" } : { calls: [] })
          }
        })
      )
      const first = yield* ask(() => client.listResources())
      expect(first).toMatchObject({ resources: [{ uri: `phone://calls/${callId}` }], nextCursor: "next" })
      const second = yield* ask(() => client.listResources({ cursor: "next" }))
      expect(second).toEqual({ resources: [] })
      expect(asked).toEqual([{ limit: 50 }, { limit: 50, cursor: "next" }])
    })
  )
})
