/** Audio that was left out of a log, as far as it is known: as loud, with the same tone, so that music is music again, and a beep a beep. */
import type { LeftOut } from "../../wirelog/frames.ts"
import { encodeSample, silenceByte } from "../audio/MuLaw.ts"

/** Sound in which no tone stands out is one where nobody looks for tones (`call/hearing/Tones.ts`). */
const noTone = 1_900
/** Of a log that does not tell how loud it was. */
const usual = 8_000

export const soundLike = ({ bytes, level = usual, pure = false, sound, tone = noTone }: LeftOut): Buffer => {
  const audio = Buffer.alloc(bytes, silenceByte)
  if (!sound) return audio
  // two samples in a row are one to whoever reads the level: that takes some of a high tone away, and all of the highest
  const peak = (level * Math.SQRT2) / Math.cos((Math.PI * tone) / 8_000)
  const highest = pure ? 0 : peak
  for (let n = 0; n < bytes; n++) {
    const sample = peak * Math.sin((2 * Math.PI * tone * n) / 8_000) + (n % 2 === 0 ? highest : -highest)
    audio[n] = encodeSample(Math.round(sample))
  }
  return audio
}
