/** 5 and 6: the transcript says what was really said and heard, and the model remembers no more than that. */
import { Schema } from "effect"
import { Call } from "../../domain/Call.ts"
import { understand } from "../audio/SpokenText.ts"
import type { Run } from "../world/Run.ts"
import { has, type Invariant, letters, lettersOf, restarted } from "./Invariant.ts"
import { beginAlike, carried, lasts, playedRuns } from "./line.ts"

/** A word that was cut off in the middle is not written down. */
const part = "[\\p{L}\\p{N}]{0,16}"

type Turns = NonNullable<Run["call"]>["transcript"]

/** `between`: what may be heard between two turns and is none. */
const turnsOf = (turns: Turns, role: "assistant" | "user", between = ""): RegExp =>
  new RegExp(
    `^${turns
      .filter((turn) => turn.role === role)
      .map((turn) => between + letters(turn.text) + (turn.interrupted === true ? part : ""))
      .join("")}$`,
    "u"
  )

const spoken = (turns: Turns, role: "assistant" | "user") =>
  turns
    .filter((turn) => turn.role === role)
    .map(({ interrupted, text }) => (interrupted === true ? `${text}…` : text))
    .join(" | ")

/** What is heard of the agent is not to be had exactly: audio or its marks were lost on the way, or whoever kept count died. */
const ledgerBroken = (run: Run) =>
  restarted(run) ||
  has(
    run,
    "cutMedia",
    "stopMedia",
    "muteMedia",
    "holdMedia",
    "stuffMedia",
    "refuseMedia",
    "delayMarks",
    "loseMarks",
    "jitter",
    "loseMedia"
  )

/** The apology is Twilio's voice, and no turn. */
const announced = ({ sent }: Run) => sent.some(({ form }) => form.get("Twiml")?.includes("<Say") === true)

/** The model's text has words that its audio has not: nobody can know (facts/openai-realtime.md 9). */
const losesTails = ({ met }: Run) => met.some(({ fault }) => "response" in fault && fault.response.does === "lose-tail")

/** The model stopped in the middle of a word and began anew at once: the part of a word is no turn. */
const breaksOff = ({ met }: Run) =>
  met.some(({ fault }) => "response" in fault && fault.response.does === "content-filter")

/** Less than a word of a sentence that was cut off, or of a session that was lost, is no turn. */
const wordsHeard = (run: Run): string => {
  const [leg] = run.legs
  const turns = run.call?.transcript ?? []
  const cuts = [...(leg?.clears ?? []).map(({ at }) => at), leg?.endedAt ?? 0]
  return lettersOf(
    (leg?.heard ?? []).filter(
      ({ at, ms, text }) =>
        text.trim().includes(" ") ||
        turns.some((turn) => turn.role === "assistant" && letters(turn.text) === letters(text)) ||
        !(cuts.some((cut) => cut >= at && cut <= at + ms + 1_000) || (ms < 400 && run.sessions.length > 1))
    )
  )
}

/** Milliseconds; the resolution of a packet and of the ledger together. */
const tolerance = 60

const heardIsTrue: Invariant = {
  number: 5,
  says: "what the record says was heard is what was played, within 60 ms; the model remembers no unheard words",
  check: (run) => {
    const { call, legs, sessions } = run
    const [leg] = legs
    if (call === undefined || leg === undefined || ledgerBroken(run)) return []
    const wrong: Array<string> = []
    const heard = wordsHeard(run)
    if (
      !announced(run) &&
      !losesTails(run) &&
      !turnsOf(call.transcript, "assistant", breaksOff(run) ? part : "").test(heard)
    ) {
      wrong.push(`the callee heard "${heard}", the record says "${spoken(call.transcript, "assistant")}"`)
    }
    for (const turn of call.transcript) {
      if (turn.role !== "assistant" || turn.heard === undefined) continue
      const said = sessions.flatMap((session) => session.said)
      const items = said.filter(({ text }) => text === (turn.generated ?? turn.text))
      if (items.length === 0) continue
      const runs = items.flatMap((item) => playedRuns(item.audio(), leg.agentAudio).map(lasts))
      // what begins alike cannot be told apart on the line: then it may be any of the places where it began
      const isAmbiguous =
        said.filter((other) => items.some((item) => beginAlike(item.audio(), other.audio()))).length > 1
      const longest = Math.max(0, ...runs)
      const kept = turn.heard * 1000
      const fits = (played: number) => Math.abs(played - kept) <= tolerance
      if (!(isAmbiguous ? runs.some(fits) : fits(longest)))
        wrong.push(`"${turn.text}" was played for ${longest} ms, the record says ${Math.round(kept)} ms`)
    }
    return wrong
  }
}

