/**
 * One call from dialling to its outcome: feeds what telephone, voice model, timers and owner report into the pure talk, and
 * carries out what that decides. Owns everything the call holds; all of it ends with the scope.
 */
import { Clock, DateTime, Deferred, Duration, Effect, Either, FiberSet } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { CallId } from "../domain/Ids.ts"
import type { Incident } from "../domain/Incident.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import { isOpen } from "../domain/Question.ts"
import { type DialOrder, type FoundCall, type Leg, Telephone } from "../Telephone.ts"
import { type Cancel, makeTimers } from "../Timers.ts"
import { type CallChange, Transcripts } from "../Transcripts.ts"
import type { Command } from "./Command.ts"
import type { Fact, TimerName } from "./Fact.ts"
import { recordOf } from "./failures.ts"
import { makeEars } from "./hearing/Ears.ts"
import * as Incidents from "./Incidents.ts"
import { InOrder } from "./InOrder.ts"
import { instructionsOf } from "./Instructions.ts"
import { limitsOf, networkTimeLimit } from "./Limits.ts"
import type { LiveCall } from "./LiveCall.ts"
import { checkNumber } from "./Policy.ts"
import { shinglesOf } from "./Shingles.ts"
import { decide } from "./talk/decide.ts"
import { awaitsBeep } from "./talk/Machine.ts"
import { memoryOf } from "./talk/Memory.ts"
import { networkSays } from "./talk/NetworkVoice.ts"
import { type Result, resultOf } from "./talk/Result.ts"
import { type Left, restore } from "./talk/TakeOver.ts"
import { begin, type Rules, type Talk } from "./talk/Talk.ts"
import { openVoiceLink } from "./VoiceLink.ts"
import { toolsOf } from "./VoiceTools.ts"
import type { Writes } from "./Writes.ts"

export interface CallOrder {
  readonly callId: CallId
  readonly to: PhoneNumber
  readonly task: string
  readonly context?: string
  /** Somebody is there to answer questions of the agent. */
  readonly questions?: boolean
}

/** A call of a process that died, which lives at the network and goes on here. */
export interface Resumption extends Left {
  readonly found: FoundCall
}

/** How the call ended, and what of it must be paid. */
export interface Ended extends Result {
  /** From answer to end; `undefined` when nobody answered. */
  readonly answeredMs: number | undefined
  readonly price: number | undefined
  readonly usage: number
}

/** How often the line is looked at, in milliseconds. */
const lookEvery = 250

const incidentOf = ({ at, gap, kind }: Extract<Command, { readonly _tag: "Incident" }>): Incident => ({
  at: DateTime.unsafeMake(Math.round(at)),
  kind,
  ...(gap === undefined ? {} : { gap: Math.round(gap) / 1000 })
})

const silence = (ms: number): string => Buffer.alloc(ms * 8, 0xff).toString("base64")

/**
 * Runs a call to its end, from the dialling or, with `left`, from where another process left it. Fails only when the voice model
 * cannot be had, in which case nothing was dialled; whatever else goes wrong is in the result. Turns, status and events are stored and published on the way, the end is not.
 */
