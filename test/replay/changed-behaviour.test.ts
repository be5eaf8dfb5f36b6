/** The point of a replay: what a change of the service does to a call that once was, said where it first shows. */
import { describe, expect, it } from "@effect/vitest"
import { beforeAll } from "vitest"
import { nothingNew, type Recorded, record, replayed } from "./record.ts"

/** The first probe of a log, what came before it was answered, and the answer. */
const probe = /^.*"event_id":"probe:(\d+)".*\n((?:.*\n)*?).*"session\.updated".*\n/m

it("a session that is probed once more or less is no change, though its later events are counted otherwise", async () => {
  const { log } = await record({ to: "+15550100006" })
  const nth = Number(probe.exec(log)?.[1])
  const less = log
    .replace(probe, "$2")
    .replace(/"event_id":"([a-z]+):(\d+)/g, (id, deed, serial) =>
      Number(serial) > nth ? `"event_id":"${deed}:${Number(serial) - 1}` : id
    )
  expect(less.match(/probe:/g)?.length).toBe((log.match(/probe:/g)?.length ?? 0) - 1)
  expect([log, less].map((text) => /"event_id":"(respond:\d+:opening#4)"/.exec(text)?.[1])).toEqual([
    "respond:8:opening#4",
    "respond:7:opening#4"
  ])
  expect(await replayed(less)).toMatchObject(nothingNew)
})

describe("a call replayed on a changed service", () => {
  let polite: Recorded
  beforeAll(async () => {
    polite = await record({ to: "+15550100001" })
  })

  it("that says other instructions comes to the same result, by a wire that differs", async () => {
    const again = await replayed(polite.log, { config: { onBehalfOf: "Jane Roe" } })
    expect(again.differences).toEqual([])
    expect(again.divergences).toHaveLength(1)
    const [first] = again.divergences
    expect(first).toMatchObject({ on: "realtime-1", at: 0.043 })
    expect(first?.log).toMatch(/^session\.update at session\.instructions: .*# Task/)
    expect(first?.replay).toMatch(/^session\.update at session\.instructions: .*on behalf of Jane Roe/)
  })

  it("that allows shorter calls tells Twilio so first of all, and then cuts the conversation short", async () => {
    const again = await replayed(polite.log, { config: { maxCallDuration: 10 } })
    expect(again.divergences[0]).toMatchObject({ on: "rest", at: 0.083 })
    expect(again.divergences[0]?.log).toContain('TimeLimit: "630"')
    expect(again.divergences[0]?.replay).toContain('TimeLimit: "40"')
    expect(again.differences.map(({ what }) => what)).toContain("outcome")
    expect(again.replayed.outcome?.success).toBe(false)
  })

  it("that does not prepare its opening still holds the same conversation up to there, and comes to an end", async () => {
    const again = await replayed(polite.log, { config: { prepareOpening: false } })
    expect(again.divergences[0]).toMatchObject({
      on: "realtime-1",
      // made from the answer on, it comes later, into the callee's answer
      log: "response.create reply#3",
      replay: "conversation.item.truncate"
    })
    expect(again.replayed.endedAt).toBeDefined()
  })

  it("that hangs up on machines leaves no message where one was left", async () => {
    const { log } = await record({ to: "+15550100005" })
    expect(await replayed(log)).toMatchObject(nothingNew)
    const again = await replayed(log, { config: { voicemail: "hang-up" } })
    expect(again.divergences.length).toBeGreaterThan(0)
    const left = again.recorded?.transcript.at(-1)
    expect(left?.role).toBe("assistant")
    expect(again.differences.at(-1)).toMatchObject({ log: `assistant: ${left?.text}`, replay: "none" })
  })

  it("is compared with what was stored: another word in the record is another result", async () => {
    const log = polite.log.replace(/"text":"Thank you, goodbye\."(?=.*\n$)/, '"text":"Thanks, goodbye."')
    expect(log).not.toBe(polite.log)
    const again = await replayed(log)
    expect(again.differences).toEqual([
      { what: "turn 3", log: "assistant: Thanks, goodbye.", replay: "assistant: Thank you, goodbye." }
    ])
    expect(again.divergences).toEqual([])
  })
})
