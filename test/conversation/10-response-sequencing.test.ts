/**
 * The sequencer against a server that does whatever servers do: whatever comes, in whatever order, there are never two active
 * responses, every tool call is answered once, and the callee is never left waiting in silence.
 */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Command } from "../../src/call/Command.ts"
import type { Fact, TimerName } from "../../src/call/Fact.ts"
import { limitsOf } from "../../src/call/Limits.ts"
import { decide } from "../../src/call/talk/decide.ts"
import { begin, type Talk } from "../../src/call/talk/Talk.ts"
import { PhoneNumber } from "../../src/domain/PhoneNumber.ts"
import type { VoiceCommand } from "../../src/VoiceModel.ts"
import { configured } from "../call/support.ts"

type Part = "words" | "mute" | "send_digits" | "do_not_call_again" | "end_call" | "unknown"

/** What the server does with one response of ours. */
interface Habit {
  readonly refuses: boolean
  /** Announces it at all. */
  readonly announces: boolean
  readonly parts: ReadonlyArray<Part>
  readonly ends: "completed" | "failed" | "fatal" | "content_filter" | "max_output_tokens" | "cancelled" | "never"
  readonly endsTwice: boolean
  /** Milliseconds between two events of it. */
  readonly pace: number
}

/** What comes that nobody asked for. */
type Stray = "vad-reply" | "unknown-item" | "unknown-tool" | "done-without-created" | "refused" | "drops" | "freezes"

interface World {
  readonly habits: ReadonlyArray<Habit>
  readonly strays: ReadonlyArray<readonly [number, Stray]>
  /** When the callee speaks, and for how long. */
  readonly says: ReadonlyArray<readonly [number, number]>
  readonly reopens: ReadonlyArray<boolean>
}

const usual: Habit = {
  refuses: false,
  announces: true,
  parts: ["words"],
  ends: "completed",
  endsTwice: false,
  pace: 100
}

/** Server, line and callee around a talk, in a time of their own. */
class Stage {
  talk: Talk
  now = 0
  readonly breaches: Array<string> = []
  readonly #due: Array<{ readonly at: number; readonly act: () => void }> = []
  readonly #timers = new Map<TimerName, number>()
  readonly #habits: Array<Habit>
  readonly #reopens: Array<boolean>
  /** In the conversation of the present session: asked for or stray, and not over. */
  #running: { readonly id: string; over: boolean } | undefined
  #session = 0
  #count = 0
  #playhead = 0
  #frozen = false
  /** Since when the callee has heard nothing and said nothing. */
  quietSince = 0
  longestQuiet = 0
  readonly asked = new Map<string, { readonly session: number; readonly name: string; answers: number }>()
  readonly seen = new Set<string>()

  constructor({ habits, reopens, says, strays }: World) {
    const limits = limitsOf(configured({ maxCallDuration: 240 }))
    const transferTo = { desk: PhoneNumber.make("+15557654321") }
    this.#habits = [...habits]
    this.#reopens = [...reopens]
    this.talk = begin(
      {
        limits,
        language: "en",
        prepareOpening: true,
        voicemail: "leave-message",
        transferTo,
        questions: false,
        fallback: true
      },
      0
    )
    this.tell({ _tag: "ModelOpened", fallback: false, lasts: 3_600_000 })
    this.tell({ _tag: "Dialed" })
    this.tell({ _tag: "Accepted" })
    this.#after(3_000, () => this.tell({ _tag: "Status", status: "in-progress" }))
    this.#after(3_050, () => this.tell({ _tag: "MediaStarted" }))
    for (const [n, [at, ms]] of says.entries()) this.#after(5_000 + at, () => this.#speak(`callee${n}`, ms))
    for (const [at, stray] of strays) this.#after(4_000 + at, () => this.#stray(stray))
  }

