/**
 * `<Dial><Number>`: a second leg to somebody among the callees, told to its own status callback. Whoever answers there talks
 * with the callee for a while (nothing of it is simulated but the time it takes) and hangs up.
 */
import { Deferred, Duration, Effect } from "effect"
import type { DialLog } from "./logs.ts"
import type { Form } from "./Signature.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"
import { baseForm, notify } from "./Webhooks.ts"
import { newSid, type World } from "./World.ts"
import type { Element } from "./Xml.ts"

const e164 = /^\+[1-9]\d{6,14}$/

type ChildStatus = "initiated" | "ringing" | "in-progress" | "completed" | "busy" | "no-answer" | "failed" | "canceled"

/** The name under which a status of the other leg is subscribed to. */
const subscription = (status: ChildStatus) =>
  status === "in-progress" ? "answered" : status === "initiated" || status === "ringing" ? status : "completed"

/** Tells the `<Number>`'s status callback of the other leg, which is a call of its own: the child of ours. */
const tell = (world: World, call: SimulatedCall, number: Element | undefined, log: DialLog, status: ChildStatus) => {
  log.status = status
  const { statusCallback: url, statusCallbackEvent = "completed" } = number?.attributes ?? {}
  if (url === undefined || !statusCallbackEvent.split(/[ ,]+/).includes(subscription(status))) return
  const own: Readonly<Record<string, string>> = {
    CallSid: log.sid,
    CallStatus: status,
    Direction: "outbound-dial",
    From: log.from,
    Caller: log.from,
    To: log.to,
    Called: log.to
  }
  notify(world, call, "status", { url, method: "POST" }, [
    ...baseForm(world, call).map(([name, value]) => [name, own[name] ?? value] as const),
    ["ParentCallSid", call.sid],
    ["CallbackSource", "call-progress-events"]
  ])
}

/** How the leg went, as the parameters of the `action` request. */
export const dial = Effect.fnUntraced(function* (world: World, call: SimulatedCall, verb: Element) {
  const number = verb.children.find(({ name }) => name === "Number")
  const to = number?.text ?? verb.text
  const seconds = Number(verb.attributes.timeout ?? 30)
  const timeout = Duration.seconds(Number.isFinite(seconds) && seconds > 0 ? seconds : 30)
  const log: DialLog = {
    at: world.now(),
    to,
    from: verb.attributes.callerId ?? call.from,
    sid: newSid(world, "CA"),
    status: "initiated",
    answeredAt: undefined,
    duration: 0,
    endedBy: undefined
  }
  call.dials.push(log)
  const end = (status: ChildStatus): void => {
    if (log.answeredAt !== undefined) log.duration = Math.round((world.now() - log.answeredAt) / 1000)
    tell(world, call, number, log, status)
  }
  const over = (status: ChildStatus): Form => {
    end(status)
    return [
      ["DialCallSid", log.sid],
      ["DialCallStatus", status],
      ["DialBridged", String(status === "completed")],
      ...(status === "completed" ? ([["DialCallDuration", String(log.duration)]] as const) : [])
    ]
  }
  return yield* Effect.gen(function* () {
    if (!e164.test(to)) {
      call.alert(world.now(), 13224, `<Dial>: ${to} is not a valid number`)
      return over("failed")
    }
    const script = world.callees(to)
    tell(world, call, number, log, "initiated")
    yield* Effect.sleep(world.timing.dialDelay)
    if (!("answers" in script)) {
      if (script.line === "no-answer") {
        tell(world, call, number, log, "ringing")
        yield* Effect.sleep(timeout)
      }
      return over(script.line === "busy" || script.line === "no-answer" ? script.line : "failed")
    }
    tell(world, call, number, log, "ringing")
    const ringing = Duration.seconds(script.answers.after)
    yield* Effect.sleep(Duration.min(ringing, timeout))
    if (Duration.greaterThan(ringing, timeout)) return over("no-answer")
    log.answeredAt = world.now()
    tell(world, call, number, log, "in-progress")
    yield* Effect.sleep(world.timing.transferTalk)
    log.endedBy = "destination"
    return over("completed")
  }).pipe(
    Effect.onInterrupt(() =>
      Effect.gen(function* () {
        log.endedBy = (yield* Deferred.isDone(call.hangUp)) ? "us" : "callee"
        end(log.answeredAt === undefined ? "canceled" : "completed")
      })
    )
  )
})
