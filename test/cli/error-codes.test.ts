/** Codes of Twilio, carriers and OpenAI are explained, in the docs as in the command; what a test call shows is judged. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Schema } from "effect"
import { callLines } from "../../src/cli/callText.ts"
import { refused } from "../../src/cli/doctor/Finding.ts"
import { measured, worked } from "../../src/cli/doctor/measured.ts"
import { carrierCodes, explain, openaiCodes, twilioCodes } from "../../src/cli/explanations.ts"
import { Call } from "../../src/domain/Call.ts"
import { look } from "./support.ts"

const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8")

const sections = { Twilio: twilioCodes, "The carrier": carrierCodes, OpenAI: openaiCodes }

describe("docs/errors.md", () => {
  it.each(Object.entries(sections))("says of %s what the command says", (heading, table) => {
    const rows = Object.entries(table).map(([code, { fix, means }]) => `| \`${code}\` | ${means} | ${fix} |`)
    const [, after = ""] = page.split(`\n## ${heading}\n`)
    const [section = ""] = after.split("\n## ")
    expect(section.split("\n").filter((line) => line.startsWith("| `"))).toEqual(rows)
  })
})

describe("an explanation", () => {
  const tables = Object.values(sections)
  const codes = tables.flatMap((table) => Object.keys(table))

  it("is found by its code, and no code is in two tables", () => {
    expect(new Set(codes).size).toBe(codes.length)
    for (const table of tables)
      for (const [code, explanation] of Object.entries(table)) expect(explain(code)).toBe(explanation)
    expect([explain(undefined), explain("99999"), explain("constructor")]).toEqual([undefined, undefined, undefined])
  })

  it("is one line that stands in a table, without links", () => {
    for (const table of tables) {
      for (const { fix, means } of Object.values(table)) expect(`${means}${fix}`).not.toMatch(/[\n|]|https?:\/\//)
    }
  })

  it("goes before what the vendor says; an unknown code is passed on", () => {
    expect(refused("call", { code: "21215", message: "No." }, "look")).toMatchObject({
      state: "problem",
      code: "21215",
      found: "the country called is off in the account's voice geographic permissions (21215: No.)"
    })
    expect(refused("call", { code: "99999", message: "No." }, "look")).toMatchObject({ found: "No.", fix: "look" })
  })
})

const at = (seconds: number) => DateTime.unsafeMake(1_790_000_000_000 + seconds * 1000).pipe(DateTime.formatIso)

/** One that went well, but for this; what is given as `undefined` is not there. */
const call = (more: Readonly<Record<string, unknown>>) => {
  const fields = Object.entries({
    id: "abcd1234",
    to: "+15557654321",
    from: "+15551234567",
    task: "Test",
    status: "completed",
    startedAt: at(0),
    answeredAt: at(3),
    endedAt: at(30),
    duration: 27,
    transcript: [{ timestamp: at(8), role: "user", text: "The quick brown fox." }],
    latency: { answerToFirstWord: 1.2, turn: { p50: 0.6, p95: 0.9 } },
    recording: "/t/abcd1234.wav",
    ...more
  }).filter(([, value]) => value !== undefined)
  return Schema.decodeUnknownSync(Call)(Object.fromEntries(fields))
}

describe("a call that failed", () => {
  it("ends with what its code means, and what to do", () => {
    const lines = callLines(
      call({ status: "failed", error: { type: "CallFailed", message: "Twilio refused: no (21219)", code: "21219" } }),
      look
    )
    expect(lines).toContain("  code 21219  the account is a trial, which calls verified numbers only")
    expect(lines.join("\n")).toMatch(/ {2}what to do {2}verify the number/)
  })

  it("is not explained where its status says it all", () => {
    const busy = call({ status: "busy", error: { type: "CallBusy", message: "Busy.", code: "486" } })
    expect(callLines(busy, look).join("\n")).not.toContain("what to do")
  })
})

describe("a test call", () => {
  const media = { frames: 1200, missingMs: 0, lateFrames: 0 }
  const states = (given: Call, more: Partial<Parameters<typeof measured>[0]> = {}) =>
    Object.fromEntries(
      measured({ call: given, media, recordCalls: true, complaints: [], ...more }).map(({ check, state }) => [
        check,
        state
      ])
    )

  it("that went well is all right", () => {
    expect(Object.values(states(call({}))).every((state) => state === "ok")).toBe(true)
    expect(worked(call({}))).toBe(true)
  })

  it("shows what was slow, lost, unheard or missing", () => {
    expect(states(call({ latency: { answerToFirstWord: 6, turn: { p50: 2.5, p95: 4 } } }))).toMatchObject({
      "first word": "warning",
      replies: "warning"
    })
    expect(states(call({}), { media: { frames: 1200, missingMs: 5000, lateFrames: 0 } }).media).toBe("warning")
    expect(states(call({}), { media: { frames: 1200, missingMs: 0, lateFrames: 100 } }).media).toBe("warning")
    expect(states(call({}), { media: { frames: 0, missingMs: 0, lateFrames: 0 } }).media).toBe("problem")
    expect(states(call({}), { media: undefined }).media).toBe("skipped")
    expect(states(call({ recording: undefined })).recording).toBe("warning")
    expect(states(call({ recording: undefined }), { recordCalls: false }).recording).toBe("skipped")
    expect(states(call({ transcript: [] })).transcription).toBe("problem")
    expect(states(call({ transcript: [{ timestamp: at(8), role: "user", text: "" }] })).transcription).toBe("warning")
    expect(states(call({}), { complaints: ["a signature was wrong"] })["service log"]).toBe("warning")
  })

  it("in which nobody was heard, or a machine answered, has not worked", () => {
    expect(worked(call({ transcript: [] }))).toBe(false)
    expect(states(call({ latency: {} }))).toMatchObject({ "first word": "problem" })
    expect(states(call({ answeredBy: "voicemail" })).call).toBe("problem")
    expect(worked(call({ answeredBy: "voicemail" }))).toBe(false)
    expect(
      states(call({ status: "failed", answeredAt: undefined, error: { type: "CallFailed", message: "x" } }))
    ).toEqual({
      call: "problem"
    })
  })
})
