/** Every wrong value of config.yaml is one line that names its key and says what is allowed; no line shows a value. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Either, FastCheck, Redacted } from "effect"
import { stringify } from "yaml"
import { PhoneConfigFields } from "../../src/Config.ts"
import { type LoadedConfig, parseClientSettings, parseConfig } from "../../src/config/parseConfig.ts"
import { distance } from "../../src/config/problems.ts"

const good = {
  accountSid: `AC${"0a".repeat(16)}`,
  authToken: "auth-token-of-the-test",
  phoneNumber: "+15551234567",
  openaiApiKey: "sk-test",
  webhookHost: "https://phone.example.com"
}

const yaml = (section: unknown) => stringify({ plugins: { phone: section } })
const parse = (section: unknown, env = {}) => parseConfig(yaml(section), env)
const lines = (section: unknown, env = {}): ReadonlyArray<string> =>
  Either.match(parse(section, env), { onLeft: (problems) => problems, onRight: () => [] })
const values = (section: unknown, env = {}): LoadedConfig =>
  Either.getOrThrowWith(parse(section, env), (problems) => new Error(problems.join("\n")))

describe("a good configuration", () => {
  it("gets every default of the design", () => {
    const { config, warnings } = values(good)
    expect(warnings).toEqual([])
    expect(config).toMatchObject({
      enabled: true,
      provider: "twilio",
      realtimeModel: "gpt-realtime-2.1",
      defaultVoice: "alloy",
      recordCalls: true,
      webhookPort: 18790,
      rpcPort: 18791,
      rpcHost: "127.0.0.1",
      prepareOpening: true,
      voicemail: "leave-message",
      disclose: true
    })
    expect(Duration.toSeconds(config.maxCallDuration)).toBe(600)
    expect(Duration.toSeconds(config.ringTimeout)).toBe(30)
    expect(config.transcriptsDir).toMatch(/^\/.*\.openclaw\/phone\/transcripts$/)
    expect(Redacted.value(config.authToken)).toBe(good.authToken)
  })

  it("of the simulated line needs nothing but the provider", () => {
    const { config } = values({ provider: "simulated" })
    expect(config.phoneNumber).toBe("+15550100000")
    expect(config.webhookHost).toBe("http://127.0.0.1:18790")
  })

  it("of the simulated line may keep references to credentials that are not set", () => {
    const { config } = values({ ...good, provider: "simulated", authToken: `\${NOT_SET}` })
    expect(Redacted.value(config.authToken)).toBe("simulated-auth-token")
    expect(config.phoneNumber).toBe(good.phoneNumber)
  })

  it("may leave credentials to the environment", () => {
    const { phoneNumber, webhookHost } = good
    const env = { TWILIO_ACCOUNT_SID: good.accountSid, TWILIO_AUTH_TOKEN: "t", OPENAI_API_KEY: "k" }
    const { config } = values({ phoneNumber, webhookHost }, env)
    expect(config.accountSid).toBe(good.accountSid)
    expect(Redacted.value(config.openaiApiKey)).toBe("k")
  })

  it("with an old preview model is mapped, with one warning", () => {
    const fallen = values({ ...good, fallbackModel: "gpt-4o-mini-realtime-preview" })
    expect(fallen.config.fallbackModel).toBe("gpt-realtime-2.1-mini")
    expect(fallen.warnings).toEqual([expect.stringMatching(/^fallbackModel .*shut down/)])
    const { config, warnings } = values({ ...good, realtimeModel: "gpt-4o-realtime-preview-2024-12-17" })
    expect(config.realtimeModel).toBe("gpt-realtime-2.1")
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain("gpt-4o-realtime-preview-2024-12-17")
  })
})

describe("environment variables", () => {
  it("stand in any text, with a default and an escape", () => {
    const { config } = values(
      { ...good, transcriptsDir: `\${BASE}/t/\${SUB:-calls}`, onBehalfOf: `$\${USER} & Co` },
      { BASE: "/data" }
    )
    expect(config.transcriptsDir).toBe("/data/t/calls")
    expect(config.onBehalfOf).toBe(`\${USER} & Co`)
  })

  it("become numbers and booleans where the key wants them, and stay text where it does not", () => {
    const env = { PORT: "4000", REC: "false", TOKEN: "123456", LIMIT: "3" }
    const section = {
      ...good,
      webhookPort: `\${PORT}`,
      recordCalls: `\${REC}`,
      authToken: `\${TOKEN}`,
      dailyLimit: { calls: `\${LIMIT}` }
    }
    const { config } = values(section, env)
    expect(config.webhookPort).toBe(4000)
    expect(config.recordCalls).toBe(false)
    expect(Redacted.value(config.authToken)).toBe("123456")
    expect(config.dailyLimit.calls).toBe(3)
  })

  it("that are not set are one line with key and name", () => {
    expect(lines({ ...good, authToken: `\${TWILIO_AUTH_TOKEN}` })).toEqual([
      "authToken needs the environment variable TWILIO_AUTH_TOKEN, which is not set"
    ])
    expect(lines({ ...good, transferTo: { reception: `\${DESK}` } })).toEqual([
      "transferTo.reception needs the environment variable DESK, which is not set"
    ])
    expect(lines({ ...good, authToken: `\${what is this}` })).toHaveLength(1)
  })
})

const secret = "hunter2-SECRET"
const wrong: ReadonlyArray<readonly [key: string, value: unknown, says: string]> = [
  ["enabled", "yes", "enabled must be true or false"],
  ["provider", secret, 'provider must be "twilio" or "simulated"'],
  ["accountSid", secret, 'accountSid must be a Twilio Account SID: "AC" and 32 hex digits'],
  ["authToken", 4711, "authToken must be a text in quotes that is not empty"],
  ["authToken", "", "authToken must be a text in quotes that is not empty"],
  ["phoneNumber", 15551234567, "phoneNumber must be your Twilio number in E.164 and in quotes"],
  ["openaiApiKey", [secret], "openaiApiKey must be a text in quotes"],
  ["fallbackModel", "", "fallbackModel must be a text"],
  ["realtimeModel", "", "realtimeModel must be a text"],
  ["fallbackModel", "", "fallbackModel must be a text"],
  ["defaultVoice", secret, "defaultVoice must be one of alloy, echo, shimmer"],
  ["maxCallDuration", 5, "maxCallDuration must be a number of seconds from 10 to 14000"],
  ["maxCallDuration", "10 min", "maxCallDuration must be a number of seconds from 10 to 14000"],
  ["recordCalls", 1, "recordCalls must be true or false"],
  ["transcriptsDir", "", "transcriptsDir must be a path"],
  ["webhookPort", 70000, "webhookPort must be a port number"],
  ["webhookPort", "http", "webhookPort must be a port number"],
  ["webhookHost", "http://phone.example.com", "webhookHost must be a URL that begins with https://"],
  ["webhookHost", secret, "webhookHost must be a URL"],
  ["ringTimeout", 0, "ringTimeout must be a number of seconds from 5 to 120"],
  ["greetingDelay", -1, "greetingDelay must be a number of seconds from 0 to 3"],
  ["prepareOpening", null, ""],
  ["prepareOpening", {}, "prepareOpening must be true or false"],
  ["voicemail", secret, 'voicemail must be "leave-message" or "hang-up"'],
  ["transferTo", "x", "transferTo must be names with numbers"],
  ["transferTo", { desk: secret }, "transferTo.desk must be a number in E.164"],
  ["language", "German", "language must be a language such as"],
  ["disclose", 0, "disclose must be true or false"],
  ["notify", "https://receiver.example", "notify must be such as"],
  ["notify", { url: "http://receiver.example", secret }, "notify.url must be a URL that begins with https://"],
  ["notify", { url: "https://receiver.example" }, "notify.secret is missing: what notifications are signed with"],
  ["notify", { url: "https://receiver.example", secret: 4711 }, "notify.secret must be a text in quotes"],
  ["notify", { url: "https://receiver.example", secret: "whsec_ " }, "notify.secret must be a text in quotes"],
  ["notify", { url: "https://receiver.example", secret: `whsec_${secret}` }, "notify.secret must be a text in quotes"],
  ["onBehalfOf", "", "onBehalfOf must be a text"],
  ["maxConcurrentCalls", 0, "maxConcurrentCalls must be a whole number from 1 to 1000"],
  ["callsPerSecond", 0, "callsPerSecond must be a number from 0.01 to 100"],
  ["allowedCountries", [], "allowedCountries"],
  ["allowedCountries", "US", "allowedCountries must be a list such as"],
  ["allowedCountries", ["USA"], "allowedCountries[0] must be a country code"],
  ["doNotCall", secret, "doNotCall must be a list of numbers"],
  ["doNotCall", ["+15551234567", secret], "doNotCall[1] must be a number in E.164"],
  ["maxHold", 5, "maxHold must be a number of seconds from 10 to 14000"],
  ["callingHours", "9-18", "callingHours must be such as"],
  ["callingHours", { from: "09:00" }, "callingHours.to"],
  ["callingHours", { from: "9", to: "18:00" }, "callingHours.from must be a time of day"],
  ["dailyLimit", 3, "dailyLimit must be such as"],
  ["dailyLimit", { calls: 0 }, "dailyLimit.calls must be a whole number above 0"],
  ["dailyLimit", { cost: secret }, "dailyLimit.cost must be a number above 0"],
  ["rpcHost", "", "rpcHost must be a text"],
  ["rpcPort", -1, "rpcPort must be a port number"],
  ["rpcPort", 18790, "rpcPort must differ from webhookPort"],
  ["rpcToken", "", "rpcToken must be a text"],
  ["database", 1, "database must be a path"],
  ["twilioApiUrl", "ftp://x", "twilioApiUrl must be a URL that begins with https://"],
  ["realtimeUrl", "https://x", "realtimeUrl must be a URL that begins with wss://"],
  ["transcriptionModel", "", "transcriptionModel must be a text"],
  ["turnDetection", "server_vad", "turnDetection must be {"],
  ["turnDetection", { type: secret }, "turnDetection.type must be"],
  [
    "turnDetection",
    { type: "server_vad", silence: 1 },
    "turnDetection.silence must be a whole number from 100 to 3000"
  ],
  ["wireLogs", true, "wireLogs must be such as { audio: false, maxSize: 20 } or {}"],
  ["wireLogs", { maxSize: 0 }, "wireLogs.maxSize must be a number from 0.1 to 1000"]
]

describe("a wrong value", () => {
  for (const [key, value, says] of wrong.filter(([, , says]) => says !== "")) {
    it(`${key}: ${JSON.stringify(value)}`, () => {
      const told = lines({ ...good, [key]: value })
      expect(told).toHaveLength(1)
      expect(told[0]).toContain(says)
      expect(told[0]).not.toContain(secret)
      expect(told[0]).not.toContain("\n")
    })
  }

  it("is tried above for every key there is", () => {
    expect(new Set(wrong.map(([key]) => key))).toEqual(new Set(Object.keys(PhoneConfigFields.fields)))
  })

  it("does not hide another: all are listed at once", () => {
    const told = lines({ provider: "twilio", phoneNumber: "x", webhookPort: -1, maxCalDuration: 3, authToken: `\${T}` })
    expect(told.map((line) => line.split(" ")[0]).toSorted()).toEqual([
      "accountSid",
      "authToken",
      "maxCalDuration",
      "openaiApiKey",
      "phoneNumber",
      "webhookHost",
      "webhookPort"
    ])
  })

  it("that is missing is told with where it can come from", () => {
    const { authToken: _, ...rest } = good
    expect(lines(rest)).toEqual([
      "authToken is missing: your Twilio Auth Token, here or in the environment as TWILIO_AUTH_TOKEN"
    ])
  })

  it("null counts as not given", () => {
    expect(lines({ ...good, prepareOpening: null, onBehalfOf: null })).toEqual([])
  })
})

describe("an unknown key", () => {
  it.each([
    ["maxCalDuration", "maxCallDuration"],
    ["account_sid", "accountSid"],
    ["webhook-port", "webhookPort"],
    ["TRANSCRIPTSDIR", "transcriptsDir"]
  ])("%s: did you mean %s", (key, meant) => {
    expect(lines({ ...good, [key]: secret })).toEqual([`${key} is not a known key. Did you mean ${meant}?`])
  })

  it("within a key, too", () => {
    expect(lines({ ...good, callingHours: { from: "09:00", to: "18:00", zone: "CET" } })).toEqual([
      "callingHours.zone is not a known key. Known are from, to."
    ])
  })

  it("that resembles nothing gets no guess", () => {
    expect(lines({ ...good, bananas: 1 })).toEqual(["bananas is not a known key"])
  })
})

describe("a file", () => {
  const told = (text: string) => Either.match(parseConfig(text, {}), { onLeft: (all) => all, onRight: () => [] })

  it("that is no YAML is told by place, without its text", () => {
    const problems = told(`plugins:\n  phone:\n\tauthToken: ${secret}\n`)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems[0]).toMatch(/^is not valid YAML \(line 3, column \d+\): /)
    expect(problems.join()).not.toContain(secret)
    expect(told(`plugins: {phone: {authToken: *${secret}}}`).join()).not.toContain(secret)
    expect(told("plugins: {phone: {authToken: a, authToken: b}}")[0]).toContain("duplicate key")
  })

  it.each([[""], ["42"], ["plugins: []"], ["plugins: {}"], ["phone: {provider: simulated}"]])(
    "without the section says so: %j",
    (text) => {
      expect(told(text)).toEqual(['has no section "plugins.phone"; Phone reads its keys from there'])
    }
  )

  it("with an empty section lists what is missing", () => {
    expect(told("plugins: {phone: }")).toHaveLength(5)
    expect(told("plugins: {phone: 7}")).toHaveLength(1)
  })

  it("may hold other sections, which are not looked at", () => {
    const text = `other:\n  a: \${NOT_SET}\nplugins: {else: 1, phone: {provider: simulated}}`
    expect(told(text)).toEqual([])
  })
})

describe("a client", () => {
  it("needs no credentials, nor their variables", () => {
    const settings = parseClientSettings(yaml({ authToken: `\${NOT_SET}`, rpcPort: 4001, rpcToken: `\${T}` }), {
      T: "x"
    })
    expect(Either.map(settings, ({ rpcPort }) => rpcPort)).toEqual(Either.right(4001))
  })

  it("is told what is wrong with the keys it needs", () => {
    const settings = parseClientSettings(yaml({ rpcPort: "high", rpcToken: `\${T}` }), {})
    expect(Either.flip(settings)).toEqual(
      Either.right([
        "rpcToken needs the environment variable T, which is not set",
        "rpcPort must be a port number, 0 to 65535 (0: any that is free)"
      ])
    )
  })
})

describe("whatever is in the file", () => {
  const keys = Object.keys(PhoneConfigFields.fields)
  const line = /^[^\n]{1,400}$/

  it("any JSON as the section is values or lines, never a crash", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), (section) => {
        for (const problem of lines(section)) expect(problem).toMatch(line)
      }),
      { numRuns: 300 }
    )
  })

  it("any JSON under known keys is values, or lines that name a key of the file or a missing one", () => {
    const section = FastCheck.dictionary(FastCheck.constantFrom(...keys), FastCheck.jsonValue())
    FastCheck.assert(
      FastCheck.property(section, (value) => {
        for (const problem of lines(value)) {
          expect(problem).toMatch(line)
          expect(keys).toContain(problem.split(/[ .[]/)[0])
        }
      }),
      { numRuns: 500 }
    )
  })

  it("any text is values or lines", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(Either.isLeft(parseConfig(text, {}))).toBe(true)
        parseConfig(`plugins:\n  phone:\n    provider: simulated\n    ${text}`, {})
      }),
      { numRuns: 500 }
    )
    expect(Either.isLeft(parseConfig("[".repeat(100_000), {}))).toBe(true)
  })
})

describe("the distance of two words", () => {
  it("is 0 only for equal ones, symmetric, and at most the longer length", () => {
    const word = FastCheck.string({ maxLength: 12 })
    FastCheck.assert(
      FastCheck.property(word, word, (a, b) => {
        expect(distance(a, b) === 0).toBe(a === b)
        expect(distance(a, b)).toBe(distance(b, a))
        expect(distance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      })
    )
  })
})
