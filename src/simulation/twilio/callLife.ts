/** The life of one call from the queue to its end: dialling, ringing, the answer, and everything that can end it. */
import { Deferred, Duration, Effect } from "effect"
import { LineEcho } from "../audio/LineEcho.ts"
import { performAll } from "../callee/Callee.ts"
import { pressDigits } from "./digits.ts"
import { detectBefore, detectBeside } from "./machineDetection.ts"
import { PhoneLine } from "./PhoneLine.ts"
import { finishRecordings, startRecording } from "./recordings.ts"
import type { Ending, SimulatedCall } from "./SimulatedCall.ts"
import { runTwiml } from "./Twiml.ts"
import { notifyStatus } from "./Webhooks.ts"
import type { World } from "./World.ts"

const hungUp: Ending = { status: "completed", sip: 200 }
const busyDelay = Duration.seconds(1)

/** `initiated` is told to callbacks only: the REST interface knows no such status. */
const move = (world: World, call: SimulatedCall, status: "initiated" | "ringing" | "in-progress") => {
  const at = world.now()
  call.updatedAt = at
  call.statuses.push({ at, status })
  if (status !== "initiated") call.status = status
  notifyStatus(world, call, status)
}

/** The callee does what its script says; it ends only by hanging up. A recording that cannot be played is such an end. */
const actCallee = (world: World, call: SimulatedCall, line: PhoneLine) =>
  performAll(call.answering?.steps ?? [], line.callee).pipe(
    Effect.catchTag("BadWav", ({ message }) =>
      Effect.map(Effect.logWarning(`simulated callee ${call.parameters.to}: ${message}`), () => {
        call.alert(world.now(), 0, message)
        return true
      })
    ),
    Effect.flatMap((hangsUp) => (hangsUp ? Effect.void : Effect.never))
  )

/** What Twilio does on the answered call, until its TwiML is done. */
const actTwilio = Effect.fnUntraced(function* (world: World, call: SimulatedCall, line: PhoneLine) {
  const { document, record, sendDigits } = call.parameters
  if (record !== undefined) yield* startRecording(world, call, line, record)
  const amd = yield* detectBefore(world, call, line)
  yield* Effect.sleep(world.timing.answerDelay)
  yield* pressDigits(line, sendDigits)
  const source = document._tag === "Fetch" ? { ...document, extra: [...document.extra, ...amd] } : document
  yield* runTwiml({ world, call, line }, source)
})

/** The call may have been given another limit while it lasted. */
const awaitLimit = Effect.fnUntraced(function* (world: World, call: SimulatedCall) {
  const left = () => (call.answeredAt ?? world.now()) + call.timeLimit * 1000 - world.now()
  while (left() > 0) yield* Effect.sleep(Duration.millis(left()))
  call.alert(world.now(), 32015, "maximum duration reached")
})

const firstOf = (...effects: ReadonlyArray<Effect.Effect<void>>): Effect.Effect<void> =>
  effects.reduce((first, other) => Effect.raceFirst(first, other), Effect.never)

const converse = Effect.fnUntraced(function* (world: World, call: SimulatedCall) {
  const echo = "answers" in call.script ? call.script.answers.echo : undefined
  const line = new PhoneLine(echo === undefined ? undefined : new LineEcho(echo))
  call.line = line
  call.answeredAt = world.now()
  move(world, call, "in-progress")
  yield* firstOf(
    actCallee(world, call, line),
    actTwilio(world, call, line),
    awaitLimit(world, call),
    Effect.zipRight(detectBeside(world, call, line), Effect.never),
    line.run
  )
  return hungUp
})

/** Everything that happens to the call if nobody ends it by REST. */
const journey = Effect.fnUntraced(function* (world: World, call: SimulatedCall): Effect.fn.Return<Ending> {
  const { script } = call
  yield* Effect.sleep(Duration.sum(Duration.millis(call.queueTime), world.timing.queue))
  call.startedAt = world.now()
  move(world, call, "initiated")
  yield* Effect.sleep(world.timing.dialDelay)
  if (!("answers" in script) && script.line !== "no-answer") {
    yield* Effect.sleep(busyDelay)
    return script.line === "busy" ? { status: "busy", sip: 486 } : { status: "failed", sip: 404 }
  }
  move(world, call, "ringing")
  const timeout = Duration.seconds(call.parameters.timeout)
  const ringing = "answers" in script ? Duration.seconds(script.answers.after) : Duration.infinity
  yield* Effect.sleep(Duration.min(ringing, timeout))
  if (Duration.greaterThanOrEqualTo(ringing, timeout)) return { status: "no-answer", sip: 487 }
  return yield* converse(world, call)
})

/** Lives the call to its end. Cancelled while it is queued, it was never dialled, and nobody is told (facts/twilio.md 1.2). */
export const liveCall = Effect.fnUntraced(function* (world: World, call: SimulatedCall) {
  const ending = yield* Effect.raceFirst(journey(world, call), Deferred.await(call.hangUp)).pipe(
    Effect.tapDefect((cause) => Effect.logError("a simulated call broke", cause)),
    Effect.catchAllDefect(() => Effect.succeed<Ending>({ status: "failed", sip: 500 }))
  )
  const at = world.now()
  call.endedAt = at
  call.updatedAt = at
  call.status = ending.status
  call.statuses.push({ at, status: ending.status })
  finishRecordings(world, call)
  if (call.startedAt !== undefined) notifyStatus(world, call, ending.status, ending)
  yield* Deferred.succeed(call.over, undefined)
  yield* Effect.sleep(world.timing.priceDelay)
  call.priced = true
})
