/** A question of the agent on the screen of a person: shown, answered by typing or by command, or gone before that. */
import { describe, expect, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, FastCheck, Fiber, Stream } from "effect"
import { typed } from "../../src/cli/Keyboard.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { QuestionClosed } from "../../src/domain/errors.ts"
import { call, callId, serve } from "../rpc/service.ts"
import { phone, recording } from "./support.ts"

const at = DateTime.unsafeMake("2026-01-01T10:30:00Z")
const done = {
  ...call,
  endedAt: at,
  questions: [
    { id: 1, question: "Which date?", askedAt: at, answer: "4 May", answeredAt: at },
    { id: 2, question: "Which year?", askedAt: at, unanswered: "timeout" as const }
  ]
}
const queued = { ...call, status: "queued" as const }
const asked: CallEvent = { _tag: "Question", seq: 1, at, id: 1, question: "Which\u001b[2J date?" }
const ended: CallEvent = { _tag: "Ended", seq: 4, call: done }
const closed = (more: { readonly answer: string } | { readonly unanswered: "timeout" }): CallEvent => ({
  _tag: "Answered",
  seq: 3,
  at,
  id: 1,
  ...more
})

const args = (url: string) => ["call", "+15551234567", "--task", "x", "--url", url, "--token", "the-token"]

/** A service whose agent asks, perhaps in mid-conversation, and goes on once it is answered. */
const asking = Effect.fnUntraced(function* (meanwhile: ReadonlyArray<CallEvent> = []) {
  const requests: Array<unknown> = []
  const answer = yield* Deferred.make<{ readonly text: string; readonly questionId?: number }>()
  const { url } = yield* serve({
    place: (request) =>
      Effect.as(
        Effect.sync(() => requests.push(request)),
        callId
      ),
    status: () => Effect.succeed(queued),
    watch: () =>
      Stream.concat(
        Stream.make(asked, ...meanwhile),
        Stream.fromIterableEffect(Effect.map(Deferred.await(answer), ({ text }) => [closed({ answer: text }), ended]))
      ),
    answer: (_, given) => Effect.asVoid(Deferred.succeed(answer, given))
  })
  return { url, requests, answer }
})

describe("a question of the agent", () => {
  it.scopedLive("is answered on the terminal that the call is watched on", () =>
    Effect.gen(function* () {
      const { answer, requests, url } = yield* asking()
      const lines = [" ", "4 May"]
      const keyboard = {
        present: true,
        line: (show: (typed: string) => void) =>
          Effect.sync(() => {
            const line = lines.shift() ?? ""
            show(line)
            return line
          })
      }
      const screen = recording(() => undefined)
      const { live, out } = yield* phone(args(url), screen, keyboard)
      expect(requests).toMatchObject([{ questions: true }])
      // an empty line is no answer
      expect(yield* Deferred.await(answer)).toEqual({ text: "4 May", questionId: 1 })
      expect(out.slice(1, 3)).toEqual(["10:30:00  asks    Which [2J date?", "10:30:00  answer  4 May"])
      expect(live).toContain("          answer  4 May")
      expect(live.at(-1)).toBe("")
      expect(out).toContain("  asked       Which date?  4 May")
      expect(out).toContain("  asked       Which year?  (nobody answered in time)")
    })
  )

  it.scopedLive("is typed below what both sides are saying, which goes on growing", () =>
    Effect.gen(function* () {
      const said = (text: string): CallEvent => ({ _tag: "Partial", seq: 1, position: 0, role: "assistant", text })
      const status: CallEvent = { _tag: "Status", seq: 2, at, status: "in-progress" }
      const { url } = yield* asking([status, said("One"), said("One moment")])
      const grown = yield* Deferred.make<void>()
      const keyboard = {
        present: true,
        line: (show: (typed: string) => void) =>
          Effect.gen(function* () {
            show("4 M")
            yield* Deferred.await(grown)
            show("4 May")
            return "4 May"
          })
      }
      const screen = recording((live) => {
        if (live.includes("One moment")) Effect.runSync(Deferred.succeed(grown, undefined))
      })
      const { live } = yield* phone(args(url), screen, keyboard)
      expect(live).toContain("          agent   One moment\n          answer  4 M")
      expect(live).toContain("          agent   One moment\n          answer  4 May")
      expect(live.at(-1)).toBe("")
    })
  )

  it.scopedLive("that was answered elsewhere, or too late, gives the keyboard back", () =>
    Effect.gen(function* () {
      const taken = yield* Deferred.make<void>()
      const { url } = yield* serve({
        status: () => Effect.succeed(queued),
        watch: () =>
          Stream.concat(
            Stream.make(asked),
            Stream.fromIterableEffect(Effect.as(Deferred.await(taken), [closed({ unanswered: "timeout" }), ended]))
          )
      })
      let released = false
      const keyboard = {
        present: true,
        line: () =>
          Effect.zipRight(Deferred.succeed(taken, undefined), Effect.never).pipe(
            Effect.onInterrupt(() =>
              Effect.sync(() => {
                released = true
              })
            )
          )
      }
      const { err, out } = yield* phone(
        args(url),
        recording(() => undefined),
        keyboard
      )
      expect(released).toBe(true)
      expect(out).toContain("10:30:00  answer  (nobody answered in time)")
      expect(err).toEqual([])
    })
  )

  it.scopedLive("is answered by command from elsewhere, and shown to who has no keyboard with how", () =>
    Effect.gen(function* () {
      const { answer, requests, url } = yield* asking()
      const screen = recording(() => undefined)
      const watching = yield* Effect.fork(phone(args(url), screen))
      const reach = ["--url", url, "--token", "the-token"]
      const answered = yield* phone(["answer", callId, "4", "May", "--question", "1", ...reach])
      expect(answered).toMatchObject({ out: [`The agent of call ${callId} has the answer.`], code: 0 })
      expect(yield* Deferred.await(answer)).toEqual({ text: "4 May", questionId: 1 })
      const { err } = yield* Fiber.join(watching)
      expect(err).toEqual([`Answer it within 60 s: phone answer ${callId} "…"`])
      // a screen without a keyboard is no owner
      expect(requests[0]).not.toHaveProperty("questions")
    })
  )

  it.scopedLive("that is closed refuses the answer, and says that it was not used", () =>
    Effect.gen(function* () {
      const { url } = yield* serve({
        answer: () => new QuestionClosed({ callId, reason: "timeout", message: "Too late. It was not used." })
      })
      const shown = yield* phone(["answer", callId, "4 May", "--url", url, "--token", "the-token"])
      expect(shown).toMatchObject({ err: ["✗ Too late. It was not used."], code: 9 })
    })
  )
})

describe("typing", () => {
  const key = (name: string) => ({ name })

  it("adds what is printable, takes back, begins anew, ends with Enter", () => {
    expect(typed("4 Ma", "y", key("y"))).toBe("4 May")
    expect(typed("", "ä", {})).toBe("ä")
    expect(typed("4 Mayy", "\b", key("backspace"))).toBe("4 May")
    expect(typed("😀", "\u007f", key("backspace"))).toBe("")
    expect(typed("4 May", "\u0015", { name: "u", ctrl: true })).toBe("")
    expect(typed("4 May", "\r", key("return"))).toBeUndefined()
    expect(typed("4 May", "\n", key("enter"))).toBeUndefined()
  })

  it("never holds control characters, whatever keys are pressed", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.string({ unit: "binary" })), (chars) => {
        const line = chars.reduce((text, char) => typed(text, char, {}) ?? text, "")
        expect(line).not.toMatch(/\p{Cc}/u)
      })
    )
  })
})
