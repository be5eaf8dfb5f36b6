/** 9 and 10: what the callee hears to its end, when the agent says goodbye or talks to a machine. */
import { Either, Schema } from "effect"
import { understand } from "../audio/SpokenText.ts"
import type { AnsweringScript, CalleeStep } from "../callee/CalleeScript.ts"
import type { Said } from "../realtime/Journal.ts"
import type { Run } from "../world/Run.ts"
import { calleeOf } from "../world/simulate.ts"
import { forgotten } from "./forgotten.ts"
import { has, type Invariant, letters, modelBroke, restarted } from "./Invariant.ts"
import { lasts, playedRuns, type Stretch, sounds } from "./line.ts"
import { rejoined } from "./takenUp.ts"

/** What we sent did not arrive, or the proofs of its playing did not, and nobody could wait for them. */
const mediaBroken = (run: Run) =>
  restarted(run) || has(run, "refuseMedia", "cutMedia", "stopMedia", "muteMedia", "holdMedia", "stuffMedia")

/** The service ended the call, and nothing but the agent's own goodbye made it do so. */
const endedByAgent = (run: Run) => {
  const [leg] = run.legs
  const hungUp = leg?.requests.some(
    ({ parameters, status }) =>
      status === 200 && parameters.some(([name, value]) => name === "Status" && value === "completed")
  )
  const forced = run.scenario.operations?.some((operation) => "hangUp" in operation || "stop" in operation) === true
  return hungUp === true && !forced && run.call?.status === "completed"
}

const Ending = Schema.Struct({ name: Schema.Literal("end_call"), response_id: Schema.String })
const isEnding = Schema.is(Ending)

/** What was said to take leave: when a goodbye was asked for, or in the same breath as the model ended the call. */
const goodbyesOf = ({ sessions }: Run): ReadonlyArray<Said> =>
  sessions.flatMap(({ said, sent }) => {
    const endings = new Set(sent.flatMap(({ event }) => (isEnding(event) ? [event.response_id] : [])))
    return said.filter(
      ({ aside, responseId, tag, text }) =>
        !aside && text !== "" && (tag?.startsWith("goodbye") === true || endings.has(responseId))
    )
  })

const Cancelled = Schema.Struct({ response: Schema.Struct({ id: Schema.String, status: Schema.Literal("cancelled") }) })
const isCancelled = Schema.is(Cancelled)

/** Whoever made a sound so short a time before may have been waited for, or have spoken what was written down late: in milliseconds. */
const lately = 3_000

/** When we took it back: it was canceled, or forgotten because the callee spoke. */
const takenBackAt = ({ sessions }: Run, { itemId, responseId }: Said, { answeredAt = 0, calleeAudio }: Leg) => {
  const spoke = (at: number) =>
    sounds(calleeAudio).some(({ from, to }) => from + answeredAt <= at && at <= to + answeredAt + lately)
  return Math.min(
    ...sessions.flatMap((session) => [
      ...session.sent.flatMap(({ at, event }) => (isCancelled(event) && event.response.id === responseId ? [at] : [])),
      ...forgotten(session).flatMap(({ at, itemId: of, ms }) => (of === itemId && ms === 0 && spoke(at) ? [at] : []))
    ])
  )
}

/** We took it back before a sound of it was played: words of the callee made it wrong. */
const neverStarted = (run: Run, said: Said, leg: Leg, { audio, onLine }: ReturnType<typeof rejoined>): boolean => {
  const until = takenBackAt(run, said, leg)
  const begun = playedRuns(said.audio(), audio).map(({ from }) => onLine(from) + (leg.answeredAt ?? 0))
  return Number.isFinite(until) && !begun.some((at) => at >= said.at && at <= until)
}

