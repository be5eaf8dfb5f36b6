/** Waiting for the end of a call, in virtual time: what is told meanwhile, and what happens when the service goes away. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Stream, TestClock } from "effect"
import type { Call } from "../../src/domain/Call.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { CallNotFound } from "../../src/domain/errors.ts"
import { ConnectionLost } from "../../src/mcp/overRpc.ts"
import type { PhoneAccess, Trouble } from "../../src/mcp/PhoneAccess.ts"
import { waitForEnd } from "../../src/mcp/waiting.ts"
import { call, callId } from "../rpc/service.ts"
import { fakePhone } from "./support.ts"

const at = call.startedAt
const status = (seq: number, status: Call["status"]): CallEvent => ({ _tag: "Status", seq, at, status })
const turn = (seq: number, position: number, text: string): CallEvent => ({
  _tag: "Turn",
  seq,
  position,
  turn: { timestamp: at, role: "user", text }
})
const ended = (seq: number): CallEvent => ({ _tag: "Ended", seq, call })

const lost: Trouble = new ConnectionLost({ message: "The connection was lost." })

/** Waits with a phone, and keeps what it was told. */
const waiting = Effect.fnUntraced(function* (phone: Partial<PhoneAccess>) {
  const told: Array<string> = []
  const fiber = yield* Effect.fork(
    waitForEnd(fakePhone(phone), callId, (line) => Effect.sync(() => void told.push(line)))
  )
  return { told, fiber }
})

describe("waiting for the end of a call", () => {
  it.scoped("tells every status and turn once, a correction as one, and no partial text", () =>
    Effect.gen(function* () {
      const partial: CallEvent = { _tag: "Partial", seq: 2, position: 0, role: "user", text: "Hel" }
      const events = [status(1, "ringing"), status(2, "in-progress"), partial, turn(3, 0, "Helo"), turn(4, 0, "Helo")]
      const { fiber, told } = yield* waiting({
        watch: () => Stream.fromIterable([...events, turn(5, 0, "Hello"), ended(6)])
      })
      expect(yield* Fiber.join(fiber)).toEqual(call)
      expect(told).toEqual(["ringing", "in-progress", "callee: Helo", "callee: Hello (corrected)"])
    })
  )

  it.scoped("goes on after a lost connection where it stopped", () =>
    Effect.gen(function* () {
      const asked: Array<number> = []
      const { fiber, told } = yield* waiting({
        watch: (_, after) => {
          asked.push(after)
          if (after === 0)
            return Stream.concat(Stream.make(status(1, "ringing"), turn(2, 0, "Hello")), Stream.fail(lost))
          // a service that repeats itself is not told twice
          return Stream.make(turn(2, 0, "Hello?"), turn(3, 1, "Bye"), ended(4))
        }
      })
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(fiber)).toEqual(call)
      expect(asked).toEqual([0, 2])
      expect(told).toEqual(["ringing", "callee: Hello", "callee: Bye"])
    })
  )

  it.scoped("believes the record when the watch ends without the end", () =>
    Effect.gen(function* () {
      const { fiber } = yield* waiting({ watch: () => Stream.empty, status: () => Effect.succeed(call) })
      expect(yield* Fiber.join(fiber)).toEqual(call)
    })
  )

  it.scoped("gives a sign of life every 15 s", () =>
    Effect.gen(function* () {
      const { fiber, told } = yield* waiting({
        watch: () => Stream.concat(Stream.make(status(1, "ringing")), Stream.never)
      })
      yield* TestClock.adjust("44 seconds")
      expect(told).toEqual([
        "ringing",
        "ringing, 15 s since the call was placed",
        "ringing, 30 s since the call was placed"
      ])
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      expect(told).toHaveLength(3)
    })
  )

  it.scoped("gives up on a service that stays away for a minute, and names the call", () =>
    Effect.gen(function* () {
      const { fiber } = yield* waiting({ watch: () => Stream.fail(lost) })
      yield* TestClock.adjust("50 seconds")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("30 seconds")
      const error = yield* Effect.flip(Fiber.join(fiber))
      expect(error).toMatchObject({ _tag: "WaitLost", callId })
      expect(error.message).toContain(callId)
    })
  )

  it.scoped("gives up at once on what will not get better", () =>
    Effect.gen(function* () {
      const { fiber } = yield* waiting({
        watch: () => Stream.fail(new CallNotFound({ callId, message: "There is no such call." }))
      })
      expect(yield* Effect.flip(Fiber.join(fiber))).toMatchObject({ _tag: "WaitLost" })
    })
  )
})
