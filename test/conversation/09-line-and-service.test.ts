/** 4.9, the line and the service: how a talk is restored from its record, what YAML scenarios cannot tell exactly. */
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Exit, FastCheck as fc } from "effect"
import type { Command } from "../../src/call/Command.ts"
import { limitsOf } from "../../src/call/Limits.ts"
import { decide } from "../../src/call/talk/decide.ts"
import { memoryOf } from "../../src/call/talk/model/Memory.ts"
import { type Left, restore } from "../../src/call/talk/model/TakeOver.ts"
import type { Rules } from "../../src/call/talk/Talk.ts"
import type { Call } from "../../src/domain/Call.ts"
import { CallId } from "../../src/domain/Ids.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import type { Fault } from "../../src/simulation/faults/Fault.ts"
import { simulate } from "../../src/simulation/world/simulate.ts"
import { configured } from "../call/support.ts"

const limits = limitsOf(configured())
const rules: Rules = {
  limits,
  language: "en",
  prepareOpening: true,
  voicemail: "leave-message",
  transferTo: {},
  questions: true
}

const startedAt = DateTime.unsafeMake("2026-01-05T15:00:00Z")
const answeredAt = DateTime.add(startedAt, { seconds: 5 })
const said = (role: "assistant" | "user", second: number, text: string) => ({
  role,
  text,
  timestamp: DateTime.add(answeredAt, { seconds: second })
})

const call = (more: Partial<Call> = {}): Call => ({
  id: CallId.make("abcd1234"),
  to: PhoneNumber.make("+15551230001"),
  from: PhoneNumber.make("+15550009999"),
  task: "Book a table.",
  status: "in-progress",
  startedAt,
  answeredAt,
  duration: 0,
  transcript: [said("user", 1, "Hello?"), said("assistant", 2, "This is an AI assistant."), said("user", 8, "Yes?")],
  ...more
})

/** The talk as it is taken over so many seconds after the answer, with what is done then. `now` is 1,000,000. */
const killed = async (at: number, ...faults: ReadonlyArray<Fault>) => {
  const run = Exit.getOrElse(
    await simulate({
      name: "killed while the agent speaks",
      call: { task: "Make an appointment for Tuesday at 2 pm." },
      callee: {
        answers: { after: 1, as: "human", amdAfter: 1.5 },
        steps: [
          { wait: 0.3 },
          { say: "Hello?" },
          { listen: {} },
          { listen: {} },
          { say: "Yes, Tuesday works." },
          { wait: 30 }
        ]
      },
      faults: [{ kill: { at, downFor: 1 } }, ...faults]
    }),
    (cause) => {
      throw new Error(String(cause))
    }
  )
  const opening = "Hello, this is an AI assistant calling. Make an appointment for Tuesday at 2 pm."
  const openings = run.sessions.flatMap(({ said }) => said).filter(({ tag }) => tag?.startsWith("opening"))
  return { opening, openings: openings.length, transcript: run.call?.transcript ?? [] }
}

describe("4.9 a service that is killed in the middle of its greeting", () => {
  it("4.9 has what was heard of it in the record, to a second and a half, and never says it again", async () => {
    const { opening, openings, transcript } = await killed(8)
    expect(openings).toBe(1)
    const [, cut, next] = transcript
    expect(cut).toMatchObject({ role: "assistant", interrupted: true })
    // killed 4.2 s after its first sound
    expect(cut?.heard).toBeGreaterThanOrEqual(3)
    expect(cut?.heard).toBeLessThan(4.2)
    expect(opening).toContain(cut?.text)
    expect(next?.text).toContain("we were cut off")
  })

  it("4.9 has it in the record as soon as the store takes it, should it not at the start", async () => {
    const { openings, transcript } = await killed(8, { fillDisk: { at: 8.5, for: 4 } })
    expect(openings).toBe(1)
    expect(transcript.map(({ interrupted = false, role }) => [role, interrupted]).slice(0, 3)).toEqual([
      ["user", false],
      ["assistant", true],
      ["assistant", false]
    ])
  })

  it("4.9 says it anew where hardly anything of it was heard", async () => {
    const { opening, openings, transcript } = await killed(4.6)
    expect(openings).toBe(2)
    expect(transcript.map(({ text }) => text)).toEqual([
      "Hello?",
      opening,
      "Yes, Tuesday works.",
      "Thank you, goodbye."
    ])
  })
})

