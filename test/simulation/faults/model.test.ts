/** Faults of the model and of the way to it, one by one, as they show in what its sessions saw. */
import { Struct } from "effect"
import { describe, expect, it } from "vitest"
import type { Fault, Quirk } from "../../../src/simulation/faults/Fault.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import type { Run } from "../../../src/simulation/world/Run.ts"
import { menu, plain, seen } from "../invariants/wrongs.ts"
import { metOf } from "./support.ts"

const withFault = (fault: Fault, scenario: Scenario = plain) => seen({ ...scenario, faults: [fault] })

const sentBy = (run: Run, session: number) => run.sessions[session]?.sent ?? []
const types = (run: Run, session = 0) => sentBy(run, session).map(({ type }) => type)
const lived = ({ sessions }: Run, index = 0) =>
  ((sessions[index]?.closed?.at ?? Number.NaN) - (sessions[index]?.openedAt ?? 0)) / 1000

/** How the responses of a session ended, in order. */
const endings = (run: Run, session = 0): ReadonlyArray<unknown> =>
  sentBy(run, session).flatMap(({ event, type }) => {
    if (type !== "response.done") return []
    const { response } = event
    return typeof response === "object" && response !== null && "status" in response ? [response.status] : []
  })

describe("a session", () => {
  it.each([401, 503] as const)("is refused with %i", async (status) => {
    const run = await withFault({ refuseModel: { status, times: 20 } })
    expect(run.sessions).toEqual([])
    expect(run.legs).toEqual([])
    expect(run.call?.error?.type ?? run.refused?.tag).toBeDefined()
    expect(metOf(run)).toContain("refuseModel")
  })

  it("is refused once, and the next is not", async () => {
    const run = await withFault({ refuseModel: { status: 503 } })
    expect(run.sessions).toHaveLength(1)
    expect(run.call?.status).toBe("completed")
  })

  it("is never answered", async () => {
    const run = await withFault({ hangModel: {} })
    expect(metOf(run)).toContain("hangModel")
    expect(run.sessions).toEqual([])
    expect(run.legs).toEqual([])
    expect(run.call?.status).toBe("failed")
  })

  it("is opened, told an error, and closed", async () => {
    const run = await withFault({ rejectModel: { reason: "no-quota" } })
    expect(types(run)).toContain("error")
    expect(run.sessions[0]?.closed?.by).toBe("server")
  })

  it("is cut", async () => {
    const run = await withFault({ cutModel: { after: 6 } })
    expect(lived(run)).toBeCloseTo(6, 1)
    expect(run.sessions).toHaveLength(2)
  })

  it("falls silent both ways, and nobody is told", async () => {
    const run = await withFault({ muteModel: { after: 6 } })
    const [first] = run.sessions
    const silent = (first?.openedAt ?? 0) + 6_100
    expect(first?.received.filter(({ at }) => at > silent)).toEqual([])
    expect(lived(run)).toBeGreaterThan(8)
  })

  it("is held for a while, and then hears all of it at once", async () => {
    const run = await withFault({ holdModel: { after: 3, for: 2 } })
    expect(metOf(run)).toEqual(["holdModel"])
    expect(run.sessions[0]?.heard()).toContain("Hello, Doctor Smith's office, how can I help?")
    const started = run.events.find(({ event }) => event._tag === "Turn")?.at ?? 0
    expect(started).toBeGreaterThan((run.sessions[0]?.openedAt ?? 0) + 5_000)
  })

  it("has reached its limit", async () => {
    // its successor, opened before that, cannot be had
    const expires: Fault = { expireModel: { after: 6 } }
    const run = await seen({ ...plain, faults: [expires, { refuseModel: { nth: 2, times: 5, status: 503 } }] })
    expect(lived(run)).toBeCloseTo(6, 0)
    expect(run.sessions[0]?.closed?.by).toBe("server")
    expect(run.sessions).toHaveLength(2)
  })

  it("is late, each message by another delay, and keeps its order", async () => {
    const run = await withFault({ jitter: { upTo: 0.3 } })
    expect(run.call?.status).toBe("completed")
    expect(run.sessions[0]?.heard()).toContain("lo, Doctor Smith's office, how can I help?")
    expect(run.endedAt).not.toBe((await seen(plain)).endedAt)
  })
})

