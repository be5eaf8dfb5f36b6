/** The file that `phone init` writes: what is commented out says the truth, and what is given comes back as it was. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Either, FastCheck } from "effect"
import { readValue } from "../../src/config/checkKey.ts"
import { type Key, keyTexts } from "../../src/config/keyTexts.ts"
import { parseConfig } from "../../src/config/parseConfig.ts"
import { configText } from "../../src/config/template.ts"

const loaded = (text: string, env: Readonly<Record<string, string>> = {}) =>
  Either.getOrThrowWith(parseConfig(text, env), (problems) => new Error(problems.join("\n"))).config

const keys = Object.keys(keyTexts)

describe("the file", () => {
  it("explains every key, once, in lines of at most 100 columns", () => {
    const text = configText({ provider: "simulated" })
    for (const key of keys) expect(text.match(new RegExp(`^    (# )?${key}:`, "gm"))).toHaveLength(1)
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100)
    expect(text).not.toMatch(/`|\]\(/)
  })

  it("shows the real defaults: uncommented, they change nothing", () => {
    const bare = configText({ provider: "simulated" })
    const uncommented = keys
      .filter((key) => key !== "provider")
      .reduce((text, key) => text.replace(new RegExp(`^    # (${key}: [^$\\s].*)$`, "m"), "    $1"), bare)
    expect(uncommented.match(/^ {4}[a-z]/gm)?.length).toBeGreaterThan(20)
    expect(loaded(uncommented)).toEqual(loaded(bare))
  })

  it("gives back what was put in, whatever the text", () => {
    const trimmed = FastCheck.string({ unit: "binary", minLength: 1 }).filter(
      (text) => text.trim() === text && text !== "" && !text.includes("${") && !/\p{Cc}|\p{Cs}/u.test(text)
    )
    FastCheck.assert(
      FastCheck.property(
        trimmed,
        FastCheck.integer({ min: 5, max: 120 }),
        FastCheck.boolean(),
        (onBehalfOf, ringTimeout, disclose) => {
          const config = loaded(configText({ provider: "simulated", onBehalfOf, ringTimeout, disclose }))
          expect([config.onBehalfOf, config.disclose]).toEqual([onBehalfOf, disclose])
          expect(Duration.toSeconds(config.ringTimeout)).toBe(ringTimeout)
        }
      )
    )
  })
})

describe("a value that is typed", () => {
  it.each<readonly [Key, string, unknown]>([
    ["phoneNumber", " +15551234567 ", "+15551234567"],
    ["ringTimeout", "45", 45],
    ["recordCalls", "no", false],
    ["recordCalls", "Y", true],
    ["disclose", "true", true],
    ["authToken", "12345678", "12345678"],
    ["allowedCountries", "[US, CA]", ["US", "CA"]],
    ["transferTo", '{reception: "+15551234567"}', { reception: "+15551234567" }]
  ])("%s: %s", (key, typed, value) => {
    expect(Either.getOrThrow(readValue(key, typed))).toEqual(value)
  })

  it.each<readonly [Key, string, string]>([
    ["phoneNumber", "555", "phoneNumber must be your Twilio number in E.164"],
    ["ringTimeout", "soon", "ringTimeout must be a number of seconds from 5 to 120"],
    ["ringTimeout", "1000", "ringTimeout must be a number of seconds from 5 to 120"],
    ["webhookHost", "http://example.com", "webhookHost must be a URL that begins with https://"],
    ["doNotCall", "[12]", "doNotCall[0] must be a number in E.164"],
    ["recordCalls", "maybe", "recordCalls must be true or false"]
  ])("%s: %s is refused", (key, typed, says) => {
    expect(Either.flip(readValue(key, typed))).toMatchObject({ right: expect.stringContaining(says) })
  })
})
