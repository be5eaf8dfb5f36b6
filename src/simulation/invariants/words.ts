/** 5 and 6: the transcript says what was really said and heard, and the model remembers no more than that. */
import { Schema } from "effect"
import { Call } from "../../domain/Call.ts"
import { understand } from "../audio/SpokenText.ts"
import type { Utterance } from "../callee/CalleeLine.ts"
import type { Run } from "../world/Run.ts"
import { claims } from "./claims.ts"
import { givesBackAll, mayBeEcho, withoutEcho, withoutMixed } from "./echoes.ts"
import { silencedPhrases, withoutPhrases } from "./gapPhrase.ts"
import {
  endTold,
  has,
  type Invariant,
  letters,
  lettersOf,
  meantBy,
  responded,
  restarted,
  sessionLost
} from "./Invariant.ts"
import { kept } from "./kept.ts"
import { carried, endsIn, holdsBeginning, joined, lasts, playedRuns, sounds } from "./line.ts"
import { rejoined } from "./takenUp.ts"

/** A word that was cut off in the middle is not written down. */
const part = "[\\p{L}\\p{N}]{0,16}"

type Turns = NonNullable<Run["call"]>["transcript"]

/** What the simulated model writes down of a voice in which it finds no words: a part of one, or a tone cut off. */
const wordless = "[speech]"
const wordsOf = (text: string): string => text.replaceAll(wordless, "")

/**
 * `between`: what may be heard between two turns and is none; `behind`: the same behind the last one. `kept`: a sentence may have
 * been kept waiting within its last letter, of which no ear hears a part.
 */
const turnsOf = (turns: Turns, role: "assistant" | "user", between = "", behind = between, kept = false): RegExp =>
  new RegExp(
    `^${turns
      .filter((turn) => turn.role === role)
      .map(
        (turn) =>
          between +
          letters(wordsOf(turn.text)) +
          (kept && letters(wordsOf(turn.text)) !== "" ? "?" : "") +
          (turn.interrupted === true ? part : "")
      )
      .join("")}${behind}$`,
    "u"
  )

const spoken = (turns: Turns, role: "assistant" | "user") =>
  turns
    .filter((turn) => turn.role === role)
    .map(({ interrupted, text }) => (interrupted === true ? `${text}…` : text))
    .join(" | ")

/**
 * What is heard of the agent is not to be had exactly: audio or its marks were lost on the way, or whoever kept count died, or
 * the model wrote words that it never spoke.
 */
const ledgerBroken = (run: Run) =>
  restarted(run) ||
  responded(run, /lose-tail/) ||
  has(run, "cutMedia", "stopMedia", "muteMedia", "holdMedia", "stuffMedia", "delayMarks", "loseMarks", "jitter")

/** The apology, and what is said while there is no stream, is Twilio's voice, and no turn. */
const announced = ({ legs: [leg], sent }: Run) =>
  sent.some(({ form }) => form.get("Twiml")?.includes("<Response><Say") === true) ||
  leg?.heard.some(
    ({ at }) =>
      !leg.streams.some(({ endedAt = Number.POSITIVE_INFINITY, startedAt }) => startedAt <= at && at <= endedAt)
  ) === true

/** The model's text has words that its audio has not: nobody can know (facts/openai-realtime.md 9). */
const losesTails = ({ met }: Run) => met.some(({ fault }) => "response" in fault && fault.response.does === "lose-tail")

/** The model fell silent in the middle of a word, and nothing came after it. */
const modelSilenced = (run: Run) => has(run, "muteModel", "cutModel", "expireModel", "holdModel", "response")

/** Another stream began while the agent was heard: its sentence is taken up again, but for a part of a letter. */
const takenUpAgain = ({ heard, streams }: Run["legs"][number]) =>
  // a part of its first letter on the one before is not heard as such
  streams
    .slice(1)
    .some(({ startedAt }) => heard.some(({ at, ms }) => at - 300 < startedAt && startedAt < at + ms + 500))

/** The line went in the middle of what the agent was saying. */
const hungUpUpon = ({ endedAt = 0, heard }: Run["legs"][number]) => heard.some(({ at, ms }) => at + ms >= endedAt - 40)

