/** Faults of the media socket, one by one, as they show on the line, at Twilio and at the model. */
import { expect, it } from "vitest"
import { loudness } from "../../../src/simulation/audio/MuLaw.ts"
import type { Fault } from "../../../src/simulation/faults/Fault.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import type { Run } from "../../../src/simulation/world/Run.ts"
import { plain, seen } from "../invariants/wrongs.ts"
import { heardOf, metOf } from "./support.ts"

const withFault = (fault: Fault, scenario: Scenario = plain) => seen({ ...scenario, faults: [fault] })

const streams = ({ legs }: Run) => legs.flatMap((leg) => leg.streams)
const lasted = ({ endedAt = 0, startedAt }: ReturnType<typeof streams>[number]) => (endedAt - startedAt) / 1000

/** Whether the agent was heard between these seconds after the stream's start. */
const speaks = ({ legs: [leg] }: Run, from: number, to: number): boolean => {
  const start = ((leg?.streams[0]?.startedAt ?? 0) - (leg?.answeredAt ?? 0)) / 1000
  const audio = leg?.agentAudio.subarray((start + from) * 8000, (start + to) * 8000) ?? new Uint8Array()
  return audio.length > 0 && loudness(audio) > 0.01
}

it("a handshake that is never answered: Twilio gives up and asks again", async () => {
  const run = await withFault({ refuseMedia: {} })
  expect(metOf(run)).toEqual(["refuseMedia"])
  expect(run.legs[0]?.alerts.map(({ code }) => code)).toContain(31901)
  expect(streams(run)).toHaveLength(1)
})

it("a cut: both sides know, and there is a new stream", async () => {
  const run = await withFault({ cutMedia: { after: 4 } })
  expect(metOf(run)).toEqual(["cutMedia"])
  const [first, second] = streams(run)
  expect(first === undefined ? 0 : lasted(first)).toBeCloseTo(4, 0)
  expect(first?.closedByServer).toBe(1006)
  expect(second).toBeDefined()
})

it("a stop without a close: Phone hears it, and closes", async () => {
  const run = await withFault({ stopMedia: { after: 4 } })
  expect(metOf(run)).toEqual(["stopMedia"])
  const [first] = streams(run)
  expect(first === undefined ? 0 : lasted(first)).toBeGreaterThanOrEqual(4)
})

it("a silent line: nothing arrives any more, either way, nor that Phone has closed it: another stream is asked for", async () => {
  const run = await withFault({ muteMedia: { after: 4 } })
  expect(metOf(run)).toEqual(["muteMedia"])
  expect(speaks(run, 3.2, 4)).toBe(true)
  expect(speaks(run, 4.6, 7.2)).toBe(false)
  const [first, second] = streams(run)
  expect(run.sent.filter(({ form }) => form.get("Twiml")?.includes("<Stream") === true)).toHaveLength(1)
  expect(first?.closedByServer).toBeUndefined()
  expect(((second?.startedAt ?? 0) - (first?.startedAt ?? 0)) / 1000).toBeCloseTo(7.4, 0)
  // of what is said meanwhile the end at most
  expect(run.sessions[0]?.heard()).toMatch(/^Hello, Doctor Smith's office, how can I help\?(?!.*See you)/)
})

it("lost audio: the callee is not heard for a while, the agent is", async () => {
  const run = await withFault({ loseMedia: { after: 0.6, for: 0.6 } })
  expect(metOf(run)).toEqual(["loseMedia"])
  const heard = run.sessions[0]?.heard() ?? ""
  expect(heard).not.toContain("Hello, Doctor Smith's office, how can I help?")
  expect(heard).toContain("how can I help?")
  // it is interrupted by the rest of the hello
  expect(heardOf(run)).toContain("Hello, this is an AI assistant")
})

it("held audio: it comes late and at once, and none is lost", async () => {
  const run = await withFault({ holdMedia: { after: 1, for: 1 } })
  expect(metOf(run)).toEqual(["holdMedia"])
  expect(run.sessions[0]?.heard()).toContain("Hello, Doctor Smith's office, how can I help?")
})

it("a stuffed socket: the callee hears nothing new for a while, then all of it", async () => {
  const run = await withFault({ stuffMedia: { after: 4, for: 0.7 } })
  expect(metOf(run)).toEqual(["stuffMedia"])
  // what Twilio had before is played meanwhile
  expect(speaks(run, 4.48, 4.68)).toBe(false)
  expect(heardOf(run)).toMatch(/Book an appointment for Tuesday at 2 pm\.|for Tuesday at 2 pm\./)
})

it("late marks: Twilio has played long since what Phone holds for unplayed", async () => {
  const onTime = await seen(plain)
  const run = await withFault({ delayMarks: { after: 0, by: 1 } })
  expect(metOf(run)).toEqual(["delayMarks"])
  // a second later, or when the callee speaks
  const firstTurn = ({ events }: Run) =>
    events.find(({ event }) => event._tag === "Turn" && event.turn.role === "assistant")?.at ?? 0
  expect(firstTurn(run)).toBeGreaterThanOrEqual(firstTurn(onTime) + 700)
})

it("lost marks: Twilio sends them, and Phone gets none", async () => {
  const run = await withFault({ loseMarks: { after: 0 } })
  expect(metOf(run)).toEqual(["loseMarks"])
  expect(run.legs[0]?.marks.length).toBeGreaterThan(10)
  const firstTurn = run.events.find(({ event }) => event._tag === "Turn" && event.turn.role === "assistant")
  expect(firstTurn?.at).toBeDefined()
})

it("a fault of the second socket leaves the first alone", async () => {
  const run = await withFault({ cutMedia: { nth: 2, after: 1 } })
  expect(metOf(run)).toEqual([])
  expect(streams(run)).toHaveLength(1)
})