describe("a response", () => {
  const first = (does: Extract<Fault, { response: unknown }>["response"]["does"]) =>
    withFault({ response: { nth: 1, does } }, { ...plain, config: { ...plain.config, prepareOpening: false } })

  it.each(["rate-limit", "server-error"] as const)("fails: %s", async (does) => {
    expect(endings(await first(does))[0]).toBe("failed")
  })

  it("is cut by a filter", async () => {
    expect(endings(await first("content-filter"))[0]).toBe("incomplete")
  })

  it("comes late", async () => {
    // from its creation to its first audio
    const waits = ({ sessions: [session] }: Run) => {
      const created = session?.sent.find(({ type }) => type === "response.created")
      const spoken = session?.said.find(({ responseId }) => JSON.stringify(created?.event).includes(responseId))
      return (spoken?.at ?? 0) - (created?.at ?? 0)
    }
    expect(waits(await first("slow")) - waits(await first("noise"))).toBe(4_000)
  })

  it("has words that are never spoken", async () => {
    const run = await first("lose-tail")
    const [said] = run.sessions[0]?.said ?? []
    expect((said?.audio().length ?? 0) / 8).toBe((said?.text.length ?? 0) * 60 - 1_000)
  })

  it("comes with noise between", async () => {
    const run = await first("noise")
    expect(types(run)).toContain("error")
    expect(endings(run)[0]).toBe("completed")
  })

  it("is cut with its session", async () => {
    const run = await first("drop")
    expect(endings(run)).toEqual([])
    expect(run.sessions[0]?.closed?.code).toBe(1006)
  })

  it("freezes, and says nothing of it", async () => {
    const run = await first("freeze")
    expect(endings(run)).toEqual([])
    expect(run.sessions.length).toBeGreaterThan(1)
  })

  it("is over before it is cancelled, and is told to its end", async () => {
    const run = await seen({
      ...plain,
      callee: {
        answers: { after: 1, as: "human", amdAfter: 1.5 },
        steps: [
          { say: "Hello?" },
          { listen: {} },
          { say: "Yes, go on please." },
          { bargeIn: { after: 0.6, say: "No wait, not Tuesday, Wednesday." } },
          { listen: {} }
        ]
      },
      faults: [{ quirk: { nth: 2, does: "talks-long" } }, { response: { nth: 3, does: "outrun-cancel" } }]
    })
    expect(metOf(run)).toContain("response")
    const sent = run.sessions.flatMap(({ sent }) => sent)
    const refused = sent.findIndex(({ event }) => JSON.stringify(event).includes("response_cancel_not_active"))
    expect(sent[refused - 1]?.type).toBe("response.done")
    expect(JSON.stringify(sent[refused - 1]?.event)).toContain('"status":"completed"')
  })

  it("of another session is not meant", async () => {
    const run = await withFault({ response: { session: 2, nth: 1, does: "drop" } })
    expect(metOf(run)).toEqual([])
    expect(run.sessions).toHaveLength(1)
  })
})

describe("what the callee says is written down", () => {
  const written = (run: Run) => run.call?.transcript.filter(({ role }) => role === "user").map(({ text }) => text)

  it("not: it failed", async () => {
    const run = await withFault({ transcription: { turn: 1, does: "failed" } })
    expect(types(run)).toContain("conversation.item.input_audio_transcription.failed")
    expect(written(run)?.[0]).toBe("[inaudible]")
  })

  it("as nothing", async () => {
    const run = await withFault({ transcription: { turn: 1, does: "empty" } })
    expect(written(run)).toEqual(["Yes, Tuesday at 2 pm works. See you then."])
  })

  it("never", async () => {
    const run = await withFault({ transcription: { turn: 1, does: "missing" } })
    expect(types(run).filter((type) => type === "conversation.item.input_audio_transcription.completed")).toHaveLength(
      1
    )
  })

  it("late", async () => {
    const run = await withFault({ lateTranscription: { by: 3 } })
    const sent = sentBy(run, 0)
    const stopped = sent.find(({ type }) => type === "input_audio_buffer.speech_stopped")?.at ?? 0
    const completed = sent.find(({ type }) => type === "conversation.item.input_audio_transcription.completed")?.at ?? 0
    expect(completed - stopped).toBeGreaterThanOrEqual(2_900)
  })
})

describe("the model does of its own accord", () => {
  const calls = ({ sessions }: Run) => sessions.flatMap((session) => session.toolCalls.map(({ name }) => name))
  const said = ({ sessions }: Run) => sessions.flatMap((session) => session.said.map(({ text }) => text))

  /** The second response: the reply to what the callee said first. */
  const shows: Readonly<Record<Quirk, (run: Run) => boolean>> = {
    "says-nothing": (run) => said(run).every((text) => text !== "Thank you, goodbye.") || said(run).length > 2,
    "says-two-things": (run) => said(run).includes("And one more thing, thank you for your time."),
    "talks-long": (run) => said(run).some((text) => text.startsWith("Well, let me explain this at some length")),
    "ends-without-a-word": (run) => calls(run).includes("end_call") && run.call?.outcome?.success === false,
    "ends-twice": (run) => calls(run).filter((name) => name === "end_call").length === 2,
    "ends-with-nonsense": (run) =>
      run.sessions.some((session) => session.toolCalls.some(({ input }) => input.includes('"perhaps"'))),
    "calls-an-unknown-tool": (run) => calls(run).includes("book_table"),
    "claims-a-success": (run) =>
      run.sessions.some((session) => session.toolCalls.some(({ input }) => input.includes("All is settled."))),
    "claims-a-machine": (run) => calls(run).includes("report_answering_machine"),
    "presses-keys": (run) => calls(run).includes("send_digits") && run.legs[0]?.digits === "1",
    "transfers-to-a-stranger": (run) => calls(run).includes("transfer_call") && run.legs[0]?.dials.length === 0
  }

  it.each(Struct.entries(shows))("%s", async (does, isSeen) => {
    const run = await withFault({ quirk: { nth: 2, does } })
    expect(metOf(run)).toEqual(["quirk"])
    expect(isSeen(run)).toBe(true)
  })

  it("nothing, when there are not so many responses", async () => {
    expect(metOf(await withFault({ quirk: { nth: 50, does: "talks-long" } }, menu))).toEqual([])
  })
})