/** Less than a word that was cut off, with the next turn right behind it, is no turn. */
const fragment = "[\\p{L}\\p{N}]{0,8}"

/** The model stopped in the middle of a word and began anew at once. */
const breaksOff = ({ met }: Run) =>
  met.some(({ fault }) => "response" in fault && fault.response.does === "content-filter")

/** Less than a word of a sentence that was cut off, or of a session that was lost, is no turn. */
const wordsHeard = (run: Run): string => {
  const [leg] = run.legs
  const turns = run.call?.transcript ?? []
  /** The last word of a sentence that the model has kept waiting, and that was heard to its end. */
  const isRest = (text: string) =>
    has(run, "holdModel", "response") &&
    turns.some(
      ({ interrupted, role, text: all }) =>
        role === "assistant" && interrupted !== true && all.endsWith(` ${text.trim()}`)
    )
  const cuts = [...(leg?.clears ?? []).map(({ at }) => at), leg?.endedAt ?? 0]
  return lettersOf(
    (leg === undefined ? [] : rejoined(run, leg).heard).filter(
      ({ at, ms, text }) =>
        text.trim().includes(" ") ||
        turns.some(
          (turn) => turn.role === "assistant" && turn.text !== "" && letters(text).endsWith(letters(turn.text))
        ) ||
        isRest(text) ||
        !(cuts.some((cut) => cut >= at && cut <= at + ms + 1_000) || (ms < 400 && run.sessions.length > 1))
    )
  )
}

/** Milliseconds; the resolution of a packet and of the ledger together, and a tick of the line. */
const tolerance = 60 + 20

const heardIsTrue: Invariant = {
  number: 5,
  says: "what the record says was heard is what was played, within 80 ms; the model remembers no unheard words",
  check: (run) => {
    const { call, legs, sessions } = run
    const [leg] = legs
    if (call === undefined || leg === undefined || ledgerBroken(run) || takenUpAgain(leg)) return []
    const wrong: Array<string> = []
    const heard = wordsHeard(run)
    const between = breaksOff(run) || leg.clears.length > 0 || modelSilenced(run) ? fragment : ""
    const behind = hungUpUpon(leg) ? fragment : between
    const keptWaiting = has(run, "holdModel") && leg.clears.length > 0
    const tells = [{ heard, turns: call.transcript }, withoutPhrases(run, heard, call.transcript)].some((one) =>
      turnsOf(one.turns, "assistant", between, behind, keptWaiting).test(one.heard)
    )
    if (!announced(run) && !losesTails(run) && !tells) {
      wrong.push(`the callee heard "${heard}", the record says "${spoken(call.transcript, "assistant")}"`)
    }
    for (const turn of call.transcript) {
      if (turn.role !== "assistant" || turn.heard === undefined) continue
      const said = sessions.flatMap((session) => session.said).filter(({ aside }) => !aside)
      const kept = turn.heard * 1000
      const items = meantBy(run, turn)
      if (items.length === 0) continue
      const sentences = has(run, "holdModel", "response") ? said.map((each) => each.audio()) : undefined
      const { audio } = rejoined(run, leg)
      const runs = items.flatMap((item) =>
        [audio, silencedPhrases(run, audio)].flatMap((line) => playedRuns(item.audio(), line, sentences).map(lasts))
      )
      // what stands in another sentence too cannot be told from it on the line: then it may be any of the places
      const isAmbiguous =
        said.filter((other) => items.some((item) => holdsBeginning(item.audio(), other.audio(), kept))).length > 1
      const longest = Math.max(0, ...runs)
      const fits = (played: number) => Math.abs(played - kept) <= tolerance
      // what seems to be its end, taken up behind a pause, may be another sentence that is nothing else
      const parted = items
        .filter((item) => said.some((other) => other !== item && endsIn(item.audio(), other.audio())))
        .flatMap((item) => playedRuns(item.audio(), leg.agentAudio).map(lasts))
      // less than a letter is not found on the line
      if (!(isAmbiguous ? [0, ...runs].some(fits) : [longest, ...parted].some(fits)))
        wrong.push(`"${turn.text}" was played for ${longest} ms, the record says ${Math.round(kept)} ms`)
    }
    return wrong
  }
}

