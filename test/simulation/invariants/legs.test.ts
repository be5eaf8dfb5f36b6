/** 2, 3 and 12: who is dialled, how often, and for how long. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { judge } from "../../../src/simulation/invariants/index.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { isCreate } from "../../../src/simulation/world/Run.ts"
import { respondJson } from "../../../src/wire/Network.ts"
import { asking, breaks, creates, hangsUp, instructs, plain, seen, withField } from "./wrongs.ts"

/** A number that may be dialled where these countries are allowed. */
const admitted = (config: Scenario["config"]): string =>
  config?.allowedCountries === undefined ? "+15550100001" : "+493012345678"

it("2: a leg that is not hung up lives on after the end", async () => {
  const wrong = await breaks(2, plain, () => ({
    network: asking(hangsUp, (request) => {
      const sid = /CA\w+/.exec(request.url)?.[0]
      return Effect.succeed(respondJson(200, { sid, status: "completed" }))
    })
  }))
  expect(wrong).toContain("after the end was told")
})

it("2: two legs for one call are one too many", async () => {
  const wrong = await breaks(2, plain, () => ({
    network: asking(creates, (request, http) => Effect.zipRight(http(request), http(request)))
  }))
  expect(wrong).toContain("2 legs were dialled")
})

it("3: a creation whose answer was lost is not sent again", async () => {
  const lost: Scenario = { ...plain, faults: [{ loseAnswer: { request: "create", instead: "bad-gateway" } }] }
  const wrong = await breaks(3, lost, () => ({
    network: asking(creates, (request, http) =>
      Effect.flatMap(http(request), (answer) => (answer.status < 500 ? Effect.succeed(answer) : http(request)))
    )
  }))
  expect(wrong).toContain("create was sent 2 times, answered 502, 201")
})

it("3: one request is one call", async () => {
  const asksTwice: Scenario = { ...plain, operations: [{ retry: { at: 3 } }] }
  const wrong = await breaks(3, asksTwice, () => ({
    calls: (calls) => ({ ...calls, place: ({ requestId: _, ...request }) => calls.place(request) })
  }))
  expect(wrong).toContain("one request became the calls")
})

it("12: nobody else is dialled", async () => {
  const wrong = await breaks(12, plain, () => ({
    network: asking(creates, (request, http) => http(withField(request, "To", () => "+19005551234")))
  }))
  expect(wrong).toContain("+19005551234 was dialled")
})

it("12: nobody else is dialled because the record says so", async () => {
  const wrong = await breaks(12, plain, () => ({
    calls: (calls) => ({ ...calls, place: (request) => calls.place({ ...request, to: "+15550100007" }) })
  }))
  expect(wrong).toContain("+15550100007 was dialled in place of +15550100001")
})

it("12: whoever does not want to be called is not", async () => {
  const unwanted: Scenario = { ...plain, config: { ...plain.config, doNotCall: ["+15550100005"] } }
  const wrong = await breaks(12, unwanted, () => ({
    network: asking(creates, (request, http) => http(withField(request, "To", () => "+15550100005")))
  }))
  expect(wrong).toContain("+15550100005 is on the do-not-call list")
})

const numbers: ReadonlyArray<readonly [string, string, Scenario["config"]]> = [
  ["+19005551234", "a premium-rate number", {}],
  ["+4990012345678", "a premium-rate number", { allowedCountries: ["DE"] }],
  ["911", "an emergency or service number", {}],
  ["+15550100000", "our own number", {}],
  ["+4915112345678", "allowed are only numbers in US", {}],
  ["+14165550123", "allowed are only numbers in US", {}],
  ["+15550100005", "allowed are only numbers in DE, GB", { allowedCountries: ["DE", "GB"] }]
]

it.each(numbers)("12: %s is not dialled: %s", async (to, why, config) => {
  const asked: Scenario = { ...plain, call: { ...plain.call, to }, config: { ...plain.config, ...config } }
  expect((await seen(asked)).sent.some(isCreate)).toBe(false)
  const wrong = await breaks(12, asked, () => ({
    // admits another number, and dials this one
    calls: (calls) => ({ ...calls, place: (request) => calls.place({ ...request, to: admitted(config) }) }),
    network: asking(creates, (request, http) => http(withField(request, "To", () => to)))
  }))
  expect(wrong).toContain(`${to} was dialled, ${why}`)
})

/** What must be said of it where the service does not know of this rule. */
const unaware = async (config: Scenario["config"]): Promise<string> => {
  const scenario: Scenario = { ...plain, config: { ...plain.config, ...config } }
  const knowing = await seen(scenario)
  expect([knowing.sent.some(isCreate), judge(knowing)]).toEqual([false, []])
  return judge({ ...(await seen(plain)), scenario })
    .map(({ invariant, what }) => `${invariant}: ${what}`)
    .join("\n")
}

it("12: nobody is called outside the hours of any of a country's time zones", async () => {
  expect(await unaware({ callingHours: { from: "03:00", to: "03:01" } })).toMatch(/^12: .*allowed is 03:00 to 03:01/)
})

it("12: nobody is called by a service that is disabled", async () => {
  expect(await unaware({ enabled: false })).toContain("12: +15550100001 was dialled, though nothing may be")
})

it("12: a call comes from our number", async () => {
  const wrong = await breaks(12, plain, () => ({
    network: asking(creates, (request, http) => http(withField(request, "From", () => "+15550100099")))
  }))
  expect(wrong).toContain("it was dialled from +15550100099")
})

it("12: a transfer goes to whom the configuration names", async () => {
  const transfers: Scenario = {
    ...plain,
    config: { ...plain.config, transferTo: { reception: "+15550100002" } },
    agent: [{ heard: "how can I help", say: "I will connect you.", transfer: "reception" }]
  }
  const wrong = await breaks(12, transfers, () => ({
    network: asking(instructs, (request, http) =>
      http(withField(request, "Twiml", (twiml) => twiml.replaceAll("+15550100002", "+19005551234")))
    )
  }))
  expect(wrong).toContain("the call was transferred to +19005551234")
})