const goodbye: Invariant = {
  number: 9,
  says: "a goodbye that was started is heard to its end, unless the callee interrupts or leaves",
  check: (run) => {
    const [leg] = run.legs
    if (leg === undefined || mediaBroken(run) || modelBroke(run) || !endedByAgent(run)) return []
    // marks that are late keep the audio waiting, and the hang-up waits for no more than two seconds
    if (has(run, "delayMarks", "loseMarks")) return []
    const last = goodbyesOf(run).at(-1)
    const line = rejoined(run, leg)
    // a callee who interrupts it takes it back; one who only says "bye" into it hears it to its end
    if (last === undefined || leg.clears.some(({ at }) => at >= last.at && !line.clears.has(at))) return []
    if (neverStarted(run, last, leg, line)) return []
    // what is late by chance is not found again in the audio to the letter
    if (has(run, "jitter") && leg.clears.some(({ at }) => at >= last.at)) return []
    // taken up on another stream, a part of a letter is lost
    if (leg.streams.some(({ startedAt }) => startedAt >= last.at)) return []
    const heard = letters(understand(line.audio))
    // what comes late by chance may leave a gap, also in the middle of a letter: then all of its sound must be there
    const sentences = run.sessions.flatMap(({ said }) => said.map(({ audio }) => audio()))
    const isWhole =
      has(run, "jitter") &&
      playedRuns(last.audio(), line.audio, sentences).some((played) => lasts(played) * 8 >= last.audio().length)
    return isWhole || heard.includes(letters(last.text))
      ? []
      : [`of the goodbye "${last.text}" the callee heard only "${heard.slice(-60)}"`]
  }
}

type Leg = Run["legs"][number]

const machineOf = ({ scenario }: Run): AnsweringScript | undefined => {
  const script = Either.getOrUndefined(calleeOf(scenario))
  return script !== undefined && "answers" in script && script.answers.as === "machine" ? script : undefined
}

/** A mailbox that says that it takes no message, as the library's full one does: nothing can be left there. */
const takesNone = ({ said }: Leg): boolean => said.some(({ text }) => /takes no messages/i.test(text))

/** A message that begins so long before the machine falls silent was not waiting for that, in milliseconds. */
const overlap = 60

/** Where a message was played, begun once or again; before the model had said it, it was something else that begins alike. */
const playings = ({ agentAudio, answeredAt = 0 }: Leg, message: Said): ReadonlyArray<Stretch> =>
  playedRuns(message.audio(), agentAudio).filter(({ from }) => from + answeredAt >= message.at)

const longest = (stretches: ReadonlyArray<Stretch>): ReadonlyArray<Stretch> =>
  stretches.toSorted((a, b) => lasts(b) - lasts(a)).slice(0, 1)

/** A detector that is wrong about the end of a greeting is believed; other verdicts say nothing of it. */
const endClaimed = ({ met }: Run): boolean =>
  met.some(({ fault }) => "detect" in fault && fault.detect.as.startsWith("machine_end_"))

const tooEarly = (leg: Leg, begun: Stretch): ReadonlyArray<string> => {
  const { answeredAt = 0, webhooks } = leg
  // whoever speaks on after the network has told the end of the greeting is no greeting
  const toldOver = webhooks.some(
    ({ at, parameters }) =>
      at <= begun.from + answeredAt && parameters.some(([key, value]) => key === "AnsweredBy" && /_end_/.test(value))
  )
  if (toldOver) return []
  const greeting = sounds(leg.calleeAudio).find(({ from, to }) => from < begun.from && to > begun.from + overlap)
  return greeting === undefined
    ? []
    : [`the message began ${Math.round(greeting.to - begun.from)} ms before the greeting was over`]
}

/** Steps with which a machine only speaks; at any other its greeting is over, if no tone ends it. */
const speaks = (step: CalleeStep) => "say" in step || "wait" in step || "play" in step || "music" in step

/** Where the sentences of the greeting were said: up to the first tone, or until the machine listens. */
const greetingOf = ({ steps }: AnsweringScript, { answeredAt = 0, said }: Leg): ReadonlyArray<Stretch> => {
  const tone = steps.findIndex((step) => "beep" in step)
  const end = tone >= 0 ? tone : steps.findIndex((step) => !speaks(step))
  const sentences = steps.slice(0, end < 0 ? steps.length : end).flatMap((step) => ("say" in step ? [step.say] : []))
  return said
    .filter(({ text }) => text !== "" && sentences.some((sentence) => sentence.startsWith(text)))
    .map(({ at, ms }) => ({ from: at - answeredAt, to: at - answeredAt + ms }))
}