/** What may be remembered beyond the last whole letter that was heard: 60 ms are one letter, and the letter that was cut. */
const unheardLetters = 2

/** The last session could not be heard of, or was gone, before the end: what it made up, or was told, cannot be taken back. */
const silenced = ({ met, sessions }: Run): boolean =>
  met.some(({ fault }) => {
    const spell =
      "muteModel" in fault
        ? fault.muteModel
        : "holdModel" in fault
          ? fault.holdModel
          : "cutModel" in fault
            ? fault.cutModel
            : undefined
    return spell !== undefined && (spell.nth ?? 1) === sessions.length
  })

const noUnheardMemory: Invariant = {
  number: 5,
  says: "the model's context holds no unheard text",
  check: (run) => {
    const [leg] = run.legs
    if (leg === undefined || ledgerBroken(run) || takenUpAgain(leg) || silenced(run)) return []
    const last = run.sessions.at(-1)
    if (last === undefined) return []
    const heard = letters(understand(rejoined(run, leg).audio))
    const asked = last.received.flatMap((event) =>
      event._tag === "Event" && event.type === "response.create" ? [event.at] : []
    )
    const wrong: Array<string> = []
    const memory = last.memory()
    // a session that took over from a lost one cannot forget what it was told, so it is told what was heard of it
    const correctedAt = memory.findLastIndex(
      (item) => item._tag === "Said" && item.role === "system" && /the callee heard/.test(item.text)
    )
    let from = 0
    for (const [index, item] of memory.entries()) {
      if (item._tag !== "Said" || item.role !== "assistant" || index < correctedAt) continue
      const text = letters(item.text)
      // what nobody asks any more misleads nobody: a fax got no word of the opening, and the session is closed
      const saidAt = last.said.find(({ itemId }) => itemId === item.id)?.at ?? 0
      if (text.length <= unheardLetters || !asked.some((at) => at > saidAt)) continue
      // in order, so that words that were heard once are not remembered twice
      const found = heard.indexOf(text.slice(0, Math.max(1, text.length - unheardLetters)), from)
      if (found < 0) wrong.push(`the model remembers saying "${item.text}", which the callee never heard`)
      else from = found + 1
    }
    return wrong
  }
}

/** The callee's words did not all reach us, or were not all written down for us. */
const unheard = (run: Run) =>
  restarted(run) ||
  givesBackAll(run) ||
  sessionLost(run) ||
  run.scenario.operations?.some((operation) => "hangUp" in operation) === true ||
  has(run, "cutMedia", "stopMedia", "muteMedia", "loseMedia", "holdMedia", "stuffMedia", "jitter") ||
  has(run, "transcription", "lateTranscription")

type Leg = Run["legs"][number]

/** Between two sentences, in milliseconds: whoever speaks so long after the other has ended spoke later, and not at once. */
const apart = 100

/** Quiet that a detector of speech may not notice: what is before it and after it is one turn, and so is music before words. */
const unnoticed = 1_000

