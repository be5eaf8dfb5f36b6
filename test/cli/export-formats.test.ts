/** Exported calls: CSV that every reader parts alike and no spreadsheet computes, minutes in which nothing said is markup. */
import { describe, expect, it } from "@effect/vitest"
import { DateTime, FastCheck } from "effect"
import { csvField, csvHead, csvLines } from "../../src/cli/export/csv.ts"
import { markdownLines, markdownText } from "../../src/cli/export/markdown.ts"
import type { Call } from "../../src/domain/Call.ts"
import { call } from "../rpc/service.ts"

const at = (time: string) => DateTime.unsafeMake(`2026-01-01T${time}Z`)

const talked: Call = {
  ...call,
  task: 'Book a "table"; tonight',
  answeredBy: "human",
  transferredTo: { name: "reception", result: "connected", at: at("10:30:15") },
  answeredAt: at("10:30:04"),
  endedAt: at("10:30:20"),
  duration: 16,
  transcript: [
    { timestamp: at("10:30:05"), role: "assistant", text: "Hello,\nAnn here", heard: 1.5, interrupted: true },
    { timestamp: at("10:30:09"), role: "user", text: "=SUM(A1)" }
  ],
  outcome: { success: true, taskCompleted: true, summary: "Booked.", nextSteps: ["Come", "Eat"], evidence: [1] },
  cost: { telephone: 0.03, model: 0.09, total: 0.12 }
}

/** RFC 4180, read by the letter. */
const parse = (text: string): ReadonlyArray<ReadonlyArray<string>> => {
  const rows: Array<Array<string>> = []
  let row: Array<string> = []
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy)) {
    row.push(quoted === undefined ? (bare ?? "") : quoted.replaceAll('""', '"'))
    if (end === "\r\n") {
      rows.push(row)
      row = []
    }
  }
  return rows
}

const csv = (by: "call" | "turn", calls: ReadonlyArray<Call>) =>
  parse([csvHead(by), ...calls.flatMap((one) => csvLines(by, one))].map((line) => `${line}\n`).join(""))

describe("CSV", () => {
  it("has one line a turn, with the call it belongs to", () => {
    expect(csv("turn", [talked, { ...call, transcript: [] }])).toEqual([
      ["id", "to", "turn", "timestamp", "seconds", "role", "text", "heard", "latency", "interrupted", "evidence"],
      [
        "abc12345",
        "+15551234567",
        "0",
        "2026-01-01T10:30:05.000Z",
        "1",
        "assistant",
        "Hello,\nAnn here",
        "1.5",
        "",
        "true",
        "false"
      ],
      ["abc12345", "+15551234567", "1", "2026-01-01T10:30:09.000Z", "5", "user", "'=SUM(A1)", "", "", "false", "true"]
    ])
  })

  it("has one line a call, every line as many fields as the head", () => {
    const [head = [], first = [], second = []] = csv("call", [talked, call])
    const record = Object.fromEntries(head.map((name, index) => [name, first[index]]))
    expect(record).toMatchObject({
      id: "abc12345",
      duration: "16",
      "transferredTo.name": "reception",
      "transferredTo.result": "connected",
      "outcome.success": "true",
      "outcome.nextSteps": "Come\nEat",
      "outcome.evidence": "'=SUM(A1)",
      "cost.total": "0.12",
      task: 'Book a "table"; tonight'
    })
    expect(second).toHaveLength(head.length)
  })

  it("is parted alike by every reader, whatever was said", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.string({ unit: "binary" }), { minLength: 1 }), (texts) => {
        const transcript = texts.map((text) => ({ timestamp: at("10:30:05"), role: "user" as const, text }))
        const rows = csv("turn", [{ ...talked, transcript }])
        expect(rows).toHaveLength(texts.length + 1)
        for (const row of rows) expect(row).toHaveLength(rows[0]?.length ?? 0)
      })
    )
  })

  it.each(["=1+1", "+1+1", "-cmd", "@SUM(A1)", "\t=1", " =1", "\r=1", "＝1", '=HYPERLINK("http://x")'])(
    "makes no formula of %j",
    (said) => {
      const [[field = ""] = []] = parse(`${csvField(said)}\r\n`)
      expect(field.startsWith("'")).toBe(true)
    }
  )

  it("leaves numbers as they are, those of telephones too", () => {
    expect(["+15551234567", "-1.5", "2 = 1 + 1"].map(csvField)).toEqual(["+15551234567", "-1.5", "2 = 1 + 1"])
  })

  it("quotes the separator of other countries", () => {
    expect(csvField("a;=1")).toBe('"a;=1"')
  })
})

describe("Markdown", () => {
  it("reads like minutes of the call", () => {
    expect(markdownLines(talked, "UTC")).toEqual([
      "# Call to +15551234567, 2026-01-01 00:00",
      "",
      '- **Task:** Book a "table"; tonight',
      "- **Status:** completed, successful; answered by human",
      "- **Time:** 10:30:04 to 10:30:20 (16 s; UTC)",
      "- **From:** +15550009999",
      "- **Cost:** about $0.12 (telephone $0.03, model $0.09)",
      "- **Call:** abc12345, started 2026-01-01T00:00:00.000Z",
      "",
      "## Outcome",
      "",
      "Booked.",
      "",
      "Next steps:",
      "",
      "- Come",
      "- Eat",
      "",
      "Evidence:",
      "",
      "> **10:30:09 Callee:** \\=SUM(A1)",
      "",
      "## Transcript",
      "",
      "**10:30:05 Agent:** Hello, Ann here *(interrupted)*",
      "",
      "**10:30:09 Callee:** \\=SUM(A1)"
    ])
  })

  it("takes nothing that is said for markup", () => {
    expect(markdownText("# [Click](http://x) <img> **now**\n---")).toBe(
      "\\# \\[Click\\](http://x) \\<img\\> \\*\\*now\\*\\* ---"
    )
    expect(markdownText("1. First")).toBe("1\\. First")
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "binary" }), (said) => {
        const written = markdownText(said)
        expect(written).not.toMatch(/\n/)
        expect(written.replace(/\\[\\`*_{}[\]<>#|~!&$.)+=-]/g, "")).not.toMatch(/[\\`*_{}[\]<>#|~!&$]|^[-+=]|^\d+[.)]/)
      })
    )
  })
})
