/**
 * The one-minute call to oneself: through the service that runs, or through one of our own for as long as it takes. Places
 * it, shows it, ends it in time, and gathers what there is to see afterwards.
 */
import { Context, DateTime, Duration, Effect, Layer, Logger, LogLevel, Metric, Option } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { costOf } from "../../call/Cost.ts"
import { readRpcToken } from "../../config/rpcToken.ts"
import type { Call } from "../../domain/Call.ts"
import type { PhoneNumber } from "../../domain/PhoneNumber.ts"
import { PhoneClient } from "../../rpc/client.ts"
import { lateFrames, missingAudio, receivedFrames } from "../../telephone/MediaMetrics.ts"
import { costText, type Look } from "../callText.ts"
import { ServiceUnknown, serviceUrl } from "../connection.ts"
import { follow } from "../follow.ts"
import type { Screen } from "../Screen.ts"
import { ownService } from "../service.ts"
import { type Finding, problem, refused } from "./Finding.ts"
import { type Media, measured } from "./measured.ts"
import { twilioApi } from "./twilioApi.ts"

/** From the answer. The agent wraps up at half of it. */
const longest = Duration.minutes(1)

/** Between the end of a call and its recording being here. */
const recordingPatience = Duration.seconds(20)

/** Twilio's debugger lags behind. */
const alertPatience = Duration.seconds(6)

/** US dollars: half a minute of speech and a few short answers. */
const modelGuess = 0.1

/** The task is said aloud nearly as it stands. */
const task = "This is a test call of the phone service. Please say any sentence, and I will repeat it."
const context = [
  "The callee has just asked for this call, to see whether calls work.",
  "When they have said something, repeat it word for word, thank them, say goodbye and end the call.",
  "It is a success when you have understood what they said. Ask for nothing else, and keep it under half a minute."
].join(" ")

export interface TestCall {
  readonly config: PhoneConfigValues
  readonly to: PhoneNumber
  /** A service with this configuration runs, and makes the call. */
  readonly running: boolean
  readonly screen: Context.Tag.Service<Screen>
  readonly look: Look
  readonly json: boolean
}

/** What is about to happen, for whoever must agree to it. */
export const announcement = ({ config, to }: Pick<TestCall, "config" | "to">): ReadonlyArray<string> => {
  const cost = costOf({ answeredMs: 60_000, recorded: config.recordCalls, price: undefined, model: modelGuess })
  return [
    `The doctor will call ${to} from ${config.phoneNumber}: a minute at most, ${costText(cost)}.`,
    "Prices are those of the US; the agent asks you to say a sentence, repeats it, and says goodbye."
  ]
}

const runningService = Effect.fnUntraced(function* (config: PhoneConfigValues) {
  const token = yield* readRpcToken(config)
  if (Option.isNone(token)) {
    return yield* new ServiceUnknown({ message: "A service runs, but there is no RPC token for it: set rpcToken." })
  }
  return { url: serviceUrl(config), token: token.value }
})

const serviceOfOurOwn = (config: PhoneConfigValues) =>
  Effect.map(
    ownService({ ...config, maxCallDuration: longest, rpcHost: "127.0.0.1", rpcPort: 0 }),
    ({ rpcToken, rpcUrl }) => ({ url: rpcUrl, token: rpcToken })
  )

const counted = Effect.map(
  Effect.all([receivedFrames, missingAudio, lateFrames].map((counter) => Metric.value(counter))),
  ([frames, missing, late]): Media => ({
    frames: frames?.count ?? 0,
    missingMs: missing?.count ?? 0,
    lateFrames: late?.count ?? 0
  })
)

const difference = (before: Media, after: Media): Media => ({
  frames: after.frames - before.frames,
  missingMs: after.missingMs - before.missingMs,
  lateFrames: after.lateFrames - before.lateFrames
})

/** Keeps what a service of our own would log: the screen belongs to the findings. */
const complaintsInto = (lines: Array<string>) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ logLevel, message }) => {
      if (LogLevel.greaterThanEqual(logLevel, LogLevel.Warning)) lines.push([message].flat().map(String).join(" "))
    })
  )

