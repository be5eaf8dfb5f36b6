/** `phone …` as a user or a script runs it, against a real RPC server whose calls do what the test says. */
import { expect, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, Fiber, Stream } from "effect"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { CallNotAllowed } from "../../src/domain/errors.ts"
import { call, callId, serve } from "../rpc/service.ts"
import { phone, recording } from "./support.ts"

const at = DateTime.unsafeMake("2026-01-01T10:30:00Z")
const done = {
  ...call,
  endedAt: at,
  outcome: { success: true, taskCompleted: true, summary: "Said hello.", nextSteps: [], evidence: [] }
}
const queued = { ...call, status: "queued" as const }
const story: ReadonlyArray<CallEvent> = [
  { _tag: "Status", seq: 1, at, status: "ringing" },
  { _tag: "Partial", seq: 1, position: 0, role: "assistant", text: "Hel" },
  { _tag: "Turn", seq: 2, position: 0, turn: { timestamp: at, role: "assistant", text: "Hello" } },
  { _tag: "Ended", seq: 3, call: done }
]

const reach = (url: string) => ["--url", url, "--token", "the-token"]

it.scopedLive("phone call shows the conversation and ends with what came of it", () =>
  Effect.gen(function* () {
    const asked: Array<unknown> = []
    const { url } = yield* serve({
      place: (request) =>
        Effect.as(
          Effect.sync(() => asked.push(request)),
          callId
        ),
      status: () => Effect.succeed(queued),
      watch: () => Stream.fromIterable(story)
    })
    const args = ["call", "+15551234567", "--task", "Say hello", "--context", "Ann", "--request-id", "r1"]
    const { code, err, out } = yield* phone([...args, ...reach(url)])
    expect(asked).toEqual([{ to: "+15551234567", task: "Say hello", context: "Ann", requestId: "r1" }])
    expect(err).toEqual([])
    expect(out.slice(0, 3)).toEqual([
      "Calling +15551234567, call abc12345. Ctrl-C stops watching, not the call.",
      "10:30:00  ringing",
      "10:30:00  agent   Hello"
    ])
    expect(out).toContain("  outcome     Said hello.")
    expect(code).toBe(0)
  })
)

it.scopedLive("phone call --json writes one object: the call as it ended", () =>
  Effect.gen(function* () {
    const { url } = yield* serve({
      status: () => Effect.succeed(queued),
      watch: () =>
        Stream.make<[CallEvent]>({ _tag: "Ended", seq: 1, call: { ...call, status: "no-answer", endedAt: at } })
    })
    const { code, out } = yield* phone(["call", "+15551234567", "--task", "x", "--json", ...reach(url)])
    expect(out.map((line) => JSON.parse(line))).toMatchObject([{ id: callId, status: "no-answer" }])
    expect(code).toBe(4)
  })
)

it.scopedLive("phone call --no-wait returns with the id", () =>
  Effect.gen(function* () {
    const { url } = yield* serve({ status: () => Effect.succeed(queued) })
    const { code, out } = yield* phone(["call", "+15551234567", "--task", "x", "--no-wait", ...reach(url)])
    expect([out, code]).toEqual([[callId], 0])
  })
)

it.scopedLive("a refused call says which rule, and exits 7", () =>
  Effect.gen(function* () {
    const refusal = new CallNotAllowed({ rule: "emergency", message: "911 is an emergency number." })
    const { url } = yield* serve({ place: () => refusal })
    const forPeople = yield* phone(["call", "911", "--task", "x", ...reach(url)])
    expect([forPeople.err, forPeople.code]).toEqual([["✗ 911 is an emergency number."], 7])
    const forPrograms = yield* phone(["call", "911", "--task", "x", "--json", ...reach(url)])
    expect(JSON.parse(forPrograms.out[0] ?? "")).toEqual({
      error: { type: "CallNotAllowed", rule: "emergency", message: "911 is an emergency number." }
    })
  })
)

it.scopedLive("on a terminal there is a spinner while it rings, and nothing of it stays", () =>
  Effect.gen(function* () {
    const answered = yield* Deferred.make<void>()
    const { url } = yield* serve({
      status: () => Effect.succeed(queued),
      watch: () =>
        Stream.concat(
          Stream.fromIterable(story.slice(0, 1)),
          Stream.fromIterableEffect(Effect.as(Deferred.await(answered), story.slice(2)))
        )
    })
    const ringing = yield* Deferred.make<void>()
    const screen = recording((line) => {
      if (/ringing/.test(line)) Deferred.unsafeDone(ringing, Effect.void)
    })
    const args = ["call", "+15551234567", "--task", "x", ...reach(url)]
    const running = yield* Effect.fork(phone(args, screen))
    yield* Deferred.await(ringing)
    yield* Deferred.succeed(answered, undefined)
    const { live } = yield* Fiber.join(running)
    expect(live.at(-1)).toBe("")
  })
)