/** What may be remembered beyond the last whole letter that was heard: 60 ms are one letter, and the letter that was cut. */
const unheardLetters = 2

const noUnheardMemory: Invariant = {
  number: 5,
  says: "the model's context holds no unheard text",
  check: (run) => {
    const [leg] = run.legs
    if (leg === undefined || ledgerBroken(run)) return []
    const last = run.sessions.at(-1)
    if (last === undefined) return []
    const heard = letters(understand(leg.agentAudio))
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
      if (text === "" || !asked.some((at) => at > saidAt)) continue
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
  run.scenario.operations?.some((operation) => "hangUp" in operation) === true ||
  has(
    run,
    "cutMedia",
    "stopMedia",
    "muteMedia",
    "loseMedia",
    "holdMedia",
    "refuseMedia",
    "stuffMedia",
    "refuseModel",
    "hangModel",
    "rejectModel",
    "cutModel",
    "muteModel",
    "holdModel",
    "expireModel",
    "response",
    "transcription",
    "lateTranscription",
    "jitter",
    "lockDatabase"
  )

type Leg = Run["legs"][number]

/** Between two sentences, in milliseconds: whoever speaks so long after the other has ended spoke later, and not at once. */
const apart = 100

/** Turns that stand in the record in another order than that in which they were spoken. */
const misplaced = (turns: Turns, leg: Leg | undefined): ReadonlyArray<string> => {
  const heard = (role: "assistant" | "user") => {
    const utterances = (role === "user" ? leg?.said : leg?.heard) ?? []
    return turns.flatMap((turn, index) => {
      const own = turn.role === role ? utterances.filter(({ text }) => letters(text) === letters(turn.text)) : []
      const [utterance] = own
      return utterance === undefined || own.length > 1 ? [] : [{ index, ...utterance }]
    })
  }
  const spokenTurns = [...heard("user"), ...heard("assistant")]
  return spokenTurns.flatMap((one) =>
    spokenTurns
      .filter((other) => other.index > one.index && other.at + other.ms + apart < one.at)
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
    const { call, events, legs } = run
    if (call === undefined) return []
    const wrong: Array<string> = []
    const said = (legs[0] === undefined ? [""] : carried(legs[0])).map(letters)
    const rest = breath(legs[0])
    const isTold = (words: string) =>
      [words, words.slice(0, words.length - rest)].some((told) => turnsOf(call.transcript, "user").test(told))
    if (!unheard(run) && !said.some(isTold)) {
      wrong.push(`the callee said "${said[0]}", the record says "${spoken(call.transcript, "user")}"`)
    }
    const times = call.transcript.map((turn) => turn.timestamp.epochMillis)
    if (!has(run, "setClock") && times.some((time, index) => time < (times[index - 1] ?? 0))) {
      wrong.push(`the turns are not in order: ${call.transcript.map((turn) => turn.timestamp.toJSON()).join(", ")}`)
    }
    wrong.push(...misplaced(call.transcript, legs[0]))
    for (const { event } of events) {
      if (event._tag !== "Turn" || event.turn.text === "") continue
      if (
        !call.transcript.some(
          (turn) => turn.role === event.turn.role && letters(turn.text).startsWith(letters(event.turn.text).slice(0, 8))
        )
      ) {
        wrong.push(`the turn "${event.turn.text}" was told, and is not in the record`)
      }
    }
    return wrong
  }
}

/** The files are copies: they may be behind the database only while the disk was in the way. */
const file: Invariant = {
  number: 6,
  says: "the file is the record",
  check: (run) => {
    const { call, file: written } = run
    if (call === undefined || call.endedAt === undefined || has(run, "fillDisk", "lockDatabase")) return []
    const kept = JSON.stringify(Schema.encodeSync(Call)(call))
    if (written === undefined) return ["there is no file"]
    return JSON.stringify(written) === kept ? [] : [`the file says ${JSON.stringify(written)}, the database ${kept}`]
  }
}

export const words: ReadonlyArray<Invariant> = [heardIsTrue, noUnheardMemory, transcript, file]
