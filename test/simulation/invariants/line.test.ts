/** How much of a sentence was played is found in the sound of the line itself. */
import { expect, test } from "vitest"
import { silence, speak } from "../../../src/simulation/audio/SpokenText.ts"
import { lasts, playedRuns } from "../../../src/simulation/invariants/line.ts"

const opening = speak("Hello, this is an AI assistant.")
const reply = speak("I see.")
const heard = "Hello, this is an A"

const line = (...pieces: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(pieces))
const played = (audio: Uint8Array) => playedRuns(opening, audio, [opening, reply]).map(lasts)

test("a sentence that the model has kept waiting in the middle is played to its end", () => {
  const waited = line(speak(heard), silence(400), speak("I assis"), silence(200), speak("tant."), silence(100), reply)
  expect(played(waited)).toEqual([opening.length / 8])
  expect(playedRuns(opening, waited).map(lasts)).toEqual([heard.length * 60])
})

test("another sentence that begins with the letters it goes on with is not its rest", () => {
  expect(played(line(speak(heard), silence(400), reply))).toEqual([heard.length * 60])
})

test("what was only written is played nowhere", () => {
  expect(playedRuns(new Uint8Array(), line(opening, silence(100)))).toEqual([])
})