/** By then a service that listens has noticed that the greeting goes on, and has fallen silent: in milliseconds. */
const noticed = 2_000

/**
 * For how long the greeting went on into each message, in their order, in milliseconds. A pause may be taken for the end of a
 * greeting, but not for long: who goes on is listened to, and hears the message anew, once.
 */
const together = (script: AnsweringScript, leg: Leg, messages: ReadonlyArray<Said>): ReadonlyArray<number> => {
  const greeting = greetingOf(script, leg)
  return messages
    .flatMap((message) => playings(leg, message))
    .toSorted((a, b) => a.from - b.from)
    .flatMap(({ from, to }) =>
      greeting.flatMap((said) => (said.from > from && said.from < to ? [Math.min(said.to, to) - said.from] : []))
    )
}

const timesHeard = (texts: ReadonlyArray<string>, heard: string): number =>
  [...new Set(texts)].reduce((sum, text) => sum + heard.split(text).length - 1, 0)

/** Milliseconds; a sound without words is a tone, if it is no longer. */
const tone = 1_000

/** Whether the machine gave a tone into a message: what was said before it is not on the tape, and is said again. */
const hasToneIn = (leg: Leg, messages: ReadonlyArray<Said>): boolean =>
  messages
    .flatMap((message) => playings(leg, message))
    .some(({ from, to }) =>
      leg.said.some(({ at, ms, text }) => {
        const begins = at - (leg.answeredAt ?? at)
        return text === "" && ms <= tone && begins > from && begins < to
      })
    )

/** So many letters are told in a second and a half. What was cut off before that got nowhere, and may be begun anew. */
const nowhere = 25

/** Whether a message, or a sentence of it, was told too often. One that was cut off is none beside the whole that follows. */
const isToldAgain = (messages: ReadonlyArray<Said>, heard: string, allowed: number): boolean => {
  // one message may have several sentences, each an item of its response
  const items = Map.groupBy(messages, ({ responseId }) => responseId)
  const tries = [...items.values()].map((said) => letters(said.map(({ text }) => text).join(" ")))
  const whole = tries.filter((text) => !tries.some((other) => other.length > text.length && other.startsWith(text)))
  const sentences = messages
    .map(({ text }) => letters(text))
    .filter((text) => tries.length === 1 || text.length >= nowhere)
  return timesHeard(whole, heard) > allowed || sentences.some((text) => timesHeard([text], heard) > allowed)
}

const voicemail: Invariant = {
  number: 10,
  says: "a voicemail message starts after the greeting and is played whole, once",
  check: (run) => {
    const [leg] = run.legs
    const { call, scenario, sessions } = run
    const machine = machineOf(run)
    if (leg === undefined || call?.answeredBy !== "voicemail" || machine === undefined) return []
    if (mediaBroken(run) || modelBroke(run)) return []
    const messages = sessions
      .flatMap((session) => session.said)
      .filter(({ aside, tag, text }) => !aside && tag?.startsWith("voicemail") === true && text !== "")
    const heard = letters(understand(leg.agentAudio))
    const played = timesHeard(
      messages.map(({ text }) => letters(text)),
      heard
    )
    const begun = messages.flatMap((message) => longest(playings(leg, message)))
    const wrong: Array<string> = []
    const overGreeting = together(machine, leg, messages)
    if (isToldAgain(messages, heard, overGreeting.length === 0 && !hasToneIn(leg, messages) ? 1 : 2))
      wrong.push("the message was played more than once")
    const interrupted = leg.clears.some(({ at }) => messages.some((message) => message.at <= at))
    if (endedByAgent(run) && played === 0 && !interrupted) {
      if (begun.length > 0) wrong.push("the message was not played whole")
      else if (scenario.config?.voicemail !== "hang-up" && !takesNone(leg) && !has(run, "quirk", "response"))
        wrong.push("no message was left")
    }
    const [first = 0] = overGreeting
    if (first > noticed) wrong.push(`the greeting went on for ${Math.round(first)} ms into the message`)
    if (!endClaimed(run)) for (const each of begun) wrong.push(...tooEarly(leg, each))
    return wrong
  }
}

export const voice: ReadonlyArray<Invariant> = [goodbye, voicemail]
