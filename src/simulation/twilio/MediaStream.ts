/**
 * The protocol of one bidirectional media stream, Twilio's side (facts/twilio.md 7): what is sent for each tick of the line,
 * and what each message of the server does. Synchronous; how the socket came to be is `streamConnection.ts`'s business.
 */
import type { WireSocket } from "../../wire/Network.ts"
import { silentFrame } from "../audio/MuLaw.ts"
import { tickMs } from "../callee/CalleeLine.ts"
import type { FarEnd } from "./PhoneLine.ts"
import { Playout } from "./Playout.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"

const silentPayload = Buffer.from(silentFrame).toString("base64")

const base64 = (frame: Uint8Array) => Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString("base64")

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Exactly these keys, no more and no less: anything else is 31951. */
const hasKeys = (value: Readonly<Record<string, unknown>>, keys: ReadonlyArray<string>) =>
  Object.keys(value).length === keys.length && keys.every((key) => key in value)

/** The bytes of a payload; `undefined` if it is no base64. */
const decode = (payload: unknown): Uint8Array | undefined => {
  if (typeof payload !== "string") return undefined
  const bytes = Buffer.from(payload, "base64")
  const padding = payload.endsWith("==") ? 2 : payload.endsWith("=") ? 1 : 0
  return bytes.length === Math.floor(((payload.length - padding) * 3) / 4) ? new Uint8Array(bytes) : undefined
}

type ServerMessage =
  | { readonly event: "media"; readonly audio: Uint8Array }
  | { readonly event: "mark"; readonly name: string }
  | { readonly event: "clear" }

/** What the server sent, or what is wrong with it. */
const understand = (text: string, streamSid: string): ServerMessage | string => {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return "not JSON"
  }
  if (!isRecord(message)) return "not an object"
  const { event, mark, media } = message
  if (message.streamSid !== streamSid) return `wrong streamSid in ${String(event)}`
  if (event === "media") {
    if (!hasKeys(message, ["event", "streamSid", "media"]) || !isRecord(media) || !hasKeys(media, ["payload"])) {
      return "missing or extra fields in media"
    }
    const audio = decode(media.payload)
    return audio === undefined ? "payload is not base64" : { event, audio }
  }
  if (event === "mark") {
    return hasKeys(message, ["event", "streamSid", "mark"]) &&
      isRecord(mark) &&
      hasKeys(mark, ["name"]) &&
      typeof mark.name === "string"
      ? { event, name: mark.name }
      : "missing or extra fields in mark"
  }
  if (event === "clear") {
    return hasKeys(message, ["event", "streamSid"]) ? { event } : "extra fields in clear"
  }
  return `unknown event ${String(event)}`
}

export interface StreamStart {
  readonly sid: string
  readonly accountSid: string
  readonly parameters: Readonly<Record<string, string>>
}

export class MediaStream implements FarEnd {
  readonly #start: StreamStart
  readonly #socket: WireSocket
  readonly #call: SimulatedCall
  readonly #now: () => number
  readonly #playout = new Playout()
  /** One counter for all messages after `connected`; `start` is 1. */
  #sequence = 0
  #chunk = 0

  constructor(start: StreamStart, socket: WireSocket, call: SimulatedCall, now: () => number) {
    this.#start = start
    this.#socket = socket
    this.#call = call
    this.#now = now
  }

  #send(event: string, rest: object): void {
    const sequenceNumber = String(++this.#sequence)
    this.#socket.send(JSON.stringify({ event, sequenceNumber, ...rest, streamSid: this.#start.sid }))
  }

  /** `connected` and `start`, back to back. */
  begin(): void {
    this.#socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}')
    const { accountSid, parameters, sid } = this.#start
    this.#send("start", {
      start: {
        accountSid,
        streamSid: sid,
        callSid: this.#call.sid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: parameters
      }
    })
  }

  end(): void {
    this.#send("stop", { stop: { accountSid: this.#start.accountSid, callSid: this.#call.sid } })
    this.#socket.close(1000, "")
  }

  next(): Uint8Array | null {
    for (const name of this.#playout.played()) this.#echo(name, false)
    return this.#playout.next()
  }

  hear(frame: Uint8Array | null): void {
    const payload = frame === null ? silentPayload : base64(frame)
    const timestamp = ++this.#chunk * tickMs
    // by hand, and not by JSON.stringify: this is the one message that is sent 50 times a second
    this.#socket.send(
      `{"event":"media","sequenceNumber":"${++this.#sequence}","media":{"track":"inbound","chunk":"${this.#chunk}","timestamp":"${timestamp}","payload":"${payload}"},"streamSid":"${this.#start.sid}"}`
    )
  }

  digit(digit: string): void {
    this.#send("dtmf", { dtmf: { track: "inbound_track", digit } })
  }

  #echo(name: string, cleared: boolean): void {
    this.#call.marks.push({ at: this.#now(), streamSid: this.#start.sid, name, cleared })
    this.#send("mark", { mark: { name } })
  }

  #warn(code: number, why: string): void {
    this.#call.alert(this.#now(), code, `Stream ${this.#start.sid}: ${why}`)
  }

  /** A message of the server; `null`: a binary frame. */
  receive(text: string | null): void {
    if (text === null) return this.#warn(31950, "binary frame")
    const message = understand(text, this.#start.sid)
    if (typeof message === "string") return this.#warn(31951, message)
    if (message.event === "media") {
      if (!this.#playout.play(message.audio)) this.#warn(31931, "more than 10 minutes of audio buffered: discarded")
    } else if (message.event === "mark") {
      if (this.#playout.mark(message.name)) this.#echo(message.name, false)
    } else {
      const droppedMs = this.#playout.bufferedMs
      this.#call.clears.push({ at: this.#now(), streamSid: this.#start.sid, droppedMs })
      for (const name of this.#playout.clear()) this.#echo(name, true)
    }
  }
}
