/** A service that embeds Phone with its own repository and its own HTTP server works as the example in docs/ says. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Schedule, Scope } from "effect"
import { layerMemoryTranscripts } from "../../docs/examples/memoryTranscripts.ts"
import { service } from "../../docs/examples/service.ts"
import { CallId, isTerminal, PhoneNumber, Transcripts } from "../../src/index.ts"

const request = (method: "GET" | "POST", url: string) =>
  Effect.flatMap(HttpClient.HttpClient, (client) => (method === "GET" ? client.get(url) : client.post(url))).pipe(
    Effect.flatMap((response) => Effect.map(response.json, (body) => ({ status: response.status, body })))
  )

interface Reminder {
  readonly to: string
  readonly status: string
  readonly summary?: string
}
const isReminders = (body: unknown): body is ReadonlyArray<Reminder> => Array.isArray(body)

/** What the service knows, once all its calls have ended. */
const whenEnded = (url: string) =>
  request("GET", `${url}/reminders`).pipe(
    Effect.map(({ body }) => (isReminders(body) ? body : [])),
    Effect.filterOrFail(
      (made) => made.every(({ status }) => ["completed", "busy", "failed"].includes(status)),
      () => "still running"
    ),
    Effect.retry(Schedule.spaced("100 millis"))
  )

describe("the example service", () => {
  it.scopedLive("calls when it is asked over its own server, by which Twilio comes in too, and stops", () =>
    Effect.gen(function* () {
      const life = yield* Scope.make()
      const url = yield* Scope.extend(service(0), life)
      expect(yield* request("GET", `${url}/reminders`)).toEqual({ status: 200, body: [] })
      const placed = yield* request("POST", `${url}/reminders/%2B15550100012`)
      expect(placed).toEqual({ status: 202, body: { id: expect.stringMatching(/^[a-z0-9]{8}$/) } })
      yield* request("POST", `${url}/reminders/+15550100002`)
      const refused = yield* request("POST", `${url}/reminders/+442071838750`)
      expect(refused).toMatchObject({ status: 409, body: { error: "CallNotAllowed" } })
      expect((yield* request("POST", `${url}/phone/twilio/x`).pipe(Effect.either))._tag).toBe("Left")
      expect(yield* whenEnded(url)).toEqual([
        { to: "+15550100002", status: "busy", summary: expect.any(String) },
        { to: "+15550100012", status: "completed", summary: "A fax machine answered." }
      ])
      yield* Scope.close(life, Exit.void)
      expect(yield* Effect.either(request("GET", `${url}/reminders`))).toMatchObject({ _tag: "Left" })
    }).pipe(Effect.provide(FetchHttpClient.layer))
  )

  it("runs as a program, and ends at a signal", async () => {
    const path = fileURLToPath(new URL("../../docs/examples/service.ts", import.meta.url))
    const child = spawn(process.execPath, [path], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PORT: "0" }
    })
    const seen: Array<string> = []
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        seen.push(text)
        if (seen.join("").includes("listening at")) child.kill("SIGTERM")
      })
    }
    const code = await ended
    expect(seen.join("")).toContain("listening at http://127.0.0.1:")
    expect(code).toBe(0)
  })
})

describe("a repository of one's own", () => {
  const id = (text: string) => CallId.make(text)
  const call = (n: number, more: object = {}) => ({
    id: id(`aaaaaaa${n}`),
    to: PhoneNumber.make("+15551234567"),
    from: PhoneNumber.make("+15550100000"),
    task: `Task ${["none", "one", "two", "three"][n]}`,
    startedAt: new Date(Date.UTC(2026, 0, 1) + n),
    ...more
  })

  it.effect("keeps what the port asks for", () =>
    Effect.gen(function* () {
      const store = yield* Transcripts
      for (const n of [1, 2, 3]) yield* store.insert(call(n, { client: "desk", requestId: `r${n}` }))
      expect(yield* store.insert(call(4, { requestId: "r1" }))).toBe("aaaaaaa1")
      yield* store.end(id("aaaaaaa1"), { status: "busy", endedAt: new Date(Date.UTC(2026, 0, 2)) })
      yield* store.end(id("aaaaaaa1"), { status: "failed", endedAt: new Date(Date.UTC(2026, 0, 3)) })
      yield* store.update(id("aaaaaaa1"), { status: "ringing" })
      const found = yield* Effect.flatten(store.find("aaaaaaa1"))
      expect(found.status).toBe("busy")
      expect(isTerminal(found.status)).toBe(true)
      const page = yield* store.history({ limit: 2 })
      expect(page.calls.map(({ task }) => task)).toEqual(["Task three", "Task two"])
      const rest = yield* store.history({ limit: 2, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) })
      expect(rest).toMatchObject({ calls: [{ task: "Task one" }] })
      expect(rest.cursor).toBeUndefined()
      expect((yield* store.history({ limit: 9, search: "TASK two" })).calls).toHaveLength(1)
      expect((yield* store.completions("desk")).map(({ call }) => call.id)).toEqual(["aaaaaaa1"])
      yield* store.acknowledge("desk", ["aaaaaaa1"])
      expect(yield* store.completions("desk")).toEqual([])
      expect(yield* store.usageSince(new Date(0), call(1).to)).toEqual({ toNumber: 3, total: 3, cost: 0 })
    }).pipe(Effect.provide(Layer.fresh(layerMemoryTranscripts)))
  )
})
