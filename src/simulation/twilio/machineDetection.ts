/** Answering machine detection (facts/twilio.md 4): the callee's script says what it is, this says when Twilio tells. */
import { Duration, Effect } from "effect"
import type { PhoneLine } from "./PhoneLine.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"
import { notify } from "./Webhooks.ts"
import type { World } from "./World.ts"

/** Quiet after which a machine without a beep is taken to have finished: MachineDetectionSpeechEndThreshold. */
const speechEndMs = 1200

/** Waits for the verdict and notes it in the call. Without machine detection there is none, at once. */
const detect = Effect.fnUntraced(function* (world: World, call: SimulatedCall, line: PhoneLine) {
  const { amd } = call.parameters
  const script = call.answering
  if (amd === undefined || script === undefined) return
  const from = world.now()
  const { amdAfter, as } = script.answers
  const verdict = Effect.gen(function* () {
    yield* Effect.sleep(Duration.seconds(amdAfter))
    if (as !== "machine") return as
    if (amd.mode === "Enable") return "machine_start"
    const { callee } = line
    const fellSilent = () => !callee.speaking && callee.quietSince > 0 && callee.ms - callee.quietSince >= speechEndMs
    yield* callee.until(() => callee.greeted || fellSilent())
    return callee.greeted ? "machine_end_beep" : "machine_end_silence"
  })
  const limit = {
    duration: Duration.seconds(amd.timeout),
    onTimeout: () => "unknown",
    onSuccess: (said: string) => said
  }
  call.answeredBy = yield* Effect.timeoutTo(verdict, limit)
  return { answeredBy: call.answeredBy, ms: world.now() - from }
})

/** Detection beside the running call, told by a callback. */
export const detectBeside = Effect.fnUntraced(function* (world: World, call: SimulatedCall, line: PhoneLine) {
  const { amd } = call.parameters
  if (amd === undefined || !amd.async) return
  if (amd.callback === undefined) call.alert(world.now(), 21262, "AsyncAmd without AsyncAmdStatusCallback")
  const result = yield* detect(world, call, line)
  if (result === undefined) return
  notify(world, call, "amd", amd.callback, [
    ["AccountSid", world.accountSid],
    ["AnsweredBy", result.answeredBy],
    ["CallSid", call.sid],
    ["MachineDetectionDuration", String(result.ms)]
  ])
})

/** Detection that the TwiML waits for; what it adds to the request for TwiML. */
export const detectBefore = Effect.fnUntraced(function* (world: World, call: SimulatedCall, line: PhoneLine) {
  const result = call.parameters.amd?.async === false ? yield* detect(world, call, line) : undefined
  return result === undefined
    ? []
    : ([
        ["AnsweredBy", result.answeredBy],
        ["MachineDetectionDuration", String(result.ms)]
      ] as const)
})
