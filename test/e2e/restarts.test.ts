/** What becomes of live calls when the process of the service ends: killed, told to stop, or started twice. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Call } from "../../src/domain/Call.ts"
import { isTerminal } from "../../src/domain/CallStatus.ts"
import type { Simulators } from "../../src/simulation/simulators.ts"
import { eventually, lineOf, start } from "./processes.ts"
import { command, connect, human, makeHome, outside, recordedAs, serve, texts, whenCall } from "./service.ts"

const talker = "+15551230001"
const ringer = "+15551230002"
const task = "Ask whether the shop is open on Sunday"

const callees = {
  [talker]: human([
    { say: "Hello, this is the flower shop." },
    { listen: {} },
    // the service is killed here, and what follows answers what is said on the next one's stream
    { listen: {} },
    { say: "Yes, of course, gladly." },
    // where that took long, it was Twilio's "one moment" that was answered, and nobody heard it
    { listen: {} },
    { say: "Yes, of course, gladly." },
    { wait: 20 }
  ]),
  [ringer]: human([], 60)
}

const dialled = ({ twilio }: Simulators) =>
  twilio.requests().filter(({ method, path }) => method === "POST" && path.endsWith("/Calls.json"))

const allLinesDown = ({ twilio }: Simulators) =>
  eventually(
    "the end of every line",
    Effect.sync(() => (twilio.calls().every(({ live }) => !live) ? true : undefined))
  )

const timeout = 90_000

describe.concurrent("a service whose process ends", () => {
  it.scopedLive(
    "killed in mid-call and started again, it goes on talking, keeps what was said, and never dials again",
    () =>
      Effect.gen(function* () {
        const world = yield* outside(callees)
        const home = yield* makeHome(world)
        const first = yield* serve(home)
        const before = yield* connect(home)
        const request = { to: talker, task, requestId: "flowers" }
        const talking = yield* before.phone_call({ ...request, wait: false })
        const ringing = yield* before.phone_call({ to: ringer, task, wait: false })
        yield* whenCall(before, ringing.id, "ringing", ({ status }) => status === "ringing")
        const soFar = yield* whenCall(before, talking.id, "a second turn", ({ transcript }) => transcript.length >= 2)
        yield* first.kill("SIGKILL")
        expect(yield* first.exited).toBe("SIGKILL")
        expect(world.twilio.calls().find(({ to }) => to === ringer)?.live).toBe(true)

        yield* serve(home)
        const after = yield* connect(home)
        // both live, and are asked for and ended like any other
        expect((yield* after.phone_status({ callId: talking.id })).status).toBe("in-progress")
        yield* after.phone_hangup({ callId: ringing.id })
        const over = yield* whenCall(after, talking.id, "its end", ({ status }) => isTerminal(status))
        expect(over.transcript.slice(0, soFar.transcript.length)).toEqual(soFar.transcript)
        expect(over).toMatchObject({ status: "completed", outcome: { success: true, taskCompleted: true } })
        expect(texts(over, "user")[0]).toBe("Hello, this is the flower shop.")
        expect(texts(over, "user").at(-1)).toMatch(/of course, gladly\.$/)
        expect(texts(over, "assistant").join(" ")).toMatch(/on Sunday\. (I see|Sorry).*Thank you, goodbye\.$/)
        const unanswered = yield* whenCall(after, ringing.id, "its end", ({ status }) => isTerminal(status))
        expect(unanswered.status).toBe("canceled")
        yield* allLinesDown(world)
        expect(world.twilio.calls().find(({ to }) => to === talker)?.streams).toHaveLength(2)

        // asked for again with the same name it is the same call
        const again = yield* Effect.exit(after.phone_call(request))
        expect(JSON.stringify(again)).toContain(talking.id)
        expect(dialled(world).map(({ status }) => status)).toEqual([201, 201])
        for (const call of [over, unanswered]) {
          yield* recordedAs(home, call)
          expect(yield* after.phone_status({ callId: call.id })).toEqual(call)
        }
      }).pipe(Effect.provide(NodeContext.layer)),
    // Twilio waits 13 s for the second process: a machine under a heavy load may take longer to start one
    { timeout, retry: 2 }
  )

  it.scopedLive(
    "told to stop in mid-call, it says goodbye, tells who watches, and exits 0",
    () =>
      Effect.gen(function* () {
        const world = yield* outside(callees)
        const home = yield* makeHome(world)
        const service = yield* serve(home)
        const client = yield* connect(home)
        const { id } = yield* client.phone_call({ to: talker, task, wait: false })
        const watcher = yield* start(home.folder, ["watch", id, "--json", "--config", home.config])
        yield* lineOf(watcher, "the opening", (line) => line.includes('"Turn"') && line.includes('"assistant"'))
        yield* service.kill("SIGTERM")
        // past 10 s it would have exited by itself, with another code
        expect(yield* service.exited).toBe(0)
        expect(yield* watcher.exited).toBe(1)
        const last = JSON.parse(watcher.out.at(-1) ?? "{}")
        expect(last).toMatchObject({ _tag: "Ended", call: { id, status: "completed" } })
        yield* allLinesDown(world)
        const [line] = world.twilio.calls()
        expect(line?.heard.map(({ text }) => text).join(" ")).toMatch(/goodbye\.$/i)
        yield* recordedAs(home, yield* Schema.decodeUnknown(Call)(last.call))
        expect([service.err, service.out.filter((line) => /"(WARN|ERROR|FATAL)"/.test(line))]).toEqual([[], []])
      }).pipe(Effect.provide(NodeContext.layer)),
    timeout
  )

  it.scopedLive(
    "a second service on the same ports says which port is taken, exits 2, and leaves the first alone",
    () =>
      Effect.gen(function* () {
        const world = yield* outside()
        const home = yield* makeHome(world)
        yield* serve(home)
        const second = yield* command(home, "serve")
        expect(second).toEqual({
          code: 2,
          out: [],
          err: [`✗ port ${home.webhookPort} on 0.0.0.0 is in use already`]
        })
        expect((yield* command(home, "history", "--json")).out).toEqual(['{"calls":[]}'])
      }).pipe(Effect.provide(NodeContext.layer)),
    timeout
  )
})
