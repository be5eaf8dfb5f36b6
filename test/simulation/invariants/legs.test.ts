/** 2, 3 and 12: who is dialled, how often, and for how long. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { respondJson } from "../../../src/wire/Network.ts"
import { asking, breaks, creates, hangsUp, instructs, plain, withField } from "./wrongs.ts"

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
