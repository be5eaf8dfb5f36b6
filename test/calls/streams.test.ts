/** One call, several media streams: TwiML fetched twice, a socket that is cut, keys pressed, a transfer tried. One conversation. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { CalleeStep } from "../../src/simulation/callee/CalleeScript.ts"
import type { calleeAt } from "../../src/simulation/callee/numbers.ts"
import { defaultMind } from "../../src/simulation/realtime/DefaultMind.ts"
import { scriptedMind } from "../../src/simulation/realtime/Mind.ts"
import { change, cuts, webhook } from "./faults.ts"
import { agrees, alwaysHolds, type Finished, callee as number, person, spoken, story } from "./world.ts"

const greets = (...steps: ReadonlyArray<CalleeStep>) => person([{ wait: 0.7 }, { say: "Hello?" }, ...steps])

const theLeg = ({ legs }: Finished) => {
  const [leg] = legs
  if (leg === undefined) throw new Error("nobody was called")
  return leg
}

const opening = "Hello, this is an AI assistant calling. Book an appointment for Tuesday at 2 pm."
const heardBy = (finished: Finished) =>
  theLeg(finished)
    .heard.map(({ text }) => text)
    .join("")

const notes = (finished: Finished) =>
  (finished.sessions[0]?.memory() ?? []).flatMap((item) =>
    item._tag === "Said" && item.role === "system" ? [item.text] : []
  )

describe("TwiML that is fetched twice", () => {
  it("makes one stream and one conversation when the first answer is lost", async () => {
    const twice = change(webhook("voice"), (send, nth) => (nth === 1 ? Effect.zipRight(send, send) : send))
    const finished = await story({ callee: greets(...agrees), seenBy: { twilio: twice } }, (world) => world.call())
    alwaysHolds(finished)
    expect(theLeg(finished).streams).toHaveLength(1)
    expect(finished.sessions).toHaveLength(1)
    expect(heardBy(finished).split(opening)).toHaveLength(2)
  })
})

describe("a media socket that is cut", () => {
  for (const after of [0.3, 2.5, 4.1, 11.3]) {
    for (const latency of [0, 60]) {
      it(`${after} s after it was opened, ${latency} ms each way: the conversation goes on, nothing heard is said again`, async () => {
        const options = { callee: greets(...agrees), latency, seenBy: { twilio: cuts(1, `${after * 1000} millis`) } }
        const finished = await story(options, (world) => world.call())
        // the socket's end is Twilio's to complain of; what the callee says in the gap reaches nobody
        alwaysHolds(finished, { alerts: [31903], calleeUnheard: true, announced: true })
        expect(theLeg(finished).streams.length).toBe(2)
        expect(finished.sessions).toHaveLength(1)
        expect(finished.call.outcome?.success).toBe(true)
        const heard = heardBy(finished)
        // what was under way when the socket was cut is continued within a tenth of a second of where it stopped
        const letters = Math.ceil(100 / 60)
        expect(heard.length).toBeLessThanOrEqual(opening.length + "Thank you, goodbye.".length + letters)
        expect(heard.length).toBeGreaterThanOrEqual(opening.length + "Thank you, goodbye.".length - letters)
        expect(spoken(finished.call)).toContain(`assistant: ${opening}`)
      })
    }
  }
})

describe("a media socket that is cut while the callee speaks", () => {
  it("costs the words of the gap, and neither the call nor its outcome", async () => {
    const callee = greets({ listen: {} }, { say: "Well, yes, that is quite possible." }, ...agrees)
    const finished = await story({ callee, seenBy: { twilio: cuts(1, "8 seconds") } }, (world) => world.call())
    alwaysHolds(finished, { alerts: [31903], calleeUnheard: true })
    expect(theLeg(finished).streams.length).toBe(2)
    expect(finished.call.status).toBe("completed")
    expect(finished.call.outcome?.success).toBe(true)
  })
})

describe("keys", () => {
  it("that the callee presses reach the model, each once, and are answered", async () => {
    const callee = greets({ listen: {} }, { press: "5" }, { listen: {} }, { say: "Yes, it works." }, { wait: 20 })
    const finished = await story({ callee }, (world) => world.call())
    alwaysHolds(finished)
    expect(notes(finished).filter((note) => /\b5\b/.test(note))).toHaveLength(1)
    expect(finished.call.outcome?.success).toBe(true)
  })

  it("20: that the agent presses are heard by the menu as tones, once, and the same conversation goes on behind it", async () => {
    const finished = await story({}, (world) => world.call({ to: "+15550100006" }))
    alwaysHolds(finished)
    const leg = theLeg(finished)
    expect(leg.digits).toBe("1")
    expect(leg.streams).toHaveLength(2)
    expect(finished.sessions).toHaveLength(1)
    expect(spoken(finished.call)).toContain("user: Appointments, this is Anna, how can I help?")
    expect(finished.call.outcome?.success).toBe(true)
    const [session] = finished.sessions
    expect(
      session?.toolCalls.filter(({ name }) => name === "send_digits").map(({ outputs }) => outputs.length)
    ).toEqual([1])
  })

  it("that cannot be pressed are refused to the model, and the callee is not left in silence", async () => {
    const mind = scriptedMind(
      [{ heard: "press one", plan: [{ call: "send_digits", input: { digits: "1; DROP TABLE" } }] }],
      defaultMind
    )
    const callee = greets({ listen: {} }, { say: "To go on, press one." }, ...agrees)
    const finished = await story({ callee, realtime: { mind } }, (world) => world.call())
    alwaysHolds(finished)
    expect(theLeg(finished).digits).toBe("")
    expect(finished.sessions[0]?.toolCalls[0]?.outputs[0]).toContain('"ok":false')
    expect(theLeg(finished).heard.length).toBeGreaterThanOrEqual(3)
  })
})

/** Asks for somebody else, and talks on if that does not work. */
const wantsSomebody = greets(
  { listen: {} },
  { say: "Can I talk to a person?" },
  { listen: {} },
  { listen: { atMost: 60 } },
  { say: "Yes, then Tuesday at 2 pm works." },
  { listen: {} },
  { wait: 20 }
)
const reception = "+15550100013"
const transfers = (script: ReturnType<typeof calleeAt>) => ({
  config: { transferTo: { reception } },
  twilio: { callees: (to: string) => (to === number ? wantsSomebody : script) }
})