it.scopedLive("interrupted while watching, the call goes on, and how to end it is said", () =>
  Effect.gen(function* () {
    const watching = yield* Deferred.make<void>()
    const { url } = yield* serve({
      status: () => Effect.succeed(queued),
      watch: () => Stream.fromEffect(Effect.zipRight(Deferred.succeed(watching, undefined), Effect.never)),
      hangUp: () => Effect.dieMessage("nobody may hang up")
    })
    const screen = recording()
    const running = yield* Effect.fork(phone(["call", "+15551234567", "--task", "x", ...reach(url)], screen))
    yield* Deferred.await(watching)
    yield* Fiber.interrupt(running)
    expect(screen.err).toEqual([
      "The call goes on. Watch it again: phone watch abc12345   End it: phone hangup abc12345"
    ])
  })
)

it.scopedLive("a watch that the service cut off goes on behind what was seen", () =>
  Effect.gen(function* () {
    const cursors: Array<number> = []
    const { url } = yield* serve({
      watch: (_, { after }) => {
        cursors.push(after)
        return Stream.fromIterable(after === 0 ? story.slice(0, 1) : story.slice(2))
      }
    })
    const { code, err, out } = yield* phone(["watch", callId, ...reach(url)])
    expect(cursors).toEqual([0, 1])
    expect(out.slice(0, 2)).toEqual(["10:30:00  ringing", "10:30:00  agent   Hello"])
    expect(err).toEqual(["The connection to the service was lost; trying again for a minute."])
    expect(code).toBe(0)
  })
)

it.scopedLive("phone watch --json writes every event as a line", () =>
  Effect.gen(function* () {
    const { url } = yield* serve({ watch: () => Stream.fromIterable(story) })
    const { out } = yield* phone(["watch", callId, "--json", ...reach(url)])
    expect(out.map((line) => JSON.parse(line)._tag)).toEqual(["Status", "Partial", "Turn", "Ended"])
  })
)

it.scopedLive("phone status, history, hangup and say ask the service and show the answer", () =>
  Effect.gen(function* () {
    const done: Array<string> = []
    const { url } = yield* serve({
      status: () => Effect.succeed(call),
      history: ({ limit, search }) =>
        Effect.as(
          Effect.sync(() => done.push(`history ${limit} ${search}`)),
          { calls: [call] }
        ),
      hangUp: (id) => Effect.sync(() => void done.push(`hangup ${id}`)),
      say: (id, text) => Effect.sync(() => void done.push(`say ${id} ${text}`))
    })
    expect((yield* phone(["status", callId, ...reach(url)])).out[0]).toBe("abc12345  +15551234567  completed")
    expect(JSON.parse((yield* phone(["status", callId, "--json", ...reach(url)])).out[0] ?? "")).toMatchObject({
      id: callId
    })
    const history = yield* phone(["history", "--limit", "3", "--search", "hello", ...reach(url)])
    expect(history.out).toHaveLength(2)
    yield* phone(["hangup", callId, ...reach(url)])
    yield* phone(["say", callId, "ask", "for", "Ann", ...reach(url)])
    expect(done).toEqual(["history 3 hello", `hangup ${callId}`, `say ${callId} ask for Ann`])
  })
)

it.scopedLive("an unknown call exits 9, a wrong token and a dead service 8, each with a line", () =>
  Effect.gen(function* () {
    const { url } = yield* serve()
    const unknown = yield* phone(["status", "zzzzzzzz", ...reach(url)])
    expect([unknown.err, unknown.code]).toEqual([["✗ There is no call zzzzzzzz."], 9])
    const stranger = yield* phone(["status", callId, "--url", url, "--token", "wrong"])
    expect(stranger.code).toBe(8)
    expect(stranger.err[0]).toContain("The RPC token is wrong")
    const nobody = yield* phone(["status", callId, "--url", "http://127.0.0.1:1", "--token", "x"])
    expect(nobody.code).toBe(8)
    expect(nobody.err[0]).toContain("No phone service answers at http://127.0.0.1:1")
  })
)

it.live("wrong usage exits 2, says what is wrong and where help is, without colour codes", () =>
  Effect.gen(function* () {
    const noTask = yield* phone(["call", "+15551234567"])
    expect([noTask.code, noTask.err]).toEqual([2, ["Expected to find option: '--task'", 'See "phone call --help".']])
    const unknown = yield* phone(["call", "+15551234567", "--task", "x", "--bogus", "y"])
    expect(unknown.err).toContain("There is no option --bogus.")
    expect((yield* phone(["frobnicate"])).code).toBe(2)
    const help = yield* phone(["call", "--help"])
    expect(help.code).toBe(0)
    expect(help.out.join("\n")).toContain("EXIT CODES")
    expect(help.out.join("\n")).not.toContain("\u001b")
  })
)

it.live("a configuration that is not there is a line with its path, and exits 2", () =>
  Effect.gen(function* () {
    for (const command of [["serve"], ["status", callId]]) {
      const { code, err } = yield* phone([...command, "--config", "/nowhere/config.yaml"])
      expect([code, err]).toEqual([2, ["✗ /nowhere/config.yaml: there is no such file"]])
    }
  })
)
