/** A file of callees: who is in it answers as it says, and everything wrong with it is told at once, by number and step. */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { readWav } from "../../src/simulation/audio/Wav.ts"
import { loadCallees } from "../../src/simulation/callee/calleesFile.ts"
import { documentedNumbers, polite } from "../../src/simulation/callee/numbers.ts"

const voice = fileURLToPath(new URL("../fixtures/dentist.wav", import.meta.url))

/** Loads this text as a file, with the recording `voices/dentist.wav` beside it. */
const load = (text: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    yield* fs.makeDirectory(`${folder}/voices`)
    yield* fs.copyFile(voice, `${folder}/voices/dentist.wav`)
    yield* fs.writeFileString(`${folder}/notes.txt`, "no recording")
    yield* fs.writeFileString(`${folder}/callees.yaml`, text)
    return yield* loadCallees(`${folder}/callees.yaml`)
  })

const problems = (text: string) =>
  Effect.map(Effect.flip(load(text)), (error) => error.message.split("\n").map((line) => line.replace(/^\S+: /, "")))

layer(NodeContext.layer)("a file of callees", (it) => {
  it.scoped("says who answers, by quoted and unquoted numbers; elsewhere the documented callees do", () =>
    Effect.gen(function* () {
      const at = yield* load(`
+15550100077: { line: busy }
"+15550100002": { answers: { after: 0, as: human, amdAfter: 1 }, steps: [{ say: Hi }, { hangUp: true }] }
+15550100078: { line: refused, code: 21215 }
`)
      expect(at("+15550100077")).toEqual({ line: "busy" })
      expect(at("+15550100002")).toMatchObject({ steps: [{ say: "Hi" }, { hangUp: true }] })
      expect(at("+15550100078")).toEqual({ line: "refused", code: 21215 })
      expect(at("+15550100003")).toBe(documentedNumbers.find(({ number }) => number === "+15550100003")?.script)
      expect(at("+442071838750")).toBe(polite)
    })
  )

  it.scoped("finds recordings beside itself, however deep the step", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const play = { play: yield* fs.readFile(voice) }
      expect((yield* readWav(play.play)).length).toBeGreaterThan(8000)
      const at = yield* load(`
+15550100077:
  answers: { after: 0, as: human, amdAfter: 1 }
  steps:
    - play: voices/dentist.wav
    - menu: { prompt: Press 1, options: { 1: [{ play: voices/dentist.wav }] } }
    - reply: [{ when: hello, steps: [{ play: ${voice} }] }, { say: What? }]
    - repeat: { times: 2, steps: [{ wait: 1 }, { play: ./voices/dentist.wav }] }
`)
      expect(at("+15550100077")).toEqual({
        answers: { after: 0, as: "human", amdAfter: 1 },
        steps: [
          play,
          { menu: { prompt: "Press 1", options: { 1: [play] } } },
          { reply: [{ when: "hello", steps: [play] }, { say: "What?" }] },
          { repeat: { times: 2, steps: [{ wait: 1 }, play] } }
        ]
      })
    })
  )

  it.scoped("is refused with all that is wrong in it, one line each", () =>
    Effect.gen(function* () {
      const verbs =
        "must have one of the keys say, play, wait, listen, bargeIn, beep, music, noise, press, expectDigits, hangUp, menu, reply, repeat"
      const found = yield* problems(`
+15550100077:
  answers: { after: 1, as: parrot, amdAfter: soon }
  steps:
    - say: ""
    - shout: hello
    - just text
    - { wait: -1, patience: 2 }
    - menu: { prompt: Press 1, options: { 1: [{ say: 3 }] } }
    - repeat: { steps: [{ reply: [{ when: "(", steps: [{ bargeIn: { after: 1 } }] }] }] }
    - hangUp: no
+15550100078: { line: bussy }
+15550100079: { line: refused }
+15550100080: { answers: { after: 1, as: human, amdAfter: 1 }, step: [] }
"12": { line: busy }
+15550100081: nothing
`)
      expect(found).toEqual([
        "12 is no number in E.164, such as +15550100001",
        "+15550100077: answers.as must be human, machine, fax or unknown",
        "+15550100077: answers.amdAfter must be a number of seconds, not below 0",
        "+15550100077, step 1: say must be a text that is not empty",
        `+15550100077, step 2: ${verbs}`,
        `+15550100077, step 3: ${verbs}`,
        "+15550100077, step 4: patience is not a known key. Known are wait.",
        "+15550100077, step 4: wait must be a number of seconds, not below 0",
        "+15550100077, step 5: menu.options.1[0].say must be a text that is not empty",
        "+15550100077, step 6: repeat.steps[0].reply[0].when must be a regular expression",
        "+15550100077, step 6: repeat.steps[0].reply[0].steps[0].bargeIn.say is missing",
        "+15550100077, step 7: hangUp must be true",
        "+15550100078: line must be busy, no-answer, failed, rate-limited, or refused with a code",
        "+15550100079: code is missing",
        "+15550100080: step is not a known key. Did you mean steps?",
        "+15550100080: steps is missing",
        "+15550100081: must have one of the keys line, answers"
      ])
    })
  )

  it.scoped("names each recording that cannot be played, each file that cannot be read", () =>
    Effect.gen(function* () {
      const found = yield* problems(`
+15550100077:
  answers: { after: 1, as: human, amdAfter: 1 }
  steps: [{ play: nowhere.wav }, { repeat: { steps: [{ play: notes.txt }] } }]
`)
      expect(found).toEqual([
        "+15550100077, step 1: play nowhere.wav: there is no such file",
        "+15550100077, step 2: repeat.steps[0].play notes.txt: not a WAV file"
      ])
      expect(yield* problems("- { line: busy }")).toEqual([
        "must be a map of numbers, such as +15550100001, to what happens there"
      ])
      expect(yield* problems("+15550100077: { line: busy")).toMatchObject([
        expect.stringContaining("is not valid YAML")
      ])
      expect((yield* Effect.flip(loadCallees("/nowhere.yaml"))).message).toBe("/nowhere.yaml: there is no such file")
    })
  )
})
