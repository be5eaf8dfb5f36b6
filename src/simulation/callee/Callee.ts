/** Performs a callee's script on its handset. Knows nothing of Twilio: time is the line's, audio goes through the line. */
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { speak, spokenMs } from "../audio/SpokenText.ts"
import { beep, music, noise } from "../audio/Tones.ts"
import { BadWav, readWav } from "../audio/Wav.ts"
import type { CalleeLine } from "./CalleeLine.ts"
import type { CalleeStep } from "./CalleeScript.ts"

/** Whether the callee has hung up. */
type HungUp = boolean

/** Ringing blips and clicks are no speech: the agent must have spoken this long. */
const speechMs = 60

/** Until the audio is said to its end. */
const utter = (line: CalleeLine, audio: Uint8Array) =>
  Effect.zipRight(
    Effect.sync(() => line.say(audio)),
    line.until(() => !line.speaking)
  )

const pause = (line: CalleeLine, seconds: number) =>
  Effect.suspend(() => {
    const end = line.ms + seconds * 1000
    return line.until(() => line.ms >= end)
  })

/** Waits for the agent to say something and be quiet again; returns what was understood. */
const listen = (
  line: CalleeLine,
  { atMost = 30, quiet = 0.8 }: { readonly quiet?: number; readonly atMost?: number }
) =>
  Effect.suspend(() => {
    const end = line.ms + atMost * 1000
    const spoke = () => line.agentSpoke >= speechMs && line.agentQuiet >= quiet * 1000
    return Effect.map(
      line.until(() => spoke() || line.ms >= end),
      () => line.mind()
    )
  })

/** Until the agent has spoken for so long. */
const intoSentence = (line: CalleeLine, after: number, atMost: number) =>
  Effect.suspend(() => {
    const end = line.ms + atMost * 1000
    return line.until(() => line.agentSpoke >= after * 1000 || line.ms >= end)
  })

const recording = (source: string | Uint8Array) =>
  typeof source !== "string"
    ? readWav(source)
    : Effect.try({
        try: () => readFileSync(source),
        catch: () => new BadWav({ message: `${source}: cannot be read` })
      }).pipe(Effect.flatMap(readWav))

const press = Effect.fnUntraced(function* (line: CalleeLine, digits: string) {
  for (const digit of digits) {
    line.press(digit)
    yield* pause(line, 0.2)
  }
})

/** Until a key of `keys` comes that nobody has dealt with; `undefined` when none comes in time. */
const awaitKey = Effect.fnUntraced(function* (line: CalleeLine, keys: ReadonlyArray<string>, from: number, ms: number) {
  const end = line.ms + ms
  const found = () => [...line.digits.slice(from)].find((digit) => keys.includes(digit))
  yield* line.until(() => found() !== undefined || line.ms >= end)
  return found()
})

const menu = Effect.fnUntraced(function* (
  line: CalleeLine,
  { options, patience = 6, prompt, times = 3 }: Extract<CalleeStep, { readonly menu: unknown }>["menu"]
) {
  const from = line.digits.length
  for (let asked = 0; asked < times; asked++) {
    line.say(speak(prompt))
    // a key may be pressed into the prompt
    const key = yield* awaitKey(line, Object.keys(options), from, spokenMs(prompt) + patience * 1000)
    if (key === undefined) continue
    yield* line.until(() => !line.speaking)
    line.mind()
    return yield* performAll(options[key] ?? [], line)
  }
  return true
})

const perform = Effect.fnUntraced(function* (step: CalleeStep, line: CalleeLine): Effect.fn.Return<HungUp, BadWav> {
  if ("say" in step) yield* utter(line, speak(step.say))
  else if ("play" in step) yield* utter(line, yield* recording(step.play))
  else if ("wait" in step) yield* pause(line, step.wait)
  else if ("listen" in step) yield* listen(line, step.listen)
  else if ("beep" in step) {
    line.beep(beep())
    yield* line.until(() => !line.speaking)
  } else if ("noise" in step) {
    const { after = 0, atMost = 30, for: seconds } = step.noise
    yield* intoSentence(line, after, atMost)
    yield* utter(line, noise(seconds * 1000))
  } else if ("music" in step) yield* utter(line, music(step.music * 1000))
  else if ("press" in step) yield* press(line, step.press)
  else if ("hangUp" in step) return true
  else if ("menu" in step) return yield* menu(line, step.menu)
  else if ("bargeIn" in step) {
    const { after, atMost = 30, say } = step.bargeIn
    yield* intoSentence(line, after, atMost)
    line.mind()
    yield* utter(line, speak(say))
  } else if ("expectDigits" in step) {
    const { atMost = 30, digits } = step.expectDigits
    const end = line.ms + atMost * 1000
    yield* line.until(() => line.digits.endsWith(digits) || line.ms >= end)
    return !line.digits.endsWith(digits)
  } else if ("reply" in step) {
    const heard = yield* listen(line, {})
    const found = step.reply.find(({ when }) => when === undefined || new RegExp(when, "i").test(heard))
    if (found?.say !== undefined) yield* utter(line, speak(found.say))
    return yield* performAll(found?.steps ?? [], line)
  } else {
    for (let round = 0; round < (step.repeat.times ?? Number.POSITIVE_INFINITY); round++) {
      const before = line.ms
      if (yield* performAll(step.repeat.steps, line)) return true
      // an endless loop of nothing would stop the world
      if (line.ms === before) yield* pause(line, 0.02)
    }
  }
  return false
})

/** Performs the steps in order; `true` as soon as the callee hangs up, `false` when there is nothing more to do. */
export const performAll = (steps: ReadonlyArray<CalleeStep>, line: CalleeLine): Effect.Effect<HungUp, BadWav> =>
  Effect.gen(function* () {
    for (const step of steps) if (yield* perform(step, line)) return true
    return false
  })