  #after(ms: number, act: () => void): void {
    this.#due.push({ at: this.now + ms, act })
  }

  /** Of the session that is there now, and only if it is still there then. */
  #say(ms: number, fact: Fact): void {
    const session = this.#session
    this.#after(ms, () => {
      if (session === this.#session && !this.#frozen && this.talk.modelUp) this.tell(fact)
    })
  }

  #sound(): void {
    this.longestQuiet = Math.max(this.longestQuiet, this.now - this.quietSince)
    this.quietSince = Math.max(this.quietSince, this.now)
  }

  #speak(itemId: string, ms: number): void {
    this.#sound()
    this.quietSince = this.now + ms
    this.#say(0, { _tag: "SpeechStarted", itemId })
    this.#say(ms, { _tag: "SpeechStopped", itemId })
    this.#say(ms + 1, { _tag: "CalleeSpoke", itemId })
    this.#say(ms + 600, { _tag: "CalleeText", itemId, text: "Yes, that works.", failed: false })
  }

  #stray(stray: Stray): void {
    this.seen.add(stray)
    this.#count += 1
    const id = `stray${this.#count}`
    const audio = { responseId: id, itemId: `item-${id}`, contentIndex: 0, bytes: new Uint8Array(800) }
    switch (stray) {
      case "vad-reply": {
        if (this.#running !== undefined && !this.#running.over) return
        const running = { id, over: false }
        this.#running = running
        this.#say(0, { _tag: "ResponseStarted", responseId: id })
        this.#say(50, { _tag: "ItemStarted", responseId: id, itemId: `item-${id}` })
        this.#say(100, { _tag: "Audio", ...audio })
        const done: Fact = { _tag: "ResponseDone", responseId: id, status: "completed", usage: 0 }
        const session = this.#session
        this.#after(900, () => (session === this.#session ? this.#end(running, done) : undefined))
        return
      }
      case "unknown-item":
        this.#say(0, { _tag: "Audio", ...audio })
        this.#say(1, { _tag: "Text", responseId: id, itemId: `item-${id}`, text: "Never asked for." })
        return this.#say(2, { _tag: "ItemDone", responseId: id, itemId: `item-${id}`, text: "Never asked for." })
      case "unknown-tool":
        return this.#call(id, "book_table")
      case "done-without-created":
        return this.#say(0, { _tag: "ResponseDone", responseId: id, status: "completed", usage: 0 })
      case "refused":
        return this.#say(0, { _tag: "Refused", code: "response_cancel_not_active", message: "nothing runs" })
      case "drops":
        return this.#say(0, { _tag: "ModelLost" })
      case "freezes":
        this.#frozen = true
    }
  }

  #call(responseId: string, name: string): void {
    this.#count += 1
    const toolCallId = `call${this.#count}`
    const session = this.#session
    const input = name === "send_digits" ? '{"digits":"1"}' : '{"success":true,"summary":"Done."}'
    this.#after(0, () => {
      if (session !== this.#session || this.#frozen || !this.talk.modelUp) return
      if (this.talk.phase === "talking") this.asked.set(toolCallId, { session, name, answers: 0 })
      this.tell({ _tag: "ToolCalled", responseId, toolCallId, name, input })
    })
  }

  #end(running: { over: boolean }, fact: Fact): void {
    if (running.over) return
    running.over = true
    this.#say(0, fact)
  }

  #respond({ aside, tag }: Extract<VoiceCommand, { readonly _tag: "Respond" }>): void {
    this.#count += 1
    const id = `response${this.#count}`
    if (aside !== undefined) {
      this.#say(100, { _tag: "ResponseStarted", responseId: id, tag })
      const bytes = new Uint8Array(4_000)
      this.#say(300, { _tag: "Audio", responseId: id, itemId: `item-${id}`, contentIndex: 0, bytes })
      this.#say(310, { _tag: "ItemDone", responseId: id, itemId: `item-${id}`, text: "One moment, please." })
      return this.#say(320, { _tag: "ResponseDone", responseId: id, tag, status: "completed", usage: 0 })
    }
    const habit = this.#habits.shift() ?? usual
    if (this.#running !== undefined && !this.#running.over) {
      // a stray one of the server's own is no fault of ours
      if (!this.#running.id.startsWith("stray")) this.breaches.push(`${tag} beside ${this.#running.id}`)
      this.seen.add("refused: one runs")
      return this.#say(20, { _tag: "Refused", code: "conversation_already_has_active_response", message: "wait", tag })
    }
    if (habit.refuses) return this.#say(20, { _tag: "Refused", code: "server_error", message: "no", tag })
    const running = { id, over: false }
    this.#running = running
    this.#perform(running, habit, tag)
  }

  #perform(running: { readonly id: string; over: boolean }, habit: Habit, tag: string): void {
    const { id } = running
    const session = this.#session
    let at = habit.pace
    const next = (act: () => void) => {
      this.#after(at, () => (running.over || session !== this.#session ? undefined : act()))
      at += habit.pace
    }
    if (habit.announces) next(() => this.#say(0, { _tag: "ResponseStarted", responseId: id, tag }))
    for (const [n, part] of habit.parts.entries()) {
      const itemId = `item-${id}-${n}`
      next(() => {
        this.seen.add(part)
        if (part !== "words" && part !== "mute") return this.#call(id, part === "unknown" ? "book_table" : part)
        this.#say(0, { _tag: "ItemStarted", responseId: id, itemId })
        this.#say(1, { _tag: "Text", responseId: id, itemId, text: "Some words of ours." })
        if (part === "mute") return
        this.#say(2, { _tag: "Audio", responseId: id, itemId, contentIndex: 0, bytes: new Uint8Array(12_000) })
        const cutOff = habit.ends === "completed" ? {} : { cutOff: true }
        this.#say(3, { _tag: "ItemDone", responseId: id, itemId, text: "Some words of ours.", ...cutOff })
      })
    }
    const { ends } = habit
    this.seen.add(ends)
    if (ends === "never") return
    const status = ends === "content_filter" || ends === "max_output_tokens" ? "incomplete" : ends
    const failure =
      ends === "failed" || ends === "fatal"
        ? { failure: { code: ends, message: "no", retryable: ends === "failed" } }
        : {}
    const done: Fact = {
      _tag: "ResponseDone",
      responseId: id,
      tag,
      status: status === "fatal" ? "failed" : status,
      ...failure,
      usage: 0
    }
    next(() => {
      this.#end(running, done)
      if (habit.endsTwice) this.#say(5, done)
    })
  }

  #execute(command: Command): void {
    switch (command._tag) {
      case "SetTimer":
        return void this.#timers.set(command.timer, this.now + command.ms)
      case "StopTimer":
        return void this.#timers.delete(command.timer)
      case "Play": {
        this.#sound()
        this.#playhead = Math.max(this.#playhead, this.now) + command.bytes.length / 8
        this.quietSince = Math.max(this.quietSince, this.#playhead)
        const { mark } = command
        return this.#after(this.#playhead - this.now, () => this.tell({ _tag: "Played", mark }))
      }
      case "Clear":
        this.#playhead = this.now
        return
      case "PressDigits": {
        const { toolCallId } = command
        return this.#after(1_000, () => this.tell({ _tag: "DigitsPressed", toolCallId }))
      }
      case "ReopenModel":
        this.#session += 1
        this.#running = undefined
        this.#frozen = false
        if (this.#reopens.shift() ?? true) {
          const { fallback } = command
          this.seen.add(fallback ? "fallback" : "reopened")
          this.#after(700, () => this.tell({ _tag: "ModelBack", fallback, lasts: 3_600_000 }))
        }
        return
      case "HangUp":
      case "SayAndHangUp":
        this.#sound()
        this.seen.add(command._tag)
        return this.#after(500, () => this.tell({ _tag: "Status", status: "completed" }))
      case "Voice":
        return this.#obey(command.command)
    }
  }

  #obey(command: VoiceCommand): void {
    switch (command._tag) {
      case "Respond":
        return this.#respond(command)
      case "Probe":
        return this.#say(40, { _tag: "Alive" })
      case "Cancel": {
        const running = this.#running
        if (running?.id !== command.responseId || running.over) {
          return this.#say(40, { _tag: "Refused", code: "response_cancel_not_active", message: "nothing runs" })
        }
        const { responseId } = command
        return this.#end(running, { _tag: "ResponseDone", responseId, status: "cancelled", usage: 0 })
      }
      case "ToolResult": {
        const asked = this.asked.get(command.toolCallId)
        if (asked === undefined) return
        asked.answers += 1
        if (asked.session !== this.#session) this.breaches.push(`${command.toolCallId} was answered to another session`)
      }
    }
  }

  tell(fact: Fact): void {
    const [next, commands] = decide(this.talk, fact, this.now)
    this.talk = next
    for (const command of commands) this.#execute(command)
  }

  /** Until the end of the call, or for so long. */
  run(ms: number): this {
    const until = this.now + ms
    while (this.talk.phase !== "done" && this.talk.endedAt === undefined) {
      const [timer] = [...this.#timers].sort(([, a], [, b]) => a - b)
      const due = this.#due.toSorted((a, b) => a.at - b.at)[0]
      const at = Math.min(timer?.[1] ?? Number.POSITIVE_INFINITY, due?.at ?? Number.POSITIVE_INFINITY)
      if (at > until) break
      this.now = Math.max(this.now, at)
      if (due !== undefined && due.at === at) {
        this.#due.splice(this.#due.indexOf(due), 1)
        due.act()
      } else if (timer !== undefined) {
        this.#timers.delete(timer[0])
        this.tell({ _tag: "Timer", timer: timer[0] })
      }
    }
    this.#sound()
    return this
  }
}

