/** The conduct of a call under any sequence of facts: what it must never do, and that it always comes to an end. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Command } from "../../src/call/Command.ts"
import type { Fact, TimerName } from "../../src/call/Fact.ts"
import { limitsOf } from "../../src/call/Limits.ts"
import { decide } from "../../src/call/talk/decide.ts"
import { resultOf } from "../../src/call/talk/ending/Result.ts"
import { begin, type Talk } from "../../src/call/talk/Talk.ts"
import { isTerminal } from "../../src/domain/CallStatus.ts"
import { ModelUnavailable } from "../../src/domain/errors.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import { configured } from "./support.ts"

interface Asked {
  readonly tag: string
  readonly responseId: string
  readonly session: number
  readonly aside: boolean
}

/** Carries out what a talk decides, without a telephone or a model, and notes each breach of the rules. */
class Stage {
  talk: Talk
  now = 1_000
  readonly breaches: Array<string> = []
  readonly asked: Array<Asked> = []
  #session = 0
  #media = false
  #running: Asked | undefined
  /** What the line was told to do and has not reported back. */
  readonly doing = new Map<string, "PressDigits" | "Transfer">()
  #calls = 0
  /** The session answers no probe. */
  frozen = false
  #successor = false
  readonly #timers = new Map<TimerName, number>()
  readonly #answers = new Map<string, number>()
  /** The question that is open, and answers of the owner that were not received yet. */
  #question: number | undefined
  #receipts = 0
  readonly #given = new Set<number>()

  constructor(voicemail: "leave-message" | "hang-up", prepareOpening: boolean) {
    // a question must be able to time out within the call
    const limits = { ...limitsOf(configured({ maxCallDuration: 60 })), question: 3_000 }
    const transferTo = { desk: PhoneNumber.make("+15557654321") }
    this.talk = begin(
      { limits, language: "en", prepareOpening, voicemail, transferTo, questions: true, fallback: true },
      0
    )
    this.tell({ _tag: "ModelOpened", fallback: false, lasts: 60_000 })
    this.tell({ _tag: "Dialed" })
    this.tell({ _tag: "Accepted" })
  }

