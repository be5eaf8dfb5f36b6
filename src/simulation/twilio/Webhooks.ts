/**
 * Sends webhooks: signed, with the idempotency token, with Twilio's rules for retries and time limits (facts/twilio.md 3.3, 5).
 * What is in them is decided elsewhere.
 */
import { Duration, Effect, Either, Option, Redacted } from "effect"
import type { NetworkError, WireResponse } from "../../wire/Network.ts"
import type { TerminalStatus } from "./CallStatus.ts"
import type { WebhookKind } from "./logs.ts"
import type { Callback } from "./orders.ts"
import { rfc2822 } from "./restFormat.ts"
import { type Form, sign } from "./Signature.ts"
import type { Ending, SimulatedCall } from "./SimulatedCall.ts"
import { hex, type World } from "./World.ts"

const hardLimit = Duration.seconds(15)

/** What a URL's fragment overrides: `#rc=3&rp=5xx,ct&rt=2000&tt=10000`. */
const overridesOf = (url: string) => {
  const [plain = "", fragment = ""] = url.split("#", 2)
  const given = new URLSearchParams(fragment)
  const number = (name: string, usual: number, max: number) => {
    const value = Number(given.get(name) ?? usual)
    return Number.isFinite(value) && value >= 0 ? Math.min(value, max) : usual
  }
  return {
    plain,
    retries: number("rc", 1, 5),
    policy: (given.get("rp") ?? "ct").split(","),
    readLimit: Duration.millis(number("rt", 15_000, 15_000)),
    totalLimit: Duration.millis(number("tt", 15_000, 15_000))
  }
}

const retryReason = (answer: Either.Either<WireResponse, NetworkError>): string =>
  Either.match(answer, {
    onLeft: ({ kind }) => (kind === "refused" ? "ct" : "rt"),
    onRight: ({ status }) => `${Math.floor(status / 100)}xx`
  })

const isGood = (answer: Either.Either<WireResponse, NetworkError>) =>
  Either.isRight(answer) && answer.right.status < 400

/** Fields that every request about a call carries. Geography is often unknown: sent, and empty. */
export const baseForm = (world: World, call: SimulatedCall): Form => {
  const { from, to } = call.parameters
  const geography = ["From", "To", "Caller", "Called"].flatMap((who) =>
    ["City", "State", "Zip", "Country"].map((what) => [who + what, what === "Country" ? "US" : ""] as const)
  )
  return [
    ["AccountSid", world.accountSid],
    ["ApiVersion", "2010-04-01"],
    ["CallSid", call.sid],
    ["CallStatus", call.status],
    ["Called", to],
    ["Caller", from],
    ["Direction", "outbound-api"],
    ["From", from],
    ["To", to],
    ...geography
  ]
}

/** Sends one webhook and waits for the last answer; `none` when nothing usable came within the limits. */
export const request = Effect.fnUntraced(function* (
  world: World,
  call: SimulatedCall,
  kind: WebhookKind,
  { method, url }: Callback,
  form: Form
) {
  const { plain, policy, readLimit, retries, totalLimit } = overridesOf(url)
  const query = new URLSearchParams(form.map(([name, value]): [string, string] => [name, value]))
  const asQuery = method === "GET" && form.length > 0
  const target = asQuery ? `${plain}${plain.includes("?") ? "&" : "?"}${query}` : plain
  const token = hex(world, 32)
  const headers = {
    accept: "*/*",
    "user-agent": "TwilioProxy/1.1",
    "i-twilio-idempotency-token": token,
    "x-twilio-signature": sign(Redacted.value(world.authToken), target, method === "POST" ? form : []),
    ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" } : {})
  }
  const attempt = Effect.gen(function* () {
    const at = world.now()
    const body = method === "POST" ? query.toString() : ""
    const answer = yield* Effect.either(world.network.http({ method, url: target, headers, body, timeout: readLimit }))
    call.webhooks.push({
      at,
      kind,
      url: target,
      parameters: form,
      token,
      answer: Either.match(answer, { onLeft: ({ kind }) => kind, onRight: ({ status }) => status })
    })
    return answer
  })
  const attempts = Effect.gen(function* () {
    for (let left = retries; ; left--) {
      const answer = yield* attempt
      const again = policy.includes("all") || policy.includes(retryReason(answer))
      if (left <= 0 || !again || isGood(answer)) return Either.getRight(answer)
    }
  })
  const limit = Duration.min(totalLimit, hardLimit)
  return yield* Effect.map(Effect.timeoutOption(attempts, limit), Option.flatten)
})

/** Sends a webhook whose answer nobody waits for, after the usual delay. A failure is found in the log of the call. */
export const notify = (
  world: World,
  call: SimulatedCall,
  kind: WebhookKind,
  to: Callback | undefined,
  form: Form
): void => {
  if (to === undefined) return
  world.spawn(
    Effect.gen(function* () {
      yield* Effect.sleep(world.timing.callbackDelay)
      const answer = yield* request(world, call, kind, to, form)
      if (!Option.exists(answer, ({ status }) => status < 400)) {
        call.alert(world.now(), 11200, `${kind} callback to ${to.url} failed`)
      }
    })
  )
}

type StatusEvent = "initiated" | "ringing" | "in-progress" | TerminalStatus

/** The name under which an event is subscribed to. */
const subscription = (event: StatusEvent) =>
  event === "in-progress" ? "answered" : event === "initiated" || event === "ringing" ? event : "completed"

/** Tells a change of status to whoever subscribed to it. Only what is sent is counted. */
export const notifyStatus = (world: World, call: SimulatedCall, event: StatusEvent, ending?: Ending): void => {
  const { status } = call.parameters
  if (status === undefined || !status.events.includes(subscription(event))) return
  const form = baseForm(world, call).map((entry) =>
    entry[0] === "CallStatus" ? (["CallStatus", event] as const) : entry
  )
  const recording = call.parameters.record === undefined ? undefined : call.recordings[0]
  notify(world, call, "status", status, [
    ...form,
    ["Timestamp", rfc2822(world.now())],
    ["CallbackSource", "call-progress-events"],
    ["SequenceNumber", String(call.sequence++)],
    ...(ending === undefined
      ? []
      : ([
          ["CallDuration", String(call.duration)],
          ["Duration", String(Math.ceil(call.duration / 60))],
          ["SipResponseCode", String(ending.sip)]
        ] as const)),
    ...(ending !== undefined && call.answeredBy !== undefined && call.parameters.amd?.async === false
      ? ([["AnsweredBy", call.answeredBy]] as const)
      : []),
    ...(ending !== undefined && recording !== undefined
      ? ([
          ["RecordingSid", recording.sid],
          ["RecordingUrl", recording.url],
          ["RecordingDuration", String(recording.seconds)]
        ] as const)
      : [])
  ])
}