const habit: fc.Arbitrary<Habit> = fc.record({
  refuses: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  announces: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  parts: fc.array(
    fc.constantFrom<Part>("words", "words", "words", "mute", "send_digits", "do_not_call_again", "end_call", "unknown"),
    { maxLength: 3 }
  ),
  ends: fc.constantFrom<Habit["ends"]>(
    "completed",
    "completed",
    "completed",
    "failed",
    "fatal",
    "content_filter",
    "max_output_tokens",
    "cancelled",
    "never"
  ),
  endsTwice: fc.boolean(),
  pace: fc.constantFrom(5, 100, 700, 3_000)
})

const world: fc.Arbitrary<World> = fc.record({
  habits: fc.array(habit, { maxLength: 12 }),
  strays: fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 60_000 }),
      fc.constantFrom<Stray>(
        "vad-reply",
        "vad-reply",
        "unknown-item",
        "unknown-tool",
        "done-without-created",
        "refused",
        "drops",
        "freezes"
      )
    ),
    { maxLength: 5 }
  ),
  says: fc.array(fc.tuple(fc.integer({ min: 0, max: 80_000 }), fc.integer({ min: 300, max: 3_000 })), { maxLength: 6 }),
  reopens: fc.array(
    fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
    { maxLength: 3 }
  )
})

