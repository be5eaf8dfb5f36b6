/** Whom we never dial, however the number is written. */
import { Either, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { admitNumber } from "../../src/call/Policy.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import { configured } from "./support.ts"

const settings = configured()
const now = new Date("2026-01-05T15:00:00Z")
const admit = (input: string, config = settings) => admitNumber(input, config, now)
const rule = (input: string, config = settings) =>
  Either.match(admit(input, config), {
    onRight: () => "allowed",
    onLeft: (error) => (error._tag === "CallNotAllowed" ? error.rule : error._tag)
  })

/** The ways in which people write a ten-digit number. */
const written = (ten: string): ReadonlyArray<string> => {
  const [area, exchange, line] = [ten.slice(0, 3), ten.slice(3, 6), ten.slice(6)]
  return [
    `+1${ten}`,
    ten,
    `1${ten}`,
    `(${area}) ${exchange}-${line}`,
    `${area}-${exchange}-${line}`,
    `${area}.${exchange}.${line}`,
    `+1 ${area} ${exchange} ${line}`,
    `1-${area}-${exchange}-${line}`,
    `  +1 (${area}) ${exchange}-${line} `,
    `011 1 ${area} ${exchange} ${line}`
  ]
}

const digits = (length: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((list) => list.join(""))

describe("the policy of dialling", () => {
  it("numbers that are written differently are the same number, allowed or refused alike", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("202", "415", "212", "555", "900", "311", "876"),
        fc.integer({ min: 2, max: 9 }).map(String),
        digits(6),
        (area, first, rest) => {
          const ten = `${area}${first}${rest}`
          const verdicts = written(ten).map((input) =>
            Either.match(admit(input), { onRight: (number) => number, onLeft: (error) => error._tag })
          )
          expect(new Set(verdicts).size).toBe(1)
        }
      ),
      { numRuns: 200 }
    )
  })

  it("emergency and service numbers are refused in every dress", () => {
    for (const short of ["911", "112", "999", "933", "110", "000"]) {
      for (const dress of [
        short,
        ` ${short} `,
        `+${short}`,
        short.split("").join(" "),
        short.split("").join("-"),
        `(${short})`
      ]) {
        expect(rule(dress)).toBe("emergency")
      }
    }
    for (const short of ["211", "311", "411", "511", "611", "711", "811", "4636", "12", "77777"]) {
      expect(rule(short)).toBe("short-number")
    }
  })

  it("nothing but a number of an allowed country ever gets through, whatever is written", () => {
    const input = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."+0123456789 ()-.#*,;") }),
      digits(10).map((ten) => `+1${ten}`),
      digits(12).map((twelve) => `+${twelve}`)
    )
    fc.assert(
      fc.property(input, (text) => {
        const verdict = admit(text)
        if (Either.isLeft(verdict)) return
        expect(verdict.right).toMatch(/^\+1\d{10}$/)
        expect(verdict.right).not.toMatch(/^\+1(900|.11)/)
        expect(verdict.right).not.toMatch(/^\+1...976/)
        expect(verdict.right).not.toBe(settings.phoneNumber)
      }),
      { numRuns: 1_000 }
    )
  })

  it("our own number, premium numbers and other countries are refused by name of the rule", () => {
    for (const own of written("5550009999")) expect(rule(own)).toBe("own-number")
    for (const premium of written("9005551234")) expect(rule(premium)).toBe("premium")
    expect(rule("+442071838750")).toBe("country")
    expect(rule("+8821612345678")).not.toBe("allowed")
    // a country of the same calling code, and costly
    expect(rule("+18765551234")).toBe("country")
    expect(rule("+18095551234")).toBe("country")
  })

  it("a premium or shared-cost number stays refused in a country that is allowed", () => {
    const german = configured({ phoneNumber: "+4930123456", allowedCountries: ["DE"] })
    expect(rule("030 1234567", german)).toBe("allowed")
    expect(rule("0900 1 123456", german)).toBe("premium")
    expect(rule("0180 5 123456", german)).toBe("shared-cost")
    expect(rule("+15551234567", german)).toBe("country")
  })

  it("the do-not-call list holds for every way to write the number", () => {
    const config = configured({ doNotCall: ["+15551234567"] })
    for (const input of written("5551234567")) expect(rule(input, config)).toBe("do-not-call")
    expect(rule("+15551234568", config)).toBe("allowed")
  })

  it("calling hours are those of the callee, and must hold in every zone their country has", () => {
    const at = (iso: string, number: string, config = settings) =>
      Either.isRight(admitNumber(number, config, new Date(iso)))
    const german = configured({ allowedCountries: ["DE", "US"], callingHours: { from: "09:00", to: "18:00" } })
    expect(at("2026-01-05T07:59:00Z", "+4930123456", german)).toBe(false)
    expect(at("2026-01-05T08:00:00Z", "+4930123456", german)).toBe(true)
    expect(at("2026-01-05T17:00:00Z", "+4930123456", german)).toBe(false)
    // nine in the morning in New York is three at night in Hawaii
    expect(at("2026-01-05T14:00:00Z", "+12125551234", german)).toBe(false)
    expect(at("2026-01-05T20:00:00Z", "+12125551234", german)).toBe(true)
    const night = configured({ allowedCountries: ["DE"], callingHours: { from: "22:00", to: "06:00" } })
    expect(at("2026-01-05T23:00:00Z", "+4930123456", night)).toBe(true)
    expect(at("2026-01-05T12:00:00Z", "+4930123456", night)).toBe(false)
  })

  it("what gets through is E.164, and is admitted again as it is", () => {
    for (const input of written("4155552671")) {
      const number = Either.getOrThrow(admit(input))
      expect(number).toBe(PhoneNumber.make("+14155552671"))
      expect(Either.getOrThrow(admit(number))).toBe(number)
    }
  })
})
