/** Speaking into the agent's words: how soon it is quiet, what of them was heard, and what the model remembers of them. */
import { describe, expect, it } from "@effect/vitest"
import { understand } from "../../src/simulation/audio/SpokenText.ts"
import type { CalleeStep } from "../../src/simulation/callee/CalleeScript.ts"
import type { SessionLog } from "../../src/simulation/realtime/Journal.ts"
import { agrees, alwaysHolds, type Finished, person, story } from "./world.ts"

/** Milliseconds by which what we take for heard may differ from what the callee's side really played, per item. */
const exact = 60
/** Longest sound of an interrupted item after the clear. */
const soonQuiet = 120

/** Speaks when the line has been up for a while: what is said before the media stream exists reaches nobody. */
const greets = (...steps: ReadonlyArray<CalleeStep>) => person([{ wait: 0.7 }, { say: "Hello?" }, ...steps])

const truncations = (session: SessionLog | undefined) =>
  (session?.received ?? []).flatMap((received) =>
    received._tag === "Event" && received.type === "conversation.item.truncate" ? [received.event] : []
  )

const theLeg = ({ legs }: Finished) => {
  const [leg] = legs
  if (leg === undefined) throw new Error("nobody was called")
  return leg
}

/** What the agent said, as the record has it, beside what the callee's ear and the model's memory have of it. */
const sideBySide = (finished: Finished) => {
  const [session] = finished.sessions
  const { heard } = theLeg(finished)
  const remembered = (session?.memory() ?? []).flatMap((item) =>
    item._tag === "Said" && item.role === "assistant" ? [item.text] : []
  )
  const turns = finished.call.transcript.filter(({ role }) => role === "assistant")
  expect(heard).toHaveLength(turns.length)
  expect(remembered).toHaveLength(turns.length)
  return turns.map((turn, index) => ({ turn, ear: heard[index], memory: remembered[index] ?? "" }))
}

const checkBargeIn = (finished: Finished) => {
  alwaysHolds(finished)
  const { clears, heard } = theLeg(finished)
  for (const { ear, memory, turn } of sideBySide(finished)) {
    const ms = ear?.ms ?? 0
    expect(Math.abs((turn.heard ?? 0) * 1000 - ms)).toBeLessThanOrEqual(exact)
    // one letter takes 60 ms to say: the memory ends where the ear did, give or take one
    expect(Math.abs(memory.length - (ear?.text.length ?? 0))).toBeLessThanOrEqual(1)
    expect(ear?.text.startsWith(turn.text.slice(0, -1))).toBe(true)
    expect(turn.interrupted ?? false).toBe(turn.generated !== undefined)
  }
  for (const clear of clears) {
    const sounding = heard.filter(({ at }) => at <= clear.at).at(-1)
    expect((sounding?.at ?? 0) + (sounding?.ms ?? 0) - clear.at).toBeLessThanOrEqual(soonQuiet)
  }
}

const interrupts = (after: number): CalleeStep => ({ bargeIn: { after, say: "Sorry, who is calling, please?" } })

describe("barge-in", () => {
  for (const latency of [0, 40, 100]) {
    for (const after of [0.3, 1, 3]) {
      it(`is exact after ${after} s with ${latency} ms each way`, async () => {
        const callee = greets(interrupts(after), ...agrees)
        const finished = await story({ callee, latency }, (world) => world.call())
        checkBargeIn(finished)
        expect(theLeg(finished).clears).toHaveLength(1)
        expect(finished.call.transcript.filter(({ interrupted }) => interrupted)).toHaveLength(1)
        expect(truncations(finished.sessions[0])).toHaveLength(1)
        expect(finished.call.outcome?.success).toBe(true)
      })
    }
  }

  it("after less than a word leaves no turn, and no more in the model's memory than was heard", async () => {
    // not the first sentence: an echo of that could be what is heard so soon
    const callee = greets({ listen: {} }, { say: "Sorry, who is calling?" }, interrupts(0.06), ...agrees)
    const finished = await story({ callee, latency: 0 }, (world) => world.call())
    alwaysHolds(finished)
    const cut = theLeg(finished).heard[1]
    const memory = finished.sessions[0]
      ?.memory()
      .flatMap((item) => (item._tag === "Said" && item.role === "assistant" ? [item.text] : []))
    expect(cut?.ms).toBeLessThan(300)
    expect(memory?.[1]).toBe(cut?.text)
    expect(finished.call.transcript.slice(0, 4).map(({ role }) => role)).toEqual(["user", "assistant", "user", "user"])
  })

  it("again and again, each time into another answer", async () => {
    const callee = greets(interrupts(1), interrupts(0.5), interrupts(1.3), ...agrees)
    const finished = await story({ callee, latency: 40 }, (world) => world.call())
    checkBargeIn(finished)
    expect(finished.call.transcript.filter(({ interrupted }) => interrupted)).toHaveLength(3)
  })

  it("leaves nothing in the model's memory of an answer of which nothing was heard", async () => {
    // the callee goes on speaking while the answer is being made
    const callee = greets(
      { listen: {} },
      { say: "What is it about?" },
      { wait: 0.9 },
      { say: "I mean, what do you want from us?" },
      ...agrees
    )
    const finished = await story({ callee, latency: 0 }, (world) => world.call())
    alwaysHolds(finished)
    const [session] = finished.sessions
    for (const item of session?.memory() ?? []) {
      if (item._tag !== "Said" || item.role !== "assistant") continue
      expect(theLeg(finished).heard.some(({ text }) => text.startsWith(item.text.slice(0, -1)))).toBe(true)
      expect(item.text).not.toBe("")
    }
  })

  it("is followed by no stray audio: every sound the callee heard is of an item in the order of the items", async () => {
    const callee = greets(interrupts(2), ...agrees)
    // the model sends everything at once: all of the answer lies with us when it is interrupted
    const finished = await story({ callee, realtime: { timing: { pace: 100 } } }, (world) => world.call())
    checkBargeIn(finished)
    const { agentAudio, answeredAt = 0, clears, heard } = theLeg(finished)
    const silentFrom = (clears[0]?.at ?? 0) + soonQuiet - answeredAt
    const next = heard.find(({ at }) => at > (clears[0]?.at ?? 0))
    const quiet = agentAudio.slice(silentFrom * 8, ((next?.at ?? 0) - answeredAt) * 8)
    expect(quiet.length).toBeGreaterThan(8000)
    expect(quiet.every((byte) => byte === 0xff)).toBe(true)
    expect(understand(agentAudio)).toBe(heard.map(({ text }) => text).join(""))
  })
})