/**
 * Milliseconds without a sound of ours or theirs that no callee should have to bear, however bad the server: the longest wait
 * for words of ours (`Limits.unanswered`), and what may lie before it, when it is not our turn (keys being pressed, silence).
 */
const forEver = 75_000

describe("10: the sequencer, whatever the server does", () => {
  it("10: these servers do all there is", () => {
    const seen = new Set<string>()
    for (const each of fc.sample(world, { numRuns: 300, seed: 10 })) {
      for (const what of new Stage(each).run(120_000).seen) seen.add(what)
    }
    for (const what of [
      "vad-reply",
      "unknown-item",
      "unknown-tool",
      "done-without-created",
      "refused: one runs",
      "failed",
      "fatal",
      "content_filter",
      "max_output_tokens",
      "never",
      "send_digits",
      "end_call",
      "mute",
      "reopened",
      "fallback",
      "HangUp",
      "SayAndHangUp"
    ]) {
      expect(seen).toContain(what)
    }
  })

  it("10: never two active responses, and every tool call is answered once at most", () => {
    fc.assert(
      fc.property(world, (each) => {
        const stage = new Stage(each).run(180_000)
        expect(stage.breaches).toEqual([])
        for (const { answers } of stage.asked.values()) expect(answers).toBeLessThanOrEqual(1)
      }),
      { numRuns: 1_000, seed: 10 }
    )
  })

  it("10: and answered it is, as long as call and session live", () => {
    fc.assert(
      fc.property(world, (each) => {
        const stage = new Stage({
          ...each,
          strays: each.strays.filter(([, stray]) => stray !== "drops" && stray !== "freezes")
        })
        stage.run(180_000)
        if (stage.seen.has("reopened") || stage.seen.has("fallback") || stage.talk.phase !== "talking") return
        for (const { answers } of stage.asked.values()) expect(answers).toBe(1)
      }),
      { numRuns: 600, seed: 10 }
    )
  })

  it("10: the callee never waits in silence for ever", () => {
    fc.assert(
      fc.property(world, (each) => {
        expect(new Stage(each).run(200_000).longestQuiet).toBeLessThanOrEqual(forEver)
      }),
      { numRuns: 1_000, seed: 10 }
    )
  })
})
