/**
 * Scenarios of the conversation once more, over real sockets and in real time, several at once: what virtual time proves is
 * not owed to it. It owns which of them: all else about them is in docs/examples/conversation.
 */
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { NodeContext } from "@effect/platform-node"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { judge } from "../../src/simulation/invariants/index.ts"
import { type Ears, unmet } from "../../src/simulation/scenario/expectations.ts"
import type { Expectation } from "../../src/simulation/scenario/Scenario.ts"
import { loadScenarios } from "../../src/simulation/scenario/scenarioFile.ts"
import { isForSockets, runOverSockets } from "./overSockets.ts"

/**
 * Of each file those that come out the same on a busy machine, where a second may be missing anywhere. The others stay in
 * virtual time alone:
 * - who speaks, hangs up or is detected at a moment within a word or a short sentence of ours ("mhm", coughs, echo, words
 *   into the goodbye, a verdict into the opening);
 * - faults at a moment of the conversation, or of its n-th response, that are another's on a slow machine;
 * - calls of more than 45 seconds, which test patience and not sockets;
 * - what needs a machine of its own (the service dies, clocks and disks).
 */
const chosen: Record<string, ReadonlyArray<string>> = {
  "01-answer.yaml": [
    "a hello is heard to its end, and answered by the prepared opening",
    "who says nothing is spoken to after the listening moment",
    "who asks a question at once gets the opening as the answer",
    "an opening that is not prepared is made while we listen"
  ],
  "02-ledger.yaml": ["without marks the sentences are whole, and the call ends"],
  "03-barge-in.yaml": [
    "who talks on has the word, and the rest of the sentence is not said",
    "a person is heard in our first second too"
  ],
  "04-screening-and-lines.yaml": ["a receptionist who asks for the reason is no call screening"],
  "04-who-answered.yaml": [
    "a verdict that never comes is not missed",
    'a voicemail is found out although the detector says "human", and gets one whole message after its beep',
    "no message where none is wanted",
    "a German voicemail is one, too",
    "a fax is hung up on"
  ],
  "05-menus.yaml": [
    "the model is asked when the prompt is over, and whoever answers behind it hears the opening",
    "keys that the callee presses reach the model as one",
    "Twilio refuses to press the keys once"
  ],
  "06-hold.yaml": [
    "music right behind the words, and a person right behind the music",
    "the voice model's session is lost on hold"
  ],
  "07-goodbye.yaml": [
    "the goodbye is heard to its end, then the line is dropped",
    "marks that never come back do not hold the line",
    "an end_call without a word is made to say goodbye",
    "two end_calls end the call once, and the first one counts",
    "an end_call that cannot be read ends the call, and the outcome is asked for",
    "keys that are asked for with the end are pressed before it",
    "who wishes not to be called again hears an apology and is not kept"
  ],
  "08-transfer.yaml": [
    "a destination that answers has the callee, and the call ends with their talk",
    "a destination that is busy brings the callee back",
    "a destination that cannot be routed brings the callee back",
    "two transfers in one breath are one, and end_call beside it waits for it"
  ],
  "09-line-and-service.yaml": [
    "9.1 the stream is cut in mid-sentence, and the sentence goes on",
    "9.2 two streams in a row are cut, and a third is asked for",
    "9.3 the stream drops and Twilio cannot be asked for another"
  ],
  "09-model.yaml": ["a model that freezes in an answer is replaced, and nothing is asked twice"],
  "10-sequencing.yaml": [
    "an answer of two sentences is heard as a whole",
    "a tool that does not exist is answered, and the model speaks on",
    "a call that is ended without a word ends with one",
    "a call that is ended twice ends once"
  ],
  "11-transcript.yaml": [
    "4.11 an empty text is no turn, and the conversation goes on",
    "4.11 a text that fails leaves its trace",
    "4.11 a text that never comes leaves its trace"
  ],
  "12-outcome.yaml": [
    "4.12 a success cites what the callee said",
    '4.12 a quote without its "not" is no evidence',
    "4.12 an outcome that is no JSON, twice, gives way to the facts",
    "4.12 a busy line is a fact"
  ],
  "13-brief.yaml": [
    "an agent that is told to transfer to a stranger transfers to nobody",
    "an agent that is told to call another number has no tool for it",
    "keys are keys, whatever is asked for",
    "a success that the callee dictates, without words of theirs behind it, is none",
    "headings, marks and roles in the task are words of the task"
  ]
}

/** The invariants that do not depend on how exactly a machine keeps time. */
const timeless = new Set([0, 1, 2, 3, 7, 8, 12])

const ears: ReadonlyArray<Ears> = ["line", "record"]

const folder = fileURLToPath(new URL("../../docs/examples/conversation", import.meta.url))

it("some of every file are chosen", () => {
  expect(
    readdirSync(folder)
      .filter((name) => name.endsWith(".yaml"))
      .sort()
  ).toEqual(Object.keys(chosen).sort())
})

for (const [file, names] of Object.entries(chosen)) {
  const scenarios = await Effect.runPromise(Effect.provide(loadScenarios(`${folder}/${file}`), NodeContext.layer))
  describe.concurrent(`${file} over sockets`, () => {
    it.each(names)("%s", { timeout: 240_000 }, async (name) => {
      const scenario = scenarios.find((each) => each.name === name)
      if (scenario === undefined || !isForSockets(scenario)) return expect.fail("there is no such scenario for sockets")
      const run = await runOverSockets(scenario)
      // how long a call takes, and what was slow in it, is the machine's affair here
      const { within: _, incidents: __, said, ...expected } = scenario.expect ?? {}
      const against = (expect: Expectation, by: Ears) => unmet({ ...run, scenario: { ...scenario, expect } }, by)
      expect(against(expected, "line")).toEqual([])
      // audio that a busy machine sent too late leaves a hole in a word for the ear, and none in the record
      const missed = ears.map((one) => against({ ...(said && { said }) }, one))
      expect(missed).toContainEqual([])
      expect(judge(run).filter(({ invariant }) => timeless.has(invariant))).toEqual([])
    })
  })
}
