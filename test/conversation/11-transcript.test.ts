/** The transcript and the measures of a talk, in the pure talk: whenever the callee's words are written down, and whatever of them. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Command } from "../../src/call/Command.ts"
import type { Fact } from "../../src/call/Fact.ts"
import { limitsOf } from "../../src/call/Limits.ts"
import { turnsOf } from "../../src/call/talk/acts/Turns.ts"
import { decide } from "../../src/call/talk/decide.ts"
import { resultOf } from "../../src/call/talk/ending/Result.ts"
import { begin, type Talk } from "../../src/call/talk/Talk.ts"
import { see, unseen } from "../../src/cli/watchView.ts"
import { configured } from "../call/support.ts"

/** A call in which the line is perfect: what is sent is played at once, and nothing happens but what a test tells. */
class Conversation {
  talk: Talk
  now = 1_000
  readonly commands: Array<Command> = []
  /** The server's order: each item after the one before it. */
  readonly chain: Array<string> = []
  #items = 0
  #asked: string | undefined

  constructor(prepareOpening = false) {
    const limits = limitsOf(configured())
    this.talk = begin(
      { limits, language: "en", prepareOpening, voicemail: "hang-up", transferTo: {}, questions: false },
      0
    )
    this.tell({ _tag: "Dialed" })
    if (prepareOpening) this.agent("Good morning.")
    this.tell({ _tag: "Status", status: "in-progress" })
    this.tell({ _tag: "MediaStarted" })
    this.wait(1_000)
    if (!prepareOpening) this.tell({ _tag: "Timer", timer: "greeting" })
  }

  tell(fact: Fact): void {
    const [next, commands] = decide(this.talk, fact, this.now)
    this.talk = next
    for (const command of commands) {
      this.commands.push(command)
      if (command._tag === "Voice" && command.command._tag === "Respond" && command.command.aside === undefined) {
        this.#asked = command.command.tag
      }
    }
    for (const command of commands) {
      if (command._tag === "Play") this.#played(command.bytes.length / 8, command.mark)
    }
  }

  #played(ms: number, mark: string): void {
    this.now += ms
    this.tell({ _tag: "Played", mark })
  }

  wait(ms: number): void {
    this.now += ms
  }

  /** The agent says what it was asked for, `after` so long. */
  agent(text: string, after = 0): string {
    this.wait(after)
    const tag = this.#asked
    if (tag === undefined) throw new Error("the agent was not asked to speak")
    this.#asked = undefined
    const [responseId, itemId] = [`r-${tag}`, `agent-${this.#items++}`]
    this.chain.push(itemId)
    this.tell({ _tag: "ResponseStarted", responseId, tag })
    this.tell({ _tag: "ItemStarted", responseId, itemId })
    this.tell({ _tag: "Text", responseId, itemId, text })
    this.tell({ _tag: "Audio", responseId, itemId, contentIndex: 0, bytes: new Uint8Array(1_600).fill(7) })
    this.tell({ _tag: "ItemDone", responseId, itemId, text })
    this.tell({ _tag: "ResponseDone", responseId, tag, status: "completed", usage: 0 })
    return itemId
  }

  /** The callee says something, the words of which come later, or never. */
  callee(): string {
    const itemId = `callee-${this.#items++}`
    this.tell({ _tag: "SpeechStarted", itemId })
    this.#cancelled()
    this.wait(700)
    this.tell({ _tag: "SpeechStopped", itemId })
    const after = this.chain.at(-1) ?? null
    this.chain.push(itemId)
    this.tell({ _tag: "CalleeSpoke", itemId, after })
    return itemId
  }

  /** What the agent was about to say when it was interrupted is not said. */
  #cancelled(): void {
    const tag = this.#asked
    if (tag === undefined) return
    this.#asked = undefined
    const responseId = `r-${tag}`
    this.tell({ _tag: "ResponseStarted", responseId, tag })
    this.tell({ _tag: "ResponseDone", responseId, tag, status: "cancelled", usage: 0 })
  }

  /** Hangs up and lets everything run out. */
  end(): void {
    this.tell({ _tag: "Status", status: "completed" })
    for (let rounds = 0; this.talk.phase !== "done" && rounds < 5; rounds++) {
      this.tell({ _tag: "Timer", timer: "afterwards" })
    }
  }

  get texts() {
    return turnsOf(this.talk).map(({ role, text }) => `${role}: ${text}`)
  }
}

type Fate = "told" | "empty" | "failed" | "missing" | "partly"
const fates = fc.constantFrom<Fate>("told", "empty", "failed", "missing", "partly")

const tellText = (conversation: Conversation, itemId: string, fate: Fate): void => {
  if (fate === "missing") return
  if (fate === "partly") conversation.tell({ _tag: "CalleePartial", itemId, text: `words of ${itemId}` })
  const text = fate === "told" ? `words of ${itemId}` : ""
  conversation.tell({ _tag: "CalleeText", itemId, text, failed: fate === "failed" || fate === "partly" })
}

const written: Readonly<Record<Fate, (itemId: string) => ReadonlyArray<string>>> = {
  told: (itemId) => [`user: words of ${itemId}`],
  empty: () => [],
  failed: () => ["user: [inaudible]"],
  missing: () => ["user: [inaudible]"],
  partly: (itemId) => [`user: words of ${itemId} [inaudible]`]
}

