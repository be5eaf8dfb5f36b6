/**
 * One call from dialling to its outcome: feeds what telephone, voice model, timers and owner report into the pure talk, and
 * carries out what that decides. Owns everything the call holds; all of it ends with the scope.
 */
import { Clock, Deferred, Duration, Effect, FiberSet } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { CallId } from "../domain/Ids.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import { isOpen } from "../domain/Question.ts"
import { type DialOrder, type FoundCall, type Leg, Telephone } from "../Telephone.ts"
import { makeTimers } from "../Timers.ts"
import { Transcripts } from "../Transcripts.ts"
import type { Command } from "./Command.ts"
import type { Fact } from "./Fact.ts"
import { recordOf } from "./failures.ts"
import { makeEars } from "./hearing/Ears.ts"
import { InOrder } from "./InOrder.ts"
import { instructionsOf } from "./Instructions.ts"
import { limitsOf, networkTimeLimit } from "./Limits.ts"
import { makeLineWork } from "./LineWork.ts"
import type { LiveCall } from "./LiveCall.ts"
import { makeRecorder } from "./Recorder.ts"
import { shinglesOf } from "./Shingles.ts"
import { makeTalkTimers } from "./TalkTimers.ts"
import { networkSays } from "./talk/acts/NetworkVoice.ts"
import { awaitsBeep } from "./talk/answerer/Machine.ts"
import { decide } from "./talk/decide.ts"
import { type Result, resultOf } from "./talk/ending/Result.ts"
import { type Span, spanOf } from "./talk/ending/Span.ts"
import { memoryOf } from "./talk/model/Memory.ts"
import { type Left, restore } from "./talk/model/TakeOver.ts"
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
export interface Ended extends Result, Span {
  readonly price: number | undefined
  readonly usage: number
}

/** How often the line is looked at, in milliseconds. */
const lookEvery = 250

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
  const timers = makeTalkTimers(after, tell)
  const work = yield* FiberSet.make<unknown, never>()
  const line = yield* Deferred.make<Leg>()
  const brief = { instructions: instructionsOf(config, order), tools: toolsOf(config, order) }
  const voice = yield* openVoiceLink(brief, {
    patience: Duration.millis(limits.patience),
    // the next session may be there only when that is over
    keeps: Duration.millis(limits.heardAgain + limits.patience),
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

  const record = makeRecorder(order, { live, writes, transcripts }, left?.call.incidents ?? [])
  const onLine = yield* makeLineWork(line, work, tell)
  let leg: Leg | undefined
  const heard = { at: now(), padded: now(), streaming: false, beeps: false }

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
      case "Transfer":
      case "AwaitTransfer":
      case "SayAndHangUp":
      case "HangUp":
        return onLine(command)
      case "SetTimer":
        return void timers.set(command.timer, command.ms)
      case "StopTimer":
        return void timers.stop(command.timer)
      default:
        return record(command)
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
    if (timers.isStale(fact) || voice.isStale(fact)) return undefined
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
      : telephone.resume(toDial, {
          ...left.found,
          away: left.standing.awayTo !== undefined,
          answered: left.call.answeredAt !== undefined
        })
    leg = dialled
    tell({ _tag: "Accepted" })
    yield* Deferred.succeed(line, dialled)
    yield* writes.write(transcripts.update(callId, { providerId: dialled.providerId }))
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

  const ended: Ended = {
    ...resultOf(talk),
    ...spanOf(talk, left?.call.answeredAt),
    price: talk.price,
    usage: talk.usage
  }
  return ended
}, Effect.scoped)
