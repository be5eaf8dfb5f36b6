/**
 * One text frame as the part of a log line that holds it, and back. Called for every frame of every call: plain string work,
 * one `JSON.parse` at most. Audio is recognised by where it stands in the frames of Twilio and of Realtime.
 */
import { sineOf } from "../call/hearing/Beep.ts"
import { hertzOf, makeTones, tonalShare } from "../call/hearing/Tones.ts"
import type { Direction, EntryOf } from "./Entry.ts"

/** The members that hold audio, as both vendors and our adapters write them. */
const places = ['"payload":"', '"delta":"', '"audio":"'] as const
const audioFrame = /"event"\s*:\s*"media"|"type"\s*:\s*"(?:input_audio_buffer\.append|response\.output_audio\.delta)"/

interface Place {
  readonly from: number
  readonly to: number
}

const placeOf = (text: string): Place | undefined => {
  // it stands near the beginning or near the end, so a long payload is not searched
  if (!audioFrame.test(text.length > 2_000 ? text.slice(0, 1_000) + text.slice(-1_000) : text)) return undefined
  for (const place of places) {
    const at = text.indexOf(place)
    if (at === -1) continue
    const from = at + place.length
    const to = text.indexOf('"', from)
    return to === -1 ? undefined : { from, to }
  }
  return undefined
}

/** Mu-law bytes of nearly no amplitude: the lowest steps on either side of zero. */
const isQuiet = (byte: number): boolean => (byte & 0x7f) >= 0x70

/** 20 ms, as the callee is heard. */
const usualBytes = 160
const tones = makeTones()

const describe = (base64: string, dir: Direction) => {
  const bytes = Buffer.from(base64, "base64")
  const sound = !bytes.every(isQuiet)
  if (!sound || dir !== "in" || bytes.length !== usualBytes) return { bytes: bytes.length, sound }
  tones.read(bytes)
  const level = Math.round(Math.sqrt(tones.energy))
  const sine = sineOf(bytes)
  if (sine !== undefined) return { bytes: bytes.length, sound, level, tone: Math.round(sine.pitch), pure: true }
  return { bytes: bytes.length, sound, level, ...(tones.share < tonalShare ? {} : { tone: hertzOf(tones.band) }) }
}

/**
 * The members of a log line for this frame, without braces, as JSON text: `"is":"frame","frame":{…}`. Audio is kept only when
 * asked for, and only on its way in: on its way out it is what came in on the other side.
 */
export const frameMembers = (
  text: string | null,
  dir: Direction,
  { hide, keepAudio }: { readonly hide: (text: string) => string; readonly keepAudio: boolean }
): string => {
  if (text === null) return '"is":"text","text":null'
  const place = placeOf(text)
  const cut = place !== undefined && !(keepAudio && dir === "in")
  const shown = cut ? text.slice(0, place.from) + text.slice(place.to) : place === undefined ? hide(text) : text
  let value: unknown
  try {
    value = JSON.parse(shown)
  } catch {
    // audio in a frame that is no JSON is still somebody's voice
    return `"is":"text","text":${JSON.stringify(shown)}`
  }
  const frame = /[\r\n]/.test(shown) ? JSON.stringify(value) : shown
  if (!cut) return `"is":"frame","frame":${frame}`
  return `"is":"frame","frame":${frame},"audio":${JSON.stringify(describe(text.slice(place.from, place.to), dir))}`
}

/** Sound that no detector takes for silence, where the real one is not known. */
const loud = 0x10
const silent = 0xff

export type LeftOut = NonNullable<EntryOf<"frame">["audio"]>

const plainly = ({ bytes, sound }: LeftOut): Buffer => Buffer.alloc(bytes, sound ? loud : silent)

/** The frame again. Where audio was left out, as much of silence or of sound takes its place, or what `soundOf` makes of it. */
export const frameText = (
  { audio, frame }: Pick<EntryOf<"frame">, "audio" | "frame">,
  soundOf: (audio: LeftOut) => Buffer = plainly
): string => {
  const text = JSON.stringify(frame)
  if (audio === undefined) return text
  const base64 = soundOf(audio).toString("base64")
  for (const place of places) {
    const at = text.indexOf(`${place}"`)
    if (at !== -1) return text.slice(0, at + place.length) + base64 + text.slice(at + place.length)
  }
  return text
}
