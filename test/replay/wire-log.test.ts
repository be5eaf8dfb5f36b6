/** What stands in a wire log, what never does, and that keeping it costs the call nothing. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Calls } from "../../src/Calls.ts"
import { simulatedCredentials } from "../../src/config/simulated.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import { Entry } from "../../src/wirelog/Entry.ts"
import { agrees, alwaysHolds, greets, story } from "../calls/world.ts"
import { logPath, nothingNew, record, replayed } from "./record.ts"

const polite = greets(...agrees)
const isEntry = Schema.is(Entry)
const entries = (log: string) =>
  log
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line)]))
    .filter(isEntry)

describe("a wire log", () => {
  it("is kept only when it is asked for", async () => {
    const paths = await story({ callee: polite }, (world) =>
      Effect.zipRight(
        world.call(),
        Effect.map(MemoryFiles, (files) => files.paths())
      )
    )
    expect(paths.filter((path) => path.includes("wire"))).toEqual([])
  })

  it("holds no credentials, signatures, account or tokens, and no audio", async () => {
    const { call, log } = await record({ callee: polite })
    const token = Buffer.from(`${simulatedCredentials.accountSid}:${simulatedCredentials.authToken}`).toString("base64")
    expect(log).not.toContain(token)
    expect(log).not.toMatch(/authorization|Bearer|Basic |signature/i)
    expect(log).not.toContain(simulatedCredentials.accountSid)
    expect(log).not.toMatch(/(?<![a-z0-9])[a-z0-9]{40}(?![a-z0-9])/)
    // 20 ms of mu-law are 216 characters of base64
    expect(log).not.toMatch(/[A-Za-z0-9+/]{150}/)
    expect(log).not.toContain("phone.example")
    // but what was said and who was called
    expect(log).toContain(call.to)
    for (const { text } of call.transcript) expect(log).toContain(text)
  })

  it("holds no key that the owner gave away either, from its first line to its last; and its replay is the same", async () => {
    const key = "sk-proj-abcdefGHIJKL0123456789"
    const foreign = "0123456789abcdef0123456789abcdef01234567"
    const { log } = await record({
      callee: greets(
        { listen: {} },
        { say: "No, that is not possible." },
        { listen: {} },
        { wait: 20 },
        { hangUp: true }
      ),
      request: { task: `Tell them the key ${key}.`, context: `The old ones:\n${foreign}\n${key}` },
      meanwhile: (id) =>
        Effect.delay(
          Effect.flatMap(Calls, (calls) => calls.say(id, `It is ${key}, I said.`)),
          "9 seconds"
        )
    })
    expect(log).not.toContain(key)
    expect(log).not.toContain(foreign)
    const [first = "", ...others] = log.trimEnd().split("\n")
    expect(first).toContain("Tell them the key {key}.")
    expect(others.at(-1)).toContain("Tell them the key {key}.")
    expect(entries(log)).toContainEqual(expect.objectContaining({ is: "order", text: "It is {key}, I said." }))
    expect(await replayed(log)).toMatchObject(nothingNew)
  })

  it("with audio keeps what came in, once", async () => {
    const { log } = await record({ callee: polite, wireLogs: { audio: true } })
    const payloads = entries(log).filter((entry) => /[A-Za-z0-9+/=]{150}/.test(JSON.stringify(entry)))
    expect(payloads.length).toBeGreaterThan(100)
    expect([...new Set(payloads.map(({ dir }) => dir))]).toEqual(["in"])
    expect(await replayed(log)).toMatchObject(nothingNew)
  })

  it("says of audio that it left out how much there was, and whether anybody spoke", async () => {
    const { log } = await record({ callee: polite })
    const heard = entries(log).flatMap((entry) =>
      entry.is === "frame" && entry.on === "media-1" && entry.dir === "in" && entry.audio ? [entry.audio] : []
    )
    expect(heard.every(({ bytes }) => bytes === 160)).toBe(true)
    expect(heard.some(({ sound }) => sound) && heard.some(({ sound }) => !sound)).toBe(true)
  })

  it("leaves out audio when it grows too large, then ends with a line that says so", async () => {
    const small = await record({ callee: polite, wireLogs: { audio: true, maxSize: 0.3 } })
    expect(small.log.length).toBeLessThan(310_000)
    expect(small.log.trimEnd().split("\n").at(-1)).toMatch(/"cut":"the log has reached its maxSize"}$/)
    const kept = entries(small.log).map(
      (entry) =>
        entry.is === "frame" &&
        entry.on === "media-1" &&
        entry.dir === "in" &&
        entry.audio === undefined &&
        /"payload":"[^"]/.test(JSON.stringify(entry.frame))
    )
    expect(kept.indexOf(true)).toBeGreaterThan(0)
    expect(kept.lastIndexOf(true)).toBeLessThan(kept.length - 100)
    expect(await replayed(small.log)).toMatchObject({ cut: "the log has reached its maxSize", divergences: [] })
  })

  it("that cannot be written is given up with a warning, and the call goes on", async () => {
    const finished = await story({ callee: polite, config: { wireLogs: {} } }, (world) =>
      Effect.gen(function* () {
        const files = yield* MemoryFiles
        const id = yield* world.place()
        yield* Effect.sleep("5 seconds")
        files.setFull(true)
        yield* Effect.sleep("3 seconds")
        files.setFull(false)
        return yield* world.finish(id)
      })
    )
    alwaysHolds(finished)
    expect(finished.call.outcome?.success).toBe(true)
    expect(finished.logs.filter(({ text }) => text.includes("is given up")).map(({ text }) => text)).toEqual([
      expect.stringContaining(`The wire log of call ${finished.id}`)
    ])
  })

  it("is kept for each of several calls at once", async () => {
    const logs = await story({ config: { wireLogs: {} } }, (world) =>
      Effect.gen(function* () {
        const files = yield* MemoryFiles
        const finished = yield* Effect.forEach(["+15550100001", "+15550100010"], (to) => world.call({ to }), {
          concurrency: "unbounded"
        })
        return finished.map(({ call, id }) => ({ call, log: files.text(logPath(id)) }))
      })
    )
    for (const { call, log } of logs) {
      const again = await replayed(log._tag === "Some" ? log.value : "")
      expect(again).toMatchObject({ ...nothingNew, callId: call.id })
    }
  })
})
