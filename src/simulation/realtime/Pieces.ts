/** How speech is cut for the wire: odd lengths, words ahead of their audio (facts 4.3, 6). */
import { speak } from "../audio/SpokenText.ts"

export interface Piece {
  /** The words that go before this piece of audio; may be empty. */
  readonly delta: string
  /** Mu-law; may be empty. */
  readonly audio: Uint8Array
}

export interface Cut {
  /** The length of the next piece in bytes. */
  readonly length: () => number
  /** Bytes of audio that are lost at the end, though their words are told. */
  readonly lost: number
}

/** How much of the words is told with a part of the audio: half as much again, and a little to begin with. */
const lead = (part: number): number => Math.min(1, part * 1.5 + 0.05)

export function* piecesOf(text: string, cut: Cut): Generator<Piece> {
  const whole = speak(text)
  const audio = whole.subarray(0, Math.max(0, whole.length - cut.lost))
  let told = 0
  for (let from = 0; from < audio.length || told < text.length; ) {
    const length = cut.length()
    const piece = audio.subarray(from, from + (length % 160 === 0 ? length + 1 : length))
    from += piece.length
    const reach = Math.ceil(text.length * lead(from / Math.max(1, audio.length)))
    const space = text.indexOf(" ", Math.max(told, reach))
    const until = from >= audio.length || space < 0 ? text.length : space + 1
    yield { delta: text.slice(told, until), audio: piece }
    told = until
  }
}