export const runCall = Effect.fn("CallSession.run")(function* (
  order: CallOrder,
  live: LiveCall,
  writes: Writes,
  left?: Resumption
) {
  const config = yield* PhoneConfig
  const telephone = yield* Telephone
  const transcripts = yield* Transcripts
  const clock = yield* Effect.clock
  const { callId } = order
  const now = (): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6
  const { tell } = live

  const limits = limitsOf(config)
  const { after } = yield* makeTimers
  /** The timers that count: one that was stopped or set anew after it had gone off does so no more. */
  const armed = new Map<TimerName, { readonly due: Fact; readonly cancel: Cancel }>()
  const disarm = (timer: TimerName) => {
    armed.get(timer)?.cancel()
    armed.delete(timer)
  }
  const arm = (timer: TimerName, ms: number) => {
    disarm(timer)
    const due: Fact = { _tag: "Timer", timer }
    armed.set(timer, { due, cancel: after(ms, () => tell(due)) })
  }
  const work = yield* FiberSet.make<unknown, never>()
  const line = yield* Deferred.make<Leg>()
  const brief = { instructions: instructionsOf(config, order), tools: toolsOf(config, order) }
  const voice = yield* openVoiceLink(brief, {
    patience: Duration.millis(limits.patience),
    later: left !== undefined,
    now,
    tell
  })

  const rules: Rules = {
    limits,
    language: config.language,
    prepareOpening: config.prepareOpening,
    voicemail: config.voicemail,
    transferTo: config.transferTo,
    questions: order.questions ?? false,
    fallback: config.fallbackModel !== undefined,
    secret: shinglesOf(instructionsOf(config, { ...order, task: "", context: "" }))
  }
  const epoch = (yield* Clock.currentTimeMillis) - now()
  let talk: Talk = left === undefined ? begin(rules, epoch) : restore(rules, epoch, now(), left)

  let incidents: ReadonlyArray<Incident> = left?.call.incidents ?? []
  const update = (change: CallChange) => writes.write(transcripts.update(callId, change))

  /** Slow work with the leg runs beside the loop; what comes of it is a fact again. */
  const withLeg = <A, E>(
    use: (leg: Leg) => Effect.Effect<A, E>,
    report: (result: Either.Either<A, E>) => Effect.Effect<void>
  ) => FiberSet.run(work, Deferred.await(line).pipe(Effect.flatMap(use), Effect.either, Effect.flatMap(report)))

  const complain =
    <E extends { readonly message: string }>(what: string) =>
    (result: Either.Either<unknown, E>) =>
      Either.isLeft(result) ? Effect.logError(`${what}: ${result.left.message}`) : Effect.void

  let leg: Leg | undefined
  const heard = { at: now(), padded: now(), streaming: false, beeps: false }

  const transfer = (toolCallId: string, to: PhoneNumber) =>
    Effect.gen(function* () {
      const allowed = checkNumber(to, config, new Date(yield* Clock.currentTimeMillis))
      const failed = (problem: string) => tell({ _tag: "Transferred", toolCallId, result: "failed", problem })
      // the model is told why, and not the number
      if (Either.isLeft(allowed)) {
        const { left } = allowed
        return failed(`It may not be dialled (${left._tag === "CallNotAllowed" ? left.rule : "no valid number"}).`)
      }
      const optedOut = yield* transcripts.hasOptedOut(to).pipe(Effect.orElseSucceed(() => true))
      if (optedOut) return failed("It may not be dialled (do-not-call).")
      yield* withLeg(
        (leg) => leg.transfer(to, { timeout: config.ringTimeout }),
        Either.match({
          onLeft: (error) => Effect.sync(() => failed(error.message)),
          onRight: ({ code, result }) =>
            Effect.sync(() => {
              const problem = code === undefined ? {} : { problem: `It could not be connected (code ${code}).` }
              tell({ _tag: "Transferred", toolCallId, result, ...problem })
            })
        })
      )
    })

  /** Carries out a command: at once, what comes many times a second; of anything else, what is still to be done. */
  const execute = (command: Command): Effect.Effect<unknown> | undefined => {
    switch (command._tag) {
      case "Voice":
        return void voice.send(command.command)
      case "HearSilence":
        return void voice.hear(silence(command.ms))
      case "ReopenModel":
        return voice.reopen(memoryOf(talk), command)
      case "PrepareModel":
        return voice.prepare
      case "SwapModel":
        return voice.swap(command.memory, command.hearFrom)
      case "Play":
        leg?.play(command.bytes)
        return void leg?.mark(command.mark)
      case "Clear":
        return void leg?.clear()
      case "PressDigits":
        return withLeg(
          (leg) => leg.pressDigits(command.digits),
          (result) =>
            Effect.sync(() =>
              tell({
                _tag: "DigitsPressed",
                toolCallId: command.toolCallId,
                ...(Either.isLeft(result) ? { problem: result.left.message } : {})
              })
            )
        )
      case "Transfer":
        return transfer(command.toolCallId, command.to)
      case "PutTransfer":
        return Effect.gen(function* () {
          const transfer = { ...command.transfer, at: yield* DateTime.now }
          live.publish({ _tag: "Transfer", ...transfer })
          yield* update({ transferredTo: transfer })
        })
      case "SayAndHangUp":
        return withLeg(
          (leg) => leg.sayAndHangUp(command).pipe(Effect.catchAll(() => leg.hangUp)),
          complain("The apology could not be spoken, nor the line hung up")
        )
      case "HangUp":
        return withLeg((leg) => leg.hangUp, complain("The line could not be hung up"))
      case "SetTimer":
        return void arm(command.timer, command.ms)
      case "StopTimer":
        return void disarm(command.timer)
      case "Status":
        return Effect.gen(function* () {
          live.publish({ _tag: "Status", at: yield* DateTime.now, status: command.status })
          yield* update({ status: command.status })
        })
      case "Answered":
        return update({ answeredAt: new Date(Math.round(command.at)) })
      case "Away":
        return update({ away: command.away })
      case "Answerer":
        return update({
          ...(command.answeredBy === undefined ? {} : { answeredBy: command.answeredBy }),
          answeredByEvidence: command.evidence
        })
      case "PutTurn":
        live.publish({ _tag: "Turn", ...command.turn })
        return writes.write(transcripts.putTurn(callId, command.turn))
      case "Partial":
        return void live.publish(command)
      case "Incident":
        Incidents.count(command.kind)
        incidents = [...incidents, incidentOf(command)]
        return update({ incidents })
      case "OptOut":
        return writes.write(transcripts.optOut(order.to, callId))
      case "AskOwner":
        return Effect.gen(function* () {
          const at = yield* DateTime.now
          const { id, question } = command
          live.publish({ _tag: "Question", at, id, question })
          yield* writes.write(transcripts.putQuestion(callId, { id, question, askedAt: at }))
          yield* live.asked
        })
      case "CloseQuestion":
        return Effect.gen(function* () {
          const at = yield* DateTime.now
          const { closing, id } = command
          live.publish({ _tag: "Answered", at, id, ...closing })
          yield* writes.write(transcripts.closeQuestion(callId, id, closing))
        })
      case "AnswerReceived":
        return Effect.sync(() => live.received(command.receipt, command.fate))
    }
  }

  /** What takes its time, and then, in their turn, the commands behind it. */
  const goOn = function* (
    slow: Effect.Effect<unknown>,
    commands: Iterator<Command>
  ): Generator<Effect.Effect<unknown>> {
    yield slow
    for (let next = commands.next(); next.done !== true; next = commands.next()) {
      const rest = execute(next.value)
      if (rest !== undefined) yield rest
    }
  }

  /** Takes in a fact and does what it comes to. */
  const deal = (fact: Fact): Iterator<Effect.Effect<unknown>> | undefined => {
    if (fact._tag === "Timer" && armed.get(fact.timer)?.due !== fact) return undefined
    if (voice.isStale(fact)) return undefined
    const [next, commands] = decide(talk, fact, now())
    talk = next
    heard.streaming = talk.mediaUp
    heard.beeps = awaitsBeep(talk, now())
    const left = commands.values()
    for (let next = left.next(); next.done !== true; next = left.next()) {
      const slow = execute(next.value)
      if (slow !== undefined) return goOn(slow, left)
    }
    return undefined
  }
  const facts = new InOrder(deal, () => talk.phase === "done")

  /** A dead line sends nothing at all, not even silence. Looked at beside the stream, never in it. */
  const watchLine = () => {
    if (!heard.streaming) heard.at = now()
    else if (now() - heard.at >= limits.mediaSilence) tell({ _tag: "MediaSilent" })
    // where no audio comes, the model hears no end of a sentence (facts/twilio.md 7.2)
    else if (talk.speaking !== undefined && now() - Math.max(heard.at, heard.padded) >= limits.mediaPause) {
      heard.padded = now()
      voice.hear(silence(1_000))
    }
    after(lookEvery, watchLine)
  }

  const dial = Effect.gen(function* () {
    const toDial: DialOrder = {
      callId,
      to: order.to,
      from: config.phoneNumber,
      ringTimeout: config.ringTimeout,
      timeLimit: networkTimeLimit(config),
      record: config.recordCalls,
      detectMachine: true,
      absence: { wait: networkSays("wait", config.language), apology: networkSays("apology", config.language) }
    }
    const dialled = yield* left === undefined
      ? telephone.dial(toDial)
      : telephone.resume(toDial, { ...left.found, away: left.away, answered: left.call.answeredAt !== undefined })
    leg = dialled
    tell({ _tag: "Accepted" })
    yield* Deferred.succeed(line, dialled)
    yield* update({ providerId: dialled.providerId })
    const listen = makeEars(tell, () => heard.beeps)
    dialled.listen((frame) => {
      heard.at = now()
      listen(frame.payload)
      voice.hear(frame.payload)
    })
    after(lookEvery, watchLine)
    yield* dialled.follow(tell)
    // the leg is held until the call is over
    return yield* Effect.never
  }).pipe(
    Effect.catchAll((error) => Effect.sync(() => tell({ _tag: "DialFailed", error: recordOf(error) }))),
    Effect.scoped
  )

  const converse = Effect.gen(function* () {
    if (left !== undefined) {
      const open = left.call.questions?.find(isOpen)
      facts.take({ _tag: "TakenOver", askedAt: open?.askedAt.epochMillis })
      yield* facts.settle
      yield* FiberSet.run(work, dial)
    }
    // a hang-up may have been asked for while the model was being opened: then nothing is dialled
    live.listen(facts.take)
    yield* facts.settle
    if (left === undefined && talk.phase === "waiting") {
      facts.take({ _tag: "Dialed" })
      yield* facts.settle
      yield* FiberSet.run(work, dial)
    }
    yield* facts.follow
  })
  // a defect in anything this call has started ends the call, loudly
  yield* Effect.raceFirst(converse, FiberSet.join(work).pipe(Effect.zipRight(Effect.never))).pipe(
    Effect.raceFirst(voice.broken)
  )

  const { answeredAt, endedAt } = talk
  const ended: Ended = {
    ...resultOf(talk),
    answeredMs: answeredAt === undefined || endedAt === undefined ? undefined : endedAt - answeredAt,
    price: talk.price,
    usage: talk.usage
  }
  return ended
}, Effect.scoped)
