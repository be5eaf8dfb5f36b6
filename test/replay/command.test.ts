/** `phone simulate --replay`: what it prints, and its exit codes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterAll, beforeAll } from "vitest"
import { phone } from "../cli/support.ts"
import { record } from "./record.ts"

describe("phone simulate --replay", () => {
  const folder = mkdtempSync(join(tmpdir(), "phone-replay-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  const path = join(folder, "call.wire.jsonl")
  let log = ""
  beforeAll(async () => {
    log = (await record({ to: "+15550100002" })).log
  })
  const simulate = (text: string, ...more: ReadonlyArray<string>) => {
    writeFileSync(path, text)
    return Effect.runPromise(phone(["simulate", "--replay", path, ...more]))
  }
  /** As if the service had sent other instructions when the log was made. */
  const otherwise = () => log.replace("Never deny being an AI", "Always deny being an AI")

  it("says that the call came to the same result", async () => {
    expect(await simulate(log)).toMatchObject({
      code: 0,
      err: [],
      out: [expect.stringMatching(/ {2}the same result: busy$/)]
    })
  })

  it("warns of another way to the same result, and fails with --strict", async () => {
    const { code, out } = await simulate(otherwise())
    expect(code).toBe(0)
    expect(out.slice(1)).toEqual([
      "Where the service first did something else on each connection:",
      "  realtime-1 at 0.04 s",
      expect.stringMatching(/^ {4}log {5}session\.update at session\.instructions: .*Always deny/),
      expect.stringMatching(/^ {4}replay {2}session\.update at session\.instructions: .*Never deny/)
    ])
    expect(await simulate(otherwise(), "--strict")).toMatchObject({ code: 1 })
  })

  it("shows both sides of another result", async () => {
    const { code, out } = await simulate(log.replace(/"status":"busy"(?=.*\n$)/, '"status":"no-answer"'))
    expect(code).toBe(1)
    expect(out.slice(1, 4)).toEqual(["  status", "    log     no-answer", "    replay  busy"])
  })

  it("writes JSON for programs", async () => {
    const { out } = await simulate(otherwise(), "--json")
    expect(out).toHaveLength(1)
    expect(JSON.parse(out[0] ?? "")).toMatchObject({
      same: true,
      differences: [],
      divergences: [{ on: "realtime-1" }],
      call: { status: "busy" }
    })
  })

  it("tells all that happened with --timeline, on every connection and in order of time", async () => {
    const { code, out } = await simulate(log, "--timeline")
    expect(code).toBe(0)
    const story = out.slice(1)
    expect(story).toEqual([...story].sort((a, b) => Number(a.slice(0, 9)) - Number(b.slice(0, 9))))
    for (const told of [
      /^ {4}0\.\d{3} {2}realtime-1 {2}<- open \/v1\/realtime/,
      /^ {4}\d\.\d{3} {2}realtime-1 {2}-> session\.updated$/,
      /^ {4}\d\.\d{3} {2}rest {8}<- POST .*\/Calls\.json$/,
      /^ {4}\d\.\d{3} {2}rest {8}-> answer 201$/,
      /^ {4}\d\.\d{3} {2}webhook {5}-> POST .* busy$/,
      /^ {4}\d\.\d{3} {2}webhook {5}<- answer 204$/
    ]) {
      expect(story).toContainEqual(expect.stringMatching(told))
    }
    expect(JSON.parse((await simulate(log, "--json", "--timeline")).out[0] ?? "")).toMatchObject({ timeline: story })
  })

  it("says of a log that was cut how far it went", async () => {
    const { code, out } = await simulate(log.slice(0, -100))
    expect(code).toBe(0)
    expect(out[0]).toMatch(/replayed up to the cut \(the last line breaks off\): (dialing|busy)$/)
  })

  it("refuses a file that is no log, naming the line, and one that is not there", async () => {
    expect(await simulate("hello\n")).toMatchObject({
      code: 2,
      err: [`✗ ${path}: line 1 of the wire log: it is no JSON`]
    })
    rmSync(path)
    const missing = await Effect.runPromise(phone(["simulate", "--replay", path]))
    expect(missing).toMatchObject({ code: 2, err: [`✗ ${path}: there is no such file`] })
  })
})
