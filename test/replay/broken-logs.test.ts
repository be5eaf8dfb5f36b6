/** Logs that are not whole: one that was cut is replayed as far as it goes, one that makes no sense is refused with its line. */
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { beforeAll } from "vitest"
import { readLog } from "../../src/wirelog/readLog.ts"
import { type Recorded, record, replayed } from "./record.ts"

describe("a log", () => {
  let whole: Recorded
  let lines: ReadonlyArray<string>
  beforeAll(async () => {
    whole = await record({ to: "+15550100001" })
    lines = whole.log.trimEnd().split("\n")
  })
  const refusal = (log: string) => Either.match(readLog(log), { onLeft: ({ message }) => message, onRight: () => "" })
  const instead = (line: number, text: string) =>
    refusal([...lines.slice(0, line - 1), text, ...lines.slice(line)].join("\n"))

  it("of a process that was killed in the middle of a line is replayed up to there, and says so", async () => {
    const again = await replayed(whole.log.slice(0, whole.log.length / 2))
    expect(again).toMatchObject({
      cut: "the last line breaks off",
      recorded: undefined,
      differences: [],
      divergences: []
    })
    expect(again.replayed.status).toBe("in-progress")
    expect(again.replayed.transcript[0]?.text).toBe(whole.call.transcript[0]?.text)
  })

  it("without an end says that the process ended before the call", async () => {
    const again = await replayed(`${lines.slice(0, 20).join("\n")}\n`)
    expect(again).toMatchObject({ cut: "the process ended before the call did", divergences: [] })
  })

  it.each([0.02, 0.13, 0.27, 0.44, 0.61, 0.83, 0.96])(
    "of which %d is left shows no divergence of an unchanged service",
    async (part) => {
      const inLine = await replayed(whole.log.slice(0, Math.floor(whole.log.length * part)))
      expect(inLine.divergences).toEqual([])
      const behindLine = await replayed(`${lines.slice(0, Math.ceil(lines.length * part)).join("\n")}\n`)
      expect(behindLine.divergences).toEqual([])
    }
  )

  it("that is cut still shows where the service does something else", async () => {
    const again = await replayed(`${lines.slice(0, 200).join("\n")}\n`, { config: { onBehalfOf: "Jane Roe" } })
    expect(again.divergences[0]?.on).toBe("realtime-1")
  })

  it("with a line that is none is refused, naming the line", () => {
    expect(instead(50, "{oops")).toBe("line 50 of the wire log: it is no JSON")
    expect(instead(50, '{"t":1,"on":"rest","dir":"in","is":"fish"}')).toMatch(
      /^line 50 of the wire log: is: Expected "request"/
    )
    expect(instead(50, '{"t":1,"on":"rest","dir":"in","is":"close","code":"x","reason":""}')).toBe(
      'line 50 of the wire log: code: Expected number, actual "x"'
    )
    expect(refusal(`${whole.log}${lines[1]}\n`)).toBe(
      `line ${lines.length + 1} of the wire log: something follows the end of the call`
    )
  })

  it("of another version, and a file that is no log at all, are refused", () => {
    expect(instead(1, (lines[0] ?? "").replace('"version":1', '"version":2'))).toBe(
      "line 1 of the wire log: version: Expected 1, actual 2"
    )
    expect(refusal("")).toBe("line 1 of the wire log: it is empty: a wire log begins with what was asked of the call")
    expect(refusal('{"id":"abc"}')).toBe("line 1 of the wire log: it does not begin as a wire log does")
  })

  it("cut anywhere is read as cut, or refused in its first line", () => {
    const headerLength = lines[0]?.length ?? 0
    FastCheck.assert(
      FastCheck.property(FastCheck.nat(whole.log.length - 2), (length) => {
        const read = readLog(whole.log.slice(0, length))
        if (Either.isLeft(read)) return read.left.line === 1 && length < headerLength
        return read.right.cut !== undefined && read.right.end === undefined
      }),
      { numRuns: 40 }
    )
  })
})