describe("known failures: transfers", () => {
  it("27: to a destination that answers connects the callee, and is the end of our part", async () => {
    const options = transfers(person([]))
    const finished = await story(options, (world) => world.call())
    alwaysHolds(finished)
    expect(theLeg(finished).dials).toMatchObject([{ to: reception, status: "completed" }])
    expect(finished.call.status).toBe("completed")
    expect(heardBy(finished)).toContain("Of course, I will connect you.")
  })

  for (const line of ["busy", "no-answer", "failed"] as const) {
    it(`27: to one that is ${line} brings the callee back, the model knows why, and the talk goes on`, async () => {
      const options = transfers({ line })
      const finished = await story(options, (world) => world.call())
      alwaysHolds(finished)
      expect(theLeg(finished).dials).toMatchObject([{ to: reception, status: line }])
      const tool = finished.sessions[0]?.toolCalls.find(({ name }) => name === "transfer_call")
      expect(tool?.outputs).toHaveLength(1)
      expect(tool?.outputs[0]).toContain(line)
      expect(heardBy(finished)).toContain("I am sorry, I cannot connect you right now.")
      expect(finished.call.outcome?.success).toBe(true)
    })
  }

  for (const destination of ["+19005550199", "somebody", "", "__proto__", "constructor", "911"]) {
    it(`27: to "${destination}", which nobody configured, dials nothing`, async () => {
      const mind = scriptedMind(
        [{ heard: "a person", plan: [{ call: "transfer_call", input: { destination } }] }],
        defaultMind
      )
      const options = { ...transfers({ line: "busy" }), realtime: { mind } }
      const finished = await story(options, (world) => world.call())
      alwaysHolds(finished)
      expect(theLeg(finished).dials).toEqual([])
      expect(finished.sessions[0]?.toolCalls[0]?.outputs[0]).toContain('"ok":false')
      expect(finished.call.outcome?.success).toBe(true)
    })
  }

  it("27: to a configured number that the policy forbids dials nothing", async () => {
    const options = { ...transfers({ line: "busy" }), config: { transferTo: { reception: "+19005550199" } } }
    const finished = await story(options, (world) => world.call())
    alwaysHolds(finished)
    expect(theLeg(finished).dials).toEqual([])
    expect(finished.call.outcome?.success).toBe(true)
  })
})
