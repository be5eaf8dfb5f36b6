/** The TwiML that this adapter speaks, as text (facts/twilio.md 6). Pure: which of it is said when is decided elsewhere. */
import type { Announcement } from "../Telephone.ts"

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;"
}

/** Escapes for text and attributes, and leaves out what XML 1.0 cannot hold at all. */
export const escapeXml = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the ones XML forbids
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"']/g, (character) => entities[character] ?? "")

const element = (name: string, attributes: Readonly<Record<string, string | number>>, content = ""): string => {
  const head = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
  return content === "" ? `<${name}${head.join("")}/>` : `<${name}${head.join("")}>${content}</${name}>`
}

/** A whole document of these verbs. */
export const document = (...verbs: ReadonlyArray<string>): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${element("Response", {}, verbs.join(""))}`

export const hangUp = element("Hangup", {})

export const pause = (seconds: number): string => element("Pause", { length: seconds })

/** Records both sides in two channels, untrimmed (so that times in it are times of the call), until the call ends. */
export const record = (callback: string): string =>
  element(
    "Start",
    {},
    element("Recording", {
      channels: "dual",
      trim: "do-not-trim",
      recordingStatusCallback: callback,
      recordingStatusCallbackEvent: "completed absent"
    })
  )

/** Opens a media stream in both directions; the parameters come back in its `start` message. */
export const connect = (stream: {
  readonly url: string
  readonly statusCallback: string
  readonly parameters: Readonly<Record<string, string>>
}): string =>
  element(
    "Connect",
    {},
    element(
      "Stream",
      { url: stream.url, statusCallback: stream.statusCallback },
      Object.entries(stream.parameters)
        .map(([name, value]) => element("Parameter", { name, value }))
        .join("")
    )
  )

export const playDigits = (digits: string): string => element("Play", { digits })

/**
 * Spoken by Twilio itself, in a voice that has the language. Cut to what inline TwiML can hold (4000 characters in all).
 */
export const say = ({ language, text }: Announcement): string =>
  element("Say", { voice: "alice", language }, escapeXml(text.trim().slice(0, 600)))

/** Connects the callee with somebody else. `answered` is told when that one picks up, `action` when it is over. */
export const dial = (to: {
  readonly number: string
  readonly callerId: string
  readonly timeout: number
  readonly action: string
  readonly answered: string
}): string =>
  element(
    "Dial",
    { action: to.action, method: "POST", timeout: to.timeout, callerId: to.callerId },
    element("Number", { statusCallback: to.answered, statusCallbackEvent: "answered" }, escapeXml(to.number))
  )