  tell(fact: Fact): void {
    if (fact._tag === "MediaStarted") this.#media = true
    if (fact._tag === "MediaStopped") this.#media = false
    if (fact._tag === "SuccessorReady") this.#successor = this.talk.renewal?.successor === "opening" || this.#successor
    if (fact._tag === "ResponseDone" && this.#running?.responseId === fact.responseId) this.#running = undefined
    if (fact._tag === "Refused" && this.#running?.tag === fact.tag) this.#running = undefined
    const over = this.talk.phase === "done"
    const [next, commands] = decide(this.talk, fact, this.now)
    if (next.phase === "done" && this.#question !== undefined && !over) {
      const closed = commands.some((command) => command._tag === "CloseQuestion")
      if (!closed) this.breaches.push("a question was left open")
    }
    if (over && commands.length > 0) this.breaches.push(`commands after the end, on ${fact._tag}`)
    if (isTerminal(this.talk.status) && next.status !== this.talk.status)
      this.breaches.push("a terminal status changed")
    this.talk = next
    for (const command of commands) this.#execute(command)
    if (commands.some((command) => command._tag === "Voice" && command.command._tag === "Probe") && !this.frozen) {
      this.tell({ _tag: "Alive" })
    }
  }

  #execute(command: Command): void {
    switch (command._tag) {
      case "SetTimer":
        this.#timers.set(command.timer, this.now + command.ms)
        return
      case "StopTimer":
        this.#timers.delete(command.timer)
        return
      case "Play":
        if (!this.#media) this.breaches.push("audio without a stream")
        return
      case "PressDigits":
      case "Transfer":
        this.doing.set(command.toolCallId, command._tag)
        return
      case "AskOwner":
        if (this.#question !== undefined) this.breaches.push("two questions at once")
        this.#question = command.id
        return
      case "CloseQuestion":
        if (this.#question !== command.id) this.breaches.push(`question ${command.id} was closed, but is not open`)
        this.#question = undefined
        return
      case "AnswerReceived":
        if (!this.#given.delete(command.receipt)) this.breaches.push("an answer was received twice")
        return
      case "ReopenModel":
        this.#session += 1
        this.#running = undefined
        this.#successor = false
        return
      case "PrepareModel":
        if (this.#successor) this.breaches.push("two successors at once")
        return
      case "SwapModel":
        if (!this.#successor) this.breaches.push("there is no successor to take")
        this.#successor = false
        this.#session += 1
        this.#running = undefined
        return
      case "Voice":
        break
      default:
        return
    }
    const told = command.command
    if (told._tag === "Respond") {
      const asked = {
        tag: told.tag,
        responseId: `response${this.asked.length}`,
        session: this.#session,
        aside: told.aside !== undefined
      }
      if (!asked.aside && this.#running !== undefined) this.breaches.push(`${told.tag} beside ${this.#running.tag}`)
      if (!asked.aside) this.#running = asked
      this.asked.push(asked)
    }
    if (told._tag === "ToolResult") {
      const times = (this.#answers.get(told.toolCallId) ?? 0) + 1
      this.#answers.set(told.toolCallId, times)
      if (times > 1) this.breaches.push(`${told.toolCallId} was answered twice`)
    }
    if (told._tag === "Truncate" && told.ms > (this.talk.playout.items.get(told.itemId)?.received ?? 0)) {
      this.breaches.push("truncated beyond what was received")
    }
  }

  /** The timer that goes off next, in its time. `false` when none is set. */
  wake(): boolean {
    const [next] = [...this.#timers].sort(([, a], [, b]) => a - b)
    if (next === undefined) return false
    const [timer, due] = next
    this.#timers.delete(timer)
    this.now = Math.max(this.now, due)
    this.tell({ _tag: "Timer", timer })
    return true
  }

  pass(ms: number): void {
    const until = this.now + ms
    while (this.talk.phase !== "done" && Math.min(...this.#timers.values()) <= until) this.wake()
    this.now = until
  }

  /** Of this session, the n-th of the last few that were asked for. */
  response(n: number): Asked | undefined {
    const here = this.asked.filter(({ session }) => session === this.#session).slice(-3)
    return here[n % Math.max(here.length, 1)]
  }

  /** The owner answers the n-th question, or whichever is open. */
  answer(n: number): void {
    this.#receipts += 1
    this.#given.add(this.#receipts)
    const questionId = n === 0 ? undefined : n
    this.tell({ _tag: "OwnerAnswered", questionId, text: "Friday", receipt: this.#receipts })
    if (this.talk.phase !== "done" && this.#given.size > 0) this.breaches.push("an answer came to nothing")
    this.#given.clear()
  }

  newCall(): string {
    this.#calls += 1
    return `call${this.#calls}`
  }
}

type Act = (stage: Stage, n: number) => void

const tools = [
  { name: "end_call", input: '{"success":true,"summary":"Done."}' },
  { name: "send_digits", input: '{"digits":"12"}' },
  { name: "transfer_call", input: '{"destination":"desk"}' },
  { name: "report_answering_machine", input: "{}" },
  { name: "do_not_call_again", input: "{}" },
  { name: "transfer_call", input: '{"destination":"desk"}' },
  { name: "nonsense", input: "{cut" }
]

const greetings = [
  "You have reached Jane. Leave a message after the tone.",
  "Hello? Who is this?",
  "Please state your name and the reason for your call.",
  "The mailbox is full."
]

const waiting = [
  "One moment, please.",
  "For sales, press 1. For support, press 2.",
  "Your call is important to us.",
  "Hello, are you still there?",
  ""
]

const acts: Readonly<Record<string, Act>> = {
  pass: (stage, n) => stage.pass(n * 700),
  wait: (stage) => stage.pass(20_000),
  ringing: (stage) => stage.tell({ _tag: "Status", status: "ringing" }),
  answered: (stage) => stage.tell({ _tag: "Status", status: "in-progress" }),
  mediaStarted: (stage) => stage.tell({ _tag: "MediaStarted" }),
  mediaStopped: (stage) => stage.tell({ _tag: "MediaStopped" }),
  mediaSilent: (stage) => stage.tell({ _tag: "MediaSilent" }),
  over: (stage, n) => stage.tell({ _tag: "Status", status: n % 2 === 0 ? "completed" : "busy" }),
  machine: (stage, n) =>
    stage.tell({
      _tag: "Machine",
      verdict: (["human", "machine-start", "machine-end", "fax", "unknown"] as const)[n % 5] ?? "unknown"
    }),
  mark: (stage, n) => {
    const sent = stage.talk.playout.sent[n % Math.max(stage.talk.playout.sent.length, 1)]
    stage.tell({ _tag: "Played", mark: sent?.mark ?? "none" })
  },
  beeps: (stage, n) => stage.tell({ _tag: "BeepHeard", pitch: 1_000, ms: 400, since: 40 * n }),
  greets: (stage, n) =>
    stage.tell({
      _tag: "CalleeText",
      itemId: `callee${n}`,
      text: greetings[n % greetings.length] ?? "",
      failed: false
    }),
  music: (stage, n) => stage.tell({ _tag: n % 2 === 0 ? "MusicStarted" : "MusicStopped" }),
  waits: (stage, n) =>
    stage.tell({ _tag: "CalleeText", itemId: `callee${n}`, text: waiting[n % waiting.length] ?? "", failed: false }),
  digit: (stage) => stage.tell({ _tag: "Digit", digit: "5" }),
  speaks: (stage, n) => stage.tell({ _tag: "SpeechStarted", itemId: `callee${n}` }),
  stops: (stage, n) => stage.tell({ _tag: "SpeechStopped", itemId: `callee${n}` }),
  spoke: (stage, n) => stage.tell({ _tag: "CalleeSpoke", itemId: `callee${n}` }),
  text: (stage, n) => stage.tell({ _tag: "CalleeText", itemId: `callee${n}`, text: "Yes.", failed: n === 0 }),
  started: (stage, n) => {
    const response = stage.response(n)
    if (response !== undefined) stage.tell({ _tag: "ResponseStarted", ...response })
  },
  audio: (stage, n) => {
    const response = stage.response(n)
    if (response === undefined) return
    const { responseId } = response
    const itemId = `item-${responseId}`
    stage.tell({ _tag: "ResponseStarted", ...response })
    stage.tell({ _tag: "ItemStarted", responseId, itemId })
    stage.tell({ _tag: "Text", responseId, itemId, text: "Some words. " })
    stage.tell({ _tag: "Audio", responseId, itemId, contentIndex: 0, bytes: new Uint8Array(n * 1_000 + 1) })
  },
  itemDone: (stage, n) => {
    const responseId = stage.response(n)?.responseId ?? "none"
    stage.tell({ _tag: "ItemDone", responseId, itemId: `item-${responseId}`, text: "Some words." })
  },
  tool: (stage, n) => {
    const responseId = stage.response(n)?.responseId ?? "none"
    const tool = tools[n % tools.length] ?? { name: "", input: "" }
    const called: Fact = { _tag: "ToolCalled", responseId, toolCallId: stage.newCall(), ...tool }
    stage.tell(called)
    // some servers tell a thing twice
    stage.tell(called)
  },
  done: (stage, n) => {
    const response = stage.response(n)
    if (response !== undefined) stage.tell({ _tag: "ResponseDone", ...response, status: "completed", usage: 0 })
  },
  failed: (stage, n) => {
    const response = stage.response(n)
    if (response === undefined) return
    const failure = { code: "rate_limit_exceeded", message: "slow", retryable: n % 2 === 0 }
    stage.tell({ _tag: "ResponseDone", ...response, status: "failed", failure, usage: 0 })
  },
  refused: (stage, n) => {
    const response = stage.response(n)
    if (response !== undefined) stage.tell({ _tag: "Refused", code: "x", message: "x", tag: response.tag })
  },
  lost: (stage) => stage.tell({ _tag: "ModelLost" }),
  back: (stage, n) => stage.tell({ _tag: "ModelBack", fallback: n % 2 === 0, lasts: 60_000 }),
  freezes: (stage) => {
    stage.frozen = true
    stage.pass(8_000)
    stage.frozen = false
  },
  successor: (stage, n) => {
    if (stage.talk.renewal?.successor !== "opening") return
    if (n === 0) stage.tell({ _tag: "SuccessorGone" })
    else stage.tell({ _tag: "SuccessorReady", fallback: false, lasts: 60_000 })
  },
  gone: (stage) => stage.tell({ _tag: "ModelGone", error: new ModelUnavailable({ message: "gone" }) }),
  hangUp: (stage, n) => stage.tell({ _tag: "HangUpRequested", by: n % 2 === 0 ? "owner" : "service" }),
  asks: (stage, n) => {
    const responseId = stage.response(n)?.responseId ?? "none"
    const input = n === 0 ? "{}" : '{"question":"When?"}'
    stage.tell({ _tag: "ToolCalled", responseId, toolCallId: stage.newCall(), name: "ask_owner", input })
  },
  answer: (stage, n) => stage.answer(n % 3),
  answerOpen: (stage) => stage.answer(0),
  guided: (stage) => stage.tell({ _tag: "Guided", text: "Be brief." }),
  reported: (stage, n) => {
    const result = (["busy", "no-answer", "failed", "connected"] as const)[n % 4] ?? "busy"
    for (const [toolCallId, what] of stage.doing) {
      stage.doing.delete(toolCallId)
      if (what === "Transfer") stage.tell({ _tag: "Transferred", toolCallId, result })
      else stage.tell({ _tag: "DigitsPressed", toolCallId, ...(n % 2 === 0 ? {} : { problem: "no stream" }) })
    }
  }
}

/** Most calls get somewhere; ends are rare, so that much can happen before them. */
const common = Object.keys(acts).filter((name) => !["over", "hangUp", "gone", "mediaSilent", "wait"].includes(name))
const happenings = fc.array(
  fc.tuple(
    fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...common) }, fc.constantFrom(...Object.keys(acts))),
    fc.nat(6)
  ),
  { maxLength: 60 }
)
const beginnings = fc.constantFrom<ReadonlyArray<string>>(
  [],
  ["answered", "mediaStarted"],
  ["audio", "itemDone", "done", "answered", "mediaStarted", "pass"],
  ["audio", "done", "mediaStarted", "wait", "speaks", "stops", "spoke", "audio"],
  ["mediaStarted", "audio", "done", "wait", "speaks", "stops", "spoke", "started"],
  ["mediaStarted", "audio", "done", "wait", "speaks", "stops", "spoke", "started", "asks", "done"],
  ["mediaStarted", "audio", "done", "wait", "speaks", "stops", "spoke", "started", "asks", "done", "answerOpen"]
)
const call = fc.record({
  voicemail: fc.constantFrom("leave-message" as const, "hang-up" as const),
  prepareOpening: fc.boolean(),
  beginning: beginnings,
  happenings
})

const live = ({
  beginning,
  happenings,
  prepareOpening,
  voicemail
}: typeof call extends fc.Arbitrary<infer A> ? A : never) => {
  const stage = new Stage(voicemail, prepareOpening)
  for (const name of beginning) acts[name]?.(stage, 3)
  for (const [name, n] of happenings) acts[name]?.(stage, n)
  return stage
}

describe("whatever happens on a call", () => {
  it("these stories go everywhere a call can go", () => {
    const seen = fc.sample(call, { numRuns: 800, seed: 1 }).map((story) => live(story).talk)
    const phases = new Set(seen.map(({ phase }) => phase))
    for (const phase of ["waiting", "listening", "talking", "message", "closing", "away", "done"] as const) {
      expect(phases).toContain(phase)
    }
    expect(seen.filter(({ playout }) => playout.items.size > 0).length).toBeGreaterThan(30)
    for (const fate of ["open", "answered", "timeout", "withdrawn"] as const) {
      expect(seen.flatMap(({ questions }) => questions.map((asked) => asked.fate))).toContain(fate)
    }
    expect(seen.filter(({ toolsSeen }) => toolsSeen.size > 0).length).toBeGreaterThan(30)
  })

  it("no two responses run at once, no tool is answered twice, nothing is played without a stream", () => {
    fc.assert(
      fc.property(call, (story) => {
        expect(live(story).breaches).toEqual([])
      }),
      { numRuns: 1_500 }
    )
  })

  it("the end of the line ends the call, even if the model says no more; and after the end nothing is done", () => {
    fc.assert(
      fc.property(call, (story) => {
        const stage = live(story)
        stage.tell({ _tag: "Status", status: "completed" })
        expect(isTerminal(stage.talk.status)).toBe(true)
        for (let n = 0; n < 5 && stage.talk.phase !== "done"; n++) stage.wake()
        expect(stage.talk.phase).toBe("done")
        expect(isTerminal(resultOf(stage.talk).status)).toBe(true)
        for (const act of Object.values(acts)) act(stage, 1)
        expect(stage.breaches).toEqual([])
      }),
      { numRuns: 500 }
    )
  })

  it("everybody falling silent ends it too, within its longest duration and a minute", () => {
    fc.assert(
      fc.property(call, (story) => {
        const stage = live(story)
        for (let n = 0; n < 2_000 && stage.talk.phase !== "done"; n++) if (!stage.wake()) break
        expect(stage.talk.phase).toBe("done")
        expect(stage.breaches).toEqual([])
        const { answeredAt, endedAt = 0 } = stage.talk
        // 60 s are allowed for the call itself
        if (answeredAt !== undefined) expect(endedAt - answeredAt).toBeLessThanOrEqual(60_000 + 60_000)
      }),
      { numRuns: 500 }
    )
  })
})