interface Placed {
  readonly index: number
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Turns of which it is certain when they were spoken: their words were said once, and were prepared once. */
const placed = (turns: Turns, role: "assistant" | "user", spoken: ReadonlyArray<Utterance>): ReadonlyArray<Placed> =>
  turns.flatMap(({ interrupted, role: whose, text }, index) => {
    const isSame = (other: string) => letters(other) === letters(text)
    const [utterance, ...more] = spoken.filter((other) => isSame(other.text))
    // what was cut off in its last letter was heard as this was
    const alike = turns.filter((other) => isSame(other.text) || isSame(other.generated ?? ""))
    const isOnlyOne = alike.length === 1 && more.length === 0
    // of what was cut off more was heard than is written, so another piece may look more like it
    return whose === role && interrupted !== true && isOnlyOne && utterance !== undefined
      ? [{ index, from: utterance.at, to: utterance.at + utterance.ms, text }]
      : []
  })

/** Turns that stand in the record in another order than that in which they were spoken. */
const misplaced = (run: Run, turns: Turns, leg: Leg): ReadonlyArray<string> => {
  const { answeredAt = 0, calleeAudio, said } = leg
  const noises = joined(sounds(calleeAudio), unnoticed)
  /** Since when the callee's side was not quiet any more. */
  const noisySince = (at: number): number =>
    answeredAt +
    (noises.find(({ from, to }) => from <= at - answeredAt && to > at - answeredAt)?.from ?? at - answeredAt)
  const all = [
    ...placed(turns, "assistant", rejoined(run, leg).heard),
    ...placed(turns, "user", said)
      .filter(({ text }) => !mayBeEcho(run, text))
      .map((turn) => ({ ...turn, from: noisySince(turn.from) }))
  ]
  return all.flatMap((one) =>
    all
      .filter((other) => other.index > one.index && other.to + apart < one.from)
      .map((other) => `"${other.text}" was said before "${one.text}", the record has it after`)
  )
}

/** How many letters of what the callee began to say in the last moment of the call were too short to be taken for speech. */
const breath = (leg: Leg | undefined): number => {
  const last = leg?.said.at(-1)
  return last !== undefined && last.ms < 300 ? letters(last.text).length : 0
}

const transcript: Invariant = {
  number: 6,
  says: "the transcript is in the order of the conversation and has every completed turn, also after a kill",
  check: (run) => {
    const { call, legs } = run
    if (call === undefined) return []
    const wrong: Array<string> = []
    const said = (legs[0] === undefined ? [""] : carried(legs[0])).map(letters)
    const rest = breath(legs[0])
    const isTold = (words: string) =>
      withoutEcho(run, call.transcript).some((turns) =>
        [words.slice(0, words.length - rest), ...withoutMixed(run, words)].some((told) =>
          turnsOf(turns, "user").test(told)
        )
      )
    if (!unheard(run) && !said.some(isTold)) {
      wrong.push(`the callee said "${said[0]}", the record says "${spoken(call.transcript, "user")}"`)
    }
    const times = call.transcript.map((turn) => turn.timestamp.epochMillis)
    if (!has(run, "setClock") && times.some((time, index) => time < (times[index - 1] ?? 0))) {
      wrong.push(`the turns are not in order: ${call.transcript.map((turn) => turn.timestamp.toJSON()).join(", ")}`)
    }
    // what is held on its way is said to us when it comes
    // without marks it is not known how far a sentence had come that is taken up again
    const onTime = !has(
      run,
      "loseMarks",
      "delayMarks",
      "holdMedia",
      "stuffMedia",
      "stopMedia",
      "jitter",
      "holdModel",
      "muteModel"
    )
    if (legs[0] !== undefined && onTime) wrong.push(...misplaced(run, call.transcript, legs[0]))
    return wrong
  }
}

/** The disk took nothing at some time after the end, or just before it: all that is written of a call to its file is written then. */
const diskInTheWay = (run: Run): boolean => {
  const end = endTold(run) ?? run.endedAt
  return run.met.some(({ at, fault }) => {
    const spell = "fillDisk" in fault ? fault.fillDisk : "lockDatabase" in fault ? fault.lockDatabase : undefined
    return spell !== undefined && at + spell.for * 1000 > end - 1_000
  })
}

/** The files are copies: they may be behind the database only while the disk was in the way. */
const file: Invariant = {
  number: 6,
  says: "the file is the record",
  check: (run) => {
    const { call, file: written } = run
    if (call === undefined || call.endedAt === undefined || diskInTheWay(run)) return []
    const kept = JSON.stringify(Schema.encodeSync(Call)(call))
    if (written === undefined) return ["there is no file"]
    return JSON.stringify(written) === kept ? [] : [`the file says ${JSON.stringify(written)}, the database ${kept}`]
  }
}

export const words: ReadonlyArray<Invariant> = [heardIsTrue, noUnheardMemory, transcript, ...claims, kept, file]