type Client = Context.Tag.Service<PhoneClient>

/** Places the call and shows it. Hangs up when it takes too long, and when nobody wants it any more. */
const converse = Effect.fnUntraced(function* ({ config, json, look, screen, to }: TestCall, client: Client) {
  const placed = yield* client.phone_call({ to, task, context, wait: false })
  const { id: callId } = placed
  const hangUp = Effect.ignore(client.phone_hangup({ callId }))
  if (!json) screen.print(`Calling ${to}, call ${callId}. Ctrl-C hangs up.`)
  yield* Effect.forkScoped(
    Effect.zipRight(Effect.sleep(Duration.sum(config.ringTimeout, Duration.sum(longest, Duration.seconds(20)))), hangUp)
  )
  const ended = yield* follow({ client, screen, look, json }, callId, { events: false }).pipe(
    Effect.onInterrupt(() => hangUp)
  )
  if (!config.recordCalls || ended.answeredAt === undefined) return ended
  return yield* Effect.repeat(Effect.zipLeft(client.phone_status({ callId }), Effect.sleep("500 millis")), {
    until: (call) => call.recording !== undefined
  }).pipe(Effect.timeoutTo({ duration: recordingPatience, onSuccess: (call) => call, onTimeout: () => ended }))
})

/** What only Twilio has seen of a call that failed or stayed silent, as findings. An account that may not look shows nothing. */
const alertFindings = Effect.fnUntraced(function* ({ config, to }: TestCall, call: Call) {
  const silent = call.answeredAt !== undefined && call.latency?.answerToFirstWord === undefined
  // a request that Twilio refused has said all there is to say
  const refusedAtOnce = /^\d{5}$/.test(call.error?.code ?? "")
  if (config.provider === "simulated" || refusedAtOnce || (call.status !== "failed" && !silent)) return []
  const since = DateTime.toDate(call.startedAt)
  const alerts = yield* twilioApi(config)
    .alerts({ to, from: config.phoneNumber, since })
    .pipe(
      Effect.tap((found) => (found.length > 0 ? Effect.void : Effect.sleep("1 second"))),
      Effect.repeat({ until: (found) => found.length > 0 }),
      Effect.timeoutTo({ duration: alertPatience, onSuccess: (found) => found, onTimeout: () => [] }),
      Effect.orElseSucceed(() => [])
    )
  return alerts.map((alert) => refused("twilio alert", alert, "look it up in the Twilio console (Monitor, Errors)"))
})

/** What came of it. `error`: there was no call, and why. */
export interface Called {
  readonly findings: ReadonlyArray<Finding>
  readonly call?: Call
  readonly error?: { readonly _tag: string }
}

export const makeTestCall = (
  asked: TestCall
): Effect.Effect<Called, never, Effect.Effect.Context<ReturnType<typeof attempt>>> =>
  Effect.catchAll(attempt(asked), (error) =>
    Effect.succeed({
      error,
      findings: [
        "code" in error && error.code !== undefined
          ? refused("call", { code: error.code, message: error.message }, "read what it says")
          : problem("call", error.message, "nothing was dialled: correct this first")
      ]
    })
  )

const attempt = (asked: TestCall) => {
  const complaints: Array<string> = []
  return Effect.gen(function* () {
    const { config, running } = asked
    const service = yield* running ? runningService(config) : serviceOfOurOwn(config)
    const client = Context.get(yield* Layer.build(PhoneClient.layer(service)), PhoneClient)
    const before = yield* counted
    const call = yield* converse(asked, client)
    const media = running ? undefined : difference(before, yield* counted)
    const { recordCalls } = config
    const findings = measured({ call, media, recordCalls, complaints })
    const called: Called = { call, findings: [...findings, ...(yield* alertFindings(asked, call))] }
    return called
  }).pipe(Effect.scoped, Effect.provide(complaintsInto(complaints)))
}
