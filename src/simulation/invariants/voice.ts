/** 4, 9 and 10: what the callee hears when the agent is interrupted, says goodbye, or talks to a machine. */
import { loudness } from "../audio/MuLaw.ts"
import { understand } from "../audio/SpokenText.ts"
import type { Run } from "../world/Run.ts"
import { has, type Invariant, letters, restarted, seconds } from "./Invariant.ts"

const frame = 160
const loud = 0.02

interface Stretch {
  /** Milliseconds since the answer. */
  readonly from: number
  readonly to: number
}

/** Stretches of sound on one side of the line; less than 60 ms of quiet does not end one. */
const sounds = (audio: Uint8Array): ReadonlyArray<Stretch> => {
  const found: Array<{ from: number; to: number }> = []
  for (let at = 0; at + frame <= audio.length; at += frame) {
    if (loudness(audio.subarray(at, at + frame)) < loud) continue
    const ms = at / 8
    const last = found.at(-1)
    if (last !== undefined && ms - last.to <= 40) last.to = ms + 20
    else found.push({ from: ms, to: ms + 20 })
  }
  return found
}

/** Marks and clears, and the audio they are about, did not arrive as they were sent. */
const mediaBroken = (run: Run) =>
  restarted(run) || has(run, "cutMedia", "stopMedia", "muteMedia", "holdMedia", "stuffMedia", "refuseMedia", "jitter")

const afterClear = 120

const notAfterClear: Invariant = {
  number: 4,
  says: "nothing of an interrupted item is heard later than 120 ms after the clear",
  check: (run) => {
    const [leg] = run.legs
    if (leg?.answeredAt === undefined || mediaBroken(run)) return []
    const { answeredAt, clears } = leg
    const stretches = sounds(leg.agentAudio)
    return clears.flatMap(({ at }) => {
      const clear = at - answeredAt
      const over = stretches.find(({ from, to }) => from < clear && to > clear + afterClear)
      return over === undefined
        ? []
        : [`at ${seconds(clear)} the buffer was cleared, and the agent was heard for ${over.to - clear} ms more`]
    })
  }
}

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

const goodbye: Invariant = {
  number: 9,
  says: "a goodbye that was started is heard to its end, unless the callee interrupts or leaves",
  check: (run) => {
    const [leg] = run.legs
    const { call, sessions } = run
    if (leg === undefined || call === undefined || mediaBroken(run) || !endedByAgent(run)) return []
    if (has(run, "cutModel", "muteModel", "holdModel", "expireModel", "response")) return []
    const goodbyes = sessions
      .flatMap((session) => session.said)
      .filter(({ aside, tag }) => !aside && tag?.startsWith("goodbye") === true)
    const last = goodbyes.at(-1)
    if (last === undefined || leg.clears.some(({ at }) => at >= last.at)) return []
    const heard = letters(understand(leg.agentAudio))
    return heard.includes(letters(last.text))
      ? []
      : [`of the goodbye "${last.text}" the callee heard only "${heard.slice(-60)}"`]
  }
}

const isMachine = ({ scenario: { callee } }: Run) =>
  callee === "voicemail" || (typeof callee === "object" && "answers" in callee && callee.answers.as === "machine")

const voicemail: Invariant = {
  number: 10,
  says: "a voicemail message starts after the greeting and is played whole, once",
  check: (run) => {
    const [leg] = run.legs
    const { call, sessions } = run
    if (leg === undefined || call?.answeredBy !== "voicemail" || !isMachine(run) || mediaBroken(run)) return []
    if (
      has(
        run,
        "cutModel",
        "muteModel",
        "holdModel",
        "expireModel",
        "response",
        "detect",
        "loseMarks",
        "delayMarks",
        "quirk"
      )
    )
      return []
    const messages = sessions
      .flatMap((session) => session.said)
      .filter(({ aside, tag, text }) => !aside && tag?.startsWith("voicemail") === true && text !== "")
    const heard = letters(understand(leg.agentAudio))
    const played = messages.filter(({ text }) => heard.includes(letters(text)))
    const wrong: Array<string> = []
    const times = messages.map(({ text }) => heard.split(letters(text)).length - 1)
    if (times.some((count) => count > 1)) wrong.push("the message was played more than once")
    const someHeard = messages.some(({ text }) => heard.includes(letters(text).slice(0, 12)))
    const leftByCallee = !endedByAgent(run)
    if (someHeard && played.length === 0 && !leftByCallee && leg.clears.length === 0)
      wrong.push("the message was not played whole")
    return wrong
  }
}

export const voice: ReadonlyArray<Invariant> = [notAfterClear, goodbye, voicemail]