describe("4.11 the transcript", () => {
  it("is in the order of the item chain, whenever and in whatever order the texts come, and whatever of them", () => {
    const turn = fc.record({ fate: fates, answered: fc.boolean(), delay: fc.nat(6), twice: fc.boolean() })
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), (turns) => {
        const conversation = new Conversation()
        const expected = new Map([[conversation.agent("Hello."), ["assistant: Hello."]]])
        const late: Array<{ readonly due: number; readonly tell: () => void }> = []
        turns.forEach(({ answered, delay, fate, twice }, index) => {
          const itemId = conversation.callee()
          expected.set(itemId, [...written[fate](itemId)])
          const tell = () => tellText(conversation, itemId, fate)
          late.push({ due: index + delay, tell })
          if (twice) late.push({ due: index + delay + 1, tell })
          if (answered) expected.set(conversation.agent(`Answer ${index}.`, 300), [`assistant: Answer ${index}.`])
          for (const { tell } of late.filter(({ due }) => due === index)) tell()
        })
        for (const { tell } of late.filter(({ due }) => due >= turns.length)) tell()
        conversation.end()
        expect(conversation.texts).toEqual(conversation.chain.flatMap((itemId) => expected.get(itemId) ?? []))
      })
    )
  })

  it("never moves a turn once it was told", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (order) => {
        const conversation = new Conversation()
        conversation.agent("Hello.")
        const items = order.map(() => conversation.callee())
        for (const index of order) tellText(conversation, items[index] ?? "", "told")
        conversation.end()
        const told = conversation.commands.flatMap((command) => (command._tag === "PutTurn" ? [command.turn] : []))
        expect(told.toSorted((a, b) => a.position - b.position).map(({ turn }) => turn.text)).toEqual([
          "Hello.",
          ...items.map((itemId) => `words of ${itemId}`)
        ])
        expect(new Set(told.map(({ position }) => position)).size).toBe(told.length)
      })
    )
  })

  it("takes an opening that was ready before the callee spoke as said when it was said", () => {
    const conversation = new Conversation(true)
    const hello = conversation.callee()
    tellText(conversation, hello, "told")
    conversation.end()
    // generated while nobody had answered: first in the server's chain, second on the line
    expect(conversation.chain.indexOf(hello)).toBe(1)
    expect(conversation.texts).toEqual([`user: words of ${hello}`, "assistant: Good morning."])
  })

  it("tells watchers partial text as it grows, and takes it back when it was noise", () => {
    const conversation = new Conversation()
    conversation.agent("Hello.")
    const itemId = conversation.callee()
    const shown = () =>
      conversation.commands.flatMap((c) => (c._tag === "Partial" && c.role === "user" ? [c.text] : []))
    for (const text of ["Tues", "day ", "works"]) conversation.tell({ _tag: "CalleePartial", itemId, text })
    expect(shown()).toEqual(["Tues", "Tuesday ", "Tuesday works"])
    conversation.tell({ _tag: "CalleeText", itemId, text: "", failed: false })
    expect(shown().at(-1)).toBe("")
    conversation.end()
    expect(conversation.texts).toEqual(["assistant: Hello."])
    // on the screen nothing of it stays
    const look = { paint: (_: string, text: string) => text, timeZone: "UTC" }
    const partial = { _tag: "Partial", seq: 0, position: 1, role: "user" } as const
    const [noise] = see(unseen, { ...partial, text: "Tuesday" }, look)
    expect(noise.partials).toHaveLength(1)
    expect(see(noise, { ...partial, text: "" }, look)[0].partials).toEqual([])
  })
})

describe("4.11 what is measured", () => {
  it("the turn that answers keeps how long the callee waited, and the call the p50 and p95 of all", () => {
    const conversation = new Conversation()
    conversation.agent("Hello.", 200)
    for (const ms of [400, 900, 600]) {
      tellText(conversation, conversation.callee(), "told")
      conversation.agent(`After ${ms}.`, ms)
    }
    conversation.end()
    const answers = turnsOf(conversation.talk).filter(({ role }) => role === "assistant")
    expect(answers.map(({ latency }) => latency)).toEqual([undefined, 0.4, 0.9, 0.6])
    expect(resultOf(conversation.talk).latency).toEqual({
      answerToFirstWord: 1.2,
      turn: { p50: 0.6, p95: 0.9, count: 3 },
      gaps: { count: 0, longest: 0 }
    })
  })

  it("who goes on speaking before the answer is waited for anew", () => {
    const conversation = new Conversation()
    conversation.agent("Hello.")
    conversation.callee()
    conversation.wait(300)
    conversation.callee()
    conversation.agent("Yes.", 500)
    conversation.end()
    expect(resultOf(conversation.talk).latency.turn).toEqual({ p50: 0.5, p95: 0.5, count: 1 })
  })

  it("a gap is what lasts longer than 1.5 s while the agent owes words; the loss of a model is told apart", () => {
    const conversation = new Conversation()
    conversation.agent("Hello.")
    conversation.callee()
    conversation.agent("Soon.", 1_400)
    conversation.callee()
    conversation.agent("Late.", 2_500)
    // nobody owes words: no gap
    conversation.wait(5_000)
    conversation.callee()
    conversation.tell({ _tag: "ModelLost" })
    conversation.wait(1_200)
    conversation.tell({ _tag: "ModelBack", fallback: false, lasts: 3_600_000 })
    conversation.agent("Back.")
    conversation.end()
    expect(resultOf(conversation.talk).latency.gaps).toEqual({ count: 1, longest: 2.5, modelLoss: 1.2 })
  })
})
