/**
 * `<Dial><Number>`: a second leg to somebody among the callees. Whoever answers there talks with the callee for a while
 * (nothing of it is simulated but the time it takes) and hangs up.
 */
import { Clock, Duration, Effect } from "effect"
import type { DialLog } from "./logs.ts"
import type { Form } from "./Signature.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"
import { newSid, type World } from "./World.ts"
import type { Element } from "./Xml.ts"

const e164 = /^\+[1-9]\d{6,14}$/

/** How the leg went, as the parameters of the `action` request. */
export const dial = Effect.fnUntraced(function* (world: World, call: SimulatedCall, verb: Element) {
  const to = verb.children.find(({ name }) => name === "Number")?.text ?? verb.text
  const seconds = Number(verb.attributes.timeout ?? 30)
  const timeout = Duration.seconds(Number.isFinite(seconds) && seconds > 0 ? seconds : 30)
  const log: DialLog = { at: world.now(), to, sid: newSid(world, "CA"), status: "ringing" }
  call.dials.push(log)
  const parameters = (status: string, duration: number): Form => {
    log.status = status
    return [
      ["DialCallSid", log.sid],
      ["DialCallStatus", status],
      ["DialBridged", String(status === "completed")],
      ...(status === "completed" ? ([["DialCallDuration", String(duration)]] as const) : [])
    ]
  }
  return yield* Effect.gen(function* () {
    if (!e164.test(to)) {
      call.alert(world.now(), 13224, `<Dial>: ${to} is not a valid number`)
      return parameters("failed", 0)
    }
    const script = world.callees(to)
    yield* Effect.sleep(world.timing.dialDelay)
    if (!("answers" in script)) {
      if (script.line === "no-answer") yield* Effect.sleep(timeout)
      return parameters(script.line === "busy" || script.line === "no-answer" ? script.line : "failed", 0)
    }
    const ringing = Duration.seconds(script.answers.after)
    yield* Effect.sleep(Duration.min(ringing, timeout))
    if (Duration.greaterThan(ringing, timeout)) return parameters("no-answer", 0)
    log.status = "in-progress"
    const answeredAt = yield* Clock.currentTimeMillis
    yield* Effect.sleep(world.timing.transferTalk)
    return parameters("completed", Math.round(((yield* Clock.currentTimeMillis) - answeredAt) / 1000))
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        log.status = log.status === "in-progress" ? "completed" : "canceled"
      })
    )
  )
})
