/** Times as people write them on the command line, and the question that they and the other filters become. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, FastCheck, Option, TestClock } from "effect"
import { type Filtering, queryOf, readMoment } from "../../src/cli/filters.ts"

const now = Date.parse("2026-03-29T10:00:00Z")
const zurich = "Europe/Zurich"
const read = (side: "since" | "until", written: string) => Either.getOrNull(readMoment(side, written, now, zurich))

describe("a time", () => {
  it.each([
    ["since", "2d", "2026-03-27T10:00:00.000Z"],
    ["until", "3h", "2026-03-29T07:00:00.000Z"],
    ["since", "45m", "2026-03-29T09:15:00.000Z"],
    ["since", "1w", "2026-03-22T10:00:00.000Z"],
    // the day on which summer time begins has 23 hours
    ["since", "today", "2026-03-28T23:00:00.000Z"],
    ["until", "today", "2026-03-29T22:00:00.000Z"],
    ["since", "yesterday", "2026-03-27T23:00:00.000Z"],
    ["until", "2026-01-31", "2026-01-31T23:00:00.000Z"],
    ["since", "2026-01-31T09:00", "2026-01-31T08:00:00.000Z"],
    ["since", "2026-01-31T09:00:00Z", "2026-01-31T09:00:00.000Z"],
    ["since", "2026-01-31T09:00:00-05:00", "2026-01-31T14:00:00.000Z"]
  ] as const)("--%s %s", (side, written, moment) => {
    expect(read(side, written)).toBe(moment)
  })

  it.each(["", "soon", "2", "d", "2y", "2026-02-30", "2026-13-01", "31.1.2026", "2026-01-31T25:00", "-1d"])(
    "is not %s, and the answer says how to write one",
    (written) => {
      expect(Either.flip(readMoment("since", written, now, zurich))).toMatchObject({
        right: expect.stringContaining(`--since: "${written}" is no time.`)
      })
    }
  )

  it("is read or refused, whatever it is", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string(), (written) => {
        const moment = read("until", written)
        if (moment !== null) expect(new Date(moment).toISOString()).toBe(moment)
      })
    )
  })
})

const nothing: Filtering = {
  status: [],
  to: Option.none(),
  since: Option.none(),
  until: Option.none(),
  success: false,
  noSuccess: false,
  search: Option.none()
}

describe("the question", () => {
  it.effect("has what was asked, and nothing else", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(now)
      expect(yield* queryOf(nothing, zurich)).toEqual({})
      const asked = { ...nothing, status: ["busy"], to: Option.some("4567"), since: Option.some("2d"), noSuccess: true }
      expect(yield* queryOf(asked, zurich)).toEqual({
        status: ["busy"],
        to: "4567",
        since: "2026-03-27T10:00:00.000Z",
        success: false
      })
    })
  )

  it.effect("is not asked when it makes no sense", () =>
    Effect.gen(function* () {
      const both = yield* Effect.flip(queryOf({ ...nothing, success: true, noSuccess: true }, zurich))
      expect(both._tag).toBe("WrongUsage")
      const never = yield* Effect.flip(queryOf({ ...nothing, until: Option.some("never") }, zurich))
      expect(never.message).toContain("--until")
    })
  )
})
