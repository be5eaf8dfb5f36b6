/** 5 and 6: the transcript says what was really said and heard, and the model remembers no more than that. */
import { Schema } from "effect"
import { Call } from "../../domain/Call.ts"
import { silenceByte } from "../audio/MuLaw.ts"
import { understand } from "../audio/SpokenText.ts"
import type { Run } from "../world/Run.ts"
import { has, type Invariant, letters, lettersOf, restarted } from "./Invariant.ts"

/** A word that was cut off in the middle is not written down. */
const part = "[\\p{L}\\p{N}]{0,16}"

type Turns = NonNullable<Run["call"]>["transcript"]

const turnsOf = (turns: Turns, role: "assistant" | "user"): RegExp =>
  new RegExp(
    `^${turns
      .filter((turn) => turn.role === role)
      .map((turn) => letters(turn.text) + (turn.interrupted === true ? part : ""))
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

/** Milliseconds. A turn's time is when we began to play it; the callee hears it so much later at most. */
const underway = 2_000

/** How many milliseconds of this audio were played about `near`: the longest stretch of it, from its beginning, that is on the line. */
const playedOf = (audio: Uint8Array, line: Uint8Array, near: number): number => {
  const head = Buffer.from(audio.subarray(0, 480))
  const track = Buffer.from(line)
  let longest = 0
  const last = (near + underway) * 8
  for (let at = track.indexOf(head, Math.max(0, (near - underway) * 8)); at >= 0 && at <= last; ) {
    let length = 0
    let pause = 0
    while (length < audio.length && at + length + pause < track.length) {
      if (audio[length] === track[at + length + pause]) length++
      // the model kept it waiting in the middle of a sentence
      else if (length > 0 && track[at + length + pause] === silenceByte) pause++
      else break
    }
    longest = Math.max(longest, length)
    at = track.indexOf(head, at + 1)
  }
  return longest / 8
}

const heardIsTrue: Invariant = {
  number: 5,
  says: "what the record says was heard is what was played, within 60 ms; the model remembers no unheard words",
  check: (run) => {
    const { call, legs, sessions } = run
    const [leg] = legs
    if (call === undefined || leg === undefined || ledgerBroken(run)) return []
    const wrong: Array<string> = []
    const heard = wordsHeard(run)
    if (!announced(run) && !losesTails(run) && !turnsOf(call.transcript, "assistant").test(heard)) {
      wrong.push(`the callee heard "${heard}", the record says "${spoken(call.transcript, "assistant")}"`)
    }
    for (const turn of call.transcript) {
      if (turn.role !== "assistant" || turn.heard === undefined) continue
      const said = sessions
        .flatMap((session) => session.said)
        .filter(({ text }) => text === (turn.generated ?? turn.text))
      // the same words said twice cannot be told apart on the line
      const [first] = said
      const alike = sessions
        .flatMap((session) => session.said)
        .filter(({ text }) => text.slice(0, 4) === first?.text.slice(0, 4))
      if (alike.length !== 1) continue
      const played = playedOf(
        first?.audio() ?? new Uint8Array(),
        leg.agentAudio,
        turn.timestamp.epochMillis - (leg.answeredAt ?? 0)
      )
      if (Math.abs(played - turn.heard * 1000) > tolerance && played > 0) {
        wrong.push(`"${turn.text}" was played for ${played} ms, the record says ${Math.round(turn.heard * 1000)} ms`)
      }
    }
    return wrong
  }
}

const noUnheardMemory: Invariant = {
  number: 5,
  says: "the model's context holds no unheard text",
  check: (run) => {
    const [leg] = run.legs
    if (leg === undefined || ledgerBroken(run)) return []
    const heard = letters(understand(leg.agentAudio))
    const last = run.sessions.at(-1)
    // what is in a memory that nobody asks any more misleads nobody
    const asked = last?.received.findLast((entry) => entry._tag === "Event" && entry.type === "response.create")
    if (leg.endedAt !== undefined && (asked?.at ?? 0) < leg.endedAt) return []
    const memory = last?.memory() ?? []
    return memory.flatMap((item, index) => {
      if (item._tag !== "Said" || item.role !== "assistant") return []
      const text = letters(item.text)
      const corrected = memory
        .slice(index + 1)
        .some((later) => later._tag === "Said" && later.role === "system" && /the callee heard/.test(later.text))
      return text === "" || corrected || heard.includes(text.slice(0, Math.max(1, text.length - 16)))
        ? []
        : [`the model remembers saying "${item.text}", which the callee never heard`]
    })
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

/** The callee's words since there was a stream to carry them. */
const heardOfCallee = (leg: Run["legs"][number] | undefined): string => {
  const [stream] = leg?.streams ?? []
  if (leg?.answeredAt === undefined || stream === undefined) return ""
  return letters(understand(leg.calleeAudio.subarray((stream.startedAt - leg.answeredAt) * 8)))
}

/** How many letters of what the callee began to say in the last moment of the call were too short to be taken for speech. */
const breath = (leg: Run["legs"][number] | undefined): number => {
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
    const said = heardOfCallee(legs[0])
    if (
      !unheard(run) &&
      !turnsOf(call.transcript, "user").test(said) &&
      !turnsOf(call.transcript, "user").test(said.slice(0, said.length - breath(legs[0])))
    ) {
      wrong.push(`the callee said "${said}", the record says "${spoken(call.transcript, "user")}"`)
    }
    const times = call.transcript.map((turn) => turn.timestamp.epochMillis)
    if (!has(run, "setClock") && times.some((time, index) => time < (times[index - 1] ?? 0))) {
      wrong.push(`the turns are not in order: ${call.transcript.map((turn) => turn.timestamp.toJSON()).join(", ")}`)
    }
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