const takenOver = (left: Partial<Left> = {}, after = 20, askedAt?: number) => {
  const now = 1_000_000
  const epoch = answeredAt.epochMillis + after * 1000 - now
  const before = restore(rules, epoch, now, { call: call(), standing: {}, nextPosition: 4, ...left })
  const [talk, commands] = decide(before, { _tag: "TakenOver", askedAt }, now)
  const timers = new Map(
    commands.flatMap((command) => (command._tag === "SetTimer" ? [[command.timer, command.ms] as const] : []))
  )
  const of = (tag: string) => commands.filter(({ _tag }) => _tag === tag)
  return { before, talk, commands, timers, of, now, epoch }
}

describe("4.9 a talk that is taken over", () => {
  it("4.9 opens a session that knows what was said, and that the line was interrupted", () => {
    const { before, of, talk } = takenOver()
    expect(of("ReopenModel")).toHaveLength(1)
    expect(memoryOf(before).map((each) => ("role" in each ? `${each.role}: ${each.text}` : "note"))).toEqual([
      "user: Hello?",
      "assistant: This is an AI assistant.",
      "user: Yes?",
      "note"
    ])
    expect(memoryOf(talk).at(-1)).toMatchObject({ text: expect.stringContaining("you were cut off") })
    expect(talk).toMatchObject({ phase: "talking", nextPosition: 4, wanted: "reply" })
  })

  it("4.9 tells the session after that one only that there was an interruption", () => {
    const { now, talk } = takenOver()
    const [back] = decide(talk, { _tag: "ModelBack", fallback: false, lasts: 3_600_000 }, now + 500)
    const [lost] = decide(back, { _tag: "ModelLost" }, now + 900)
    expect(memoryOf(lost).at(-1)).toMatchObject({ text: expect.stringContaining("do not mention this") })
  })

  it("4.9 speaks first, on the first stream and session there are", () => {
    const { now, talk } = takenOver()
    const [streaming] = decide(talk, { _tag: "MediaStarted" }, now + 100)
    const [, commands] = decide(streaming, { _tag: "ModelBack", fallback: false, lasts: 3_600_000 }, now + 500)
    const asked = commands.flatMap((command) =>
      command._tag === "Voice" && command.command._tag === "Respond" ? [command.command.tag.split("#")[0]] : []
    )
    expect(asked).toEqual(["reply", "holding"])
  })

  it("4.9 owes the opening where nothing of it is known to have been heard", () => {
    expect(takenOver({ call: call({ transcript: [said("user", 1, "Hello?")] }) }).talk.wanted).toBe("opening")
  })

  it("4.9 goes on with a sentence that was cut off, knowing what of it was heard", () => {
    const cut = { ...said("assistant", 2, "Hello, this is an AI"), interrupted: true, heard: 1.5 }
    const { talk } = takenOver({ call: call({ transcript: [said("user", 1, "Hello?"), cut] }) })
    expect(talk.wanted).toBe("reply")
    expect(memoryOf(talk).at(-1)?.text).toMatch(/they have heard "Hello, this is an AI".*cut off.*Do not greet/)
  })

  it("4.9 does not speak of a greeting that nobody has heard as if it had been cut off", () => {
    const { talk } = takenOver({ call: call({ transcript: [said("user", 1, "Hello?")] }) })
    expect(memoryOf(talk).at(-1)?.text).toMatch(/has not heard who calls/)
  })

  it("4.9 keeps the limits of the call: they count from the stored answer", () => {
    const { timers } = takenOver({}, 100)
    expect(timers.get("limit")).toBe(limits.maxDuration - 100_000)
    expect(timers.get("wrapUp")).toBe(limits.maxDuration - limits.wrapUpBefore - 100_000)
    expect(timers.get("mediaStart")).toBe(limits.mediaStart)
    expect(timers.get("patience")).toBe(limits.patience)
  })

  it.prop(
    "4.9 leaves between half a minute and the whole time, whatever the clock says",
    [fc.integer({ min: -1e7, max: 1e7 })],
    ([after]) => {
      const { timers } = takenOver({}, after)
      expect(timers.get("limit")).toBeGreaterThanOrEqual(limits.wrapUpBefore)
      expect(timers.get("limit")).toBeLessThanOrEqual(limits.maxDuration)
      expect(timers.get("wrapUp")).toBeGreaterThanOrEqual(0)
    }
  )

  it("4.9 waits for the answer to an open question as long as is left, and takes it", () => {
    const questions = [{ id: 1, question: "Which hour?", askedAt: DateTime.add(answeredAt, { seconds: 10 }) }]
    const { now, talk, timers } = takenOver({ call: call({ questions }) }, 20, questions[0]?.askedAt.epochMillis)
    expect(timers.get("question")).toBe(limits.question - 10_000)
    const fact = { _tag: "OwnerAnswered", questionId: undefined, text: "Nine.", receipt: 1 } as const
    const [, commands] = decide(talk, fact, now + 1)
    expect(commands).toContainEqual({ _tag: "AnswerReceived", receipt: 1, fate: "taken" })
    expect(commands).toContainEqual({ _tag: "CloseQuestion", id: 1, closing: { answer: "Nine." } })
  })

  it("4.9 hangs up on a fax, and waits for the quiet of a machine", () => {
    expect(takenOver({ call: call({ answeredBy: "fax" }) }).of("HangUp")).toHaveLength(1)
    const { now, talk, timers } = takenOver({ call: call({ answeredBy: "voicemail" }) })
    expect(talk).toMatchObject({ phase: "message", wanted: undefined })
    expect(timers.has("machineQuiet")).toBe(true)
    const [quiet] = decide(talk, { _tag: "Timer", timer: "machineQuiet" }, now + 3_000)
    expect(quiet.wanted).toBe("voicemail")
  })

  describe("4.9 while it rings at the destination of a transfer", () => {
    const ringing = { standing: { awayTo: "reception" } }
    const toolCallId = "left#transfer"
    const isBack = { _tag: "ModelBack", fallback: false, lasts: 3_600_000 } as const
    const notes = (commands: ReadonlyArray<Command>) =>
      commands.flatMap((each) => (each._tag === "Voice" && each.command._tag === "Note" ? [each.command.text] : []))

    it("4.9 leaves the callee alone, and awaits what becomes of it", () => {
      const { of, talk, timers } = takenOver(ringing)
      expect(talk).toMatchObject({ phase: "away", wanted: undefined })
      expect(of("AwaitTransfer")).toEqual([{ _tag: "AwaitTransfer", toolCallId }])
      expect(timers.has("mediaStart")).toBe(false)
      expect(memoryOf(talk).at(-1)).toMatchObject({ text: expect.stringContaining("do not mention this") })
    })

    it("4.9 has the result in the record, tells the model, and talks with whoever is back", () => {
      const { now, talk } = takenOver(ringing)
      const [open] = decide(talk, isBack, now + 500)
      const [back, commands] = decide(open, { _tag: "Transferred", toolCallId, result: "busy" }, now + 9_000)
      expect(back).toMatchObject({ phase: "talking", active: { purpose: "reply" } })
      expect(commands[0]).toEqual({ _tag: "PutStanding", standing: {} })
      expect(commands).toContainEqual({ _tag: "PutTransfer", transfer: { name: "reception", result: "busy" } })
      expect(notes(commands)).toEqual([expect.stringMatching(/busy.*The callee is back with you/)])
    })

    it("4.9 is completed once they are connected, and says nothing", () => {
      const { now, talk } = takenOver(ringing)
      const [connected, commands] = decide(talk, { _tag: "Transferred", toolCallId, result: "connected" }, now + 9_000)
      expect(connected).toMatchObject({ phase: "away", wanted: undefined, verdict: { status: "completed" } })
      expect(commands).toContainEqual({ _tag: "PutTransfer", transfer: { name: "reception", result: "connected" } })
      const [, over] = decide(connected, { _tag: "Status", status: "completed" }, now + 60_000)
      expect(over.map(({ _tag }) => _tag)).not.toContain("PutTransfer")
    })

    it("4.9 knows who is connected already, and which attempts have failed", () => {
      const transferredTo = { name: "owner", at: answeredAt }
      const connected = takenOver({
        ...ringing,
        call: call({ transferredTo: { ...transferredTo, result: "connected" } })
      })
      expect(connected.talk.transfers).toMatchObject([{ name: "owner", result: "connected" }])
      const second = takenOver({ ...ringing, call: call({ transferredTo: { ...transferredTo, result: "busy" } }) })
      expect(second.talk.transfers).toMatchObject([{ name: "owner", result: "busy" }, { name: "reception" }])
    })

    it("4.9 says in the record that nobody had answered when the callee hung up", () => {
      const { now, talk } = takenOver(ringing)
      const [, commands] = decide(talk, { _tag: "Status", status: "completed" }, now + 9_000)
      expect(commands).toContainEqual({
        _tag: "PutTransfer",
        transfer: { name: "reception", result: "failed", reason: expect.stringContaining("before we heard") }
      })
    })
  })

  describe("4.9 on hold", () => {
    const since = DateTime.add(answeredAt, { seconds: 12 })
    const onHold = { standing: { hold: { by: "person" as const, since, before: 40_000 } } }

    it("4.9 stays so, and says nothing: neither that we were cut off nor whether anybody is there", () => {
      const { now, talk, timers } = takenOver(onHold)
      expect(talk).toMatchObject({ phase: "talking", wanted: undefined, hold: { by: "person" } })
      expect(
        memoryOf(talk)
          .map(({ text }) => text)
          .join()
      ).toMatch(/You are on hold.*do not mention this/)
      const [streaming] = decide(talk, { _tag: "MediaStarted" }, now + 100)
      const [open] = decide(streaming, { _tag: "ModelBack", fallback: false, lasts: 3_600_000 }, now + 500)
      expect(open).toMatchObject({ active: undefined, wanted: undefined, patience: 0 })
      expect(timers.get("mediaStart")).toBe(limits.mediaStart)
    })

    it("4.9 holds for what is left of the longest hold, whatever the clock says", () => {
      expect(takenOver(onHold, 20).timers.get("hold")).toBe(limits.maxHold - 40_000 - 8_000)
      expect(takenOver(onHold, -3_600).timers.get("hold")).toBe(limits.maxHold - 40_000)
      expect(takenOver(onHold, 3_600).timers.get("hold")).toBe(0)
    })

    it("4.9 answers whoever is back, with the opening where nobody has heard it", () => {
      const isBack = (left: Partial<Left>) => {
        const { now, talk } = takenOver(left)
        const [open] = decide(talk, { _tag: "ModelBack", fallback: false, lasts: 3_600_000 }, now + 500)
        const [spoke] = decide(open, { _tag: "CalleeSpoke", itemId: "back" }, now + 9_000)
        const text = { _tag: "CalleeText", itemId: "back", text: "Hello, here I am.", failed: false } as const
        return decide(spoke, text, now + 9_500)[0]
      }
      expect(isBack(onHold)).toMatchObject({ active: { purpose: "reply" }, hold: { by: undefined } })
      expect(isBack({ standing: { ...onHold.standing, openingOwed: true } }).active?.purpose).toBe("opening")
      expect(isBack({ ...onHold, call: call({ transcript: [] }) }).active?.purpose).toBe("opening")
    })

    it("4.9 is written down when it begins and when it ends, with what it has lasted", () => {
      const { now, talk } = takenOver()
      const heard = (text: string, itemId: string) => ({ _tag: "CalleeText", itemId, text, failed: false }) as const
      const standings = (commands: ReadonlyArray<Command>) =>
        commands.flatMap((each) => (each._tag === "PutStanding" ? [each.standing] : []))
      const [waiting, begun] = decide(talk, heard("One moment, please.", "one"), now + 1_000)
      const at = DateTime.unsafeMake(talk.epoch + now + 1_000)
      expect(standings(begun)).toEqual([{ hold: { by: "person", since: at, before: 0 } }])
      const [again, still] = decide(waiting, heard("One moment, please.", "two"), now + 2_000)
      expect(standings(still)).toEqual([])
      const [spoke] = decide(again, { _tag: "CalleeSpoke", itemId: "three" }, now + 3_000)
      const [, over] = decide(spoke, heard("Hello, here I am.", "three"), now + 4_000)
      expect(standings(over)).toEqual([{}])
    })
  })

  it("4.9 prepares the opening where it still rings", () => {
    const { answeredAt: _, ...unanswered } = call({ status: "ringing", transcript: [] })
    const { talk, timers } = takenOver({ call: unanswered, nextPosition: 0 })
    expect(talk).toMatchObject({ phase: "waiting", wanted: "opening", held: [] })
    expect(timers.has("limit")).toBe(false)
  })

  it("4.9 ends with the apology where no voice model is to be had", () => {
    const { now, talk } = takenOver()
    const [, commands] = decide(talk, { _tag: "Timer", timer: "patience" }, now + limits.patience)
    expect(commands.map(({ _tag }) => _tag)).toContain("SayAndHangUp")
  })
})
