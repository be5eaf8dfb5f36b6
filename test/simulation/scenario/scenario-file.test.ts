/** A file of scenarios: one, a list, several documents; and everything wrong in it is told at once, by scenario and place. */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Effect, Either, FastCheck } from "effect"
import { loadScenarios, readScenario } from "../../../src/simulation/scenario/scenarioFile.ts"
import { scenarios } from "../../../src/simulation/search/generate.ts"

const voice = fileURLToPath(new URL("../../fixtures/dentist.wav", import.meta.url))

/** Loads this text as a file, with the recording `voices/dentist.wav` beside it. */
const load = (text: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    yield* fs.makeDirectory(`${folder}/voices`)
    yield* fs.copyFile(voice, `${folder}/voices/dentist.wav`)
    yield* fs.writeFileString(`${folder}/scenarios.yaml`, text)
    return yield* loadScenarios(`${folder}/scenarios.yaml`)
  })

const problems = (text: string) =>
  Effect.map(Effect.flip(load(text)), (error) => error.message.split("\n").map((line) => line.replace(/^\S+: /, "")))

layer(NodeContext.layer)("a file of scenarios", (it) => {
  it.scoped("holds one, a list, or several documents of either", () =>
    Effect.gen(function* () {
      const names = (text: string) => Effect.map(load(text), (all) => all.map(({ call }) => call.task))
      expect(yield* names("call: { task: a }")).toEqual(["a"])
      expect(yield* names("- call: { task: a }\n- call: { task: b }")).toEqual(["a", "b"])
      expect(yield* names("---\ncall: { task: a }\n---\n---\n- call: { task: b }\n...\n")).toEqual(["a", "b"])
    })
  )

  it.scoped("takes numbers with and without quotes, and reads recordings beside itself", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const [plain, spoken] = yield* load(`
- call: { to: +15550100005, task: a }
  callee: +15550100005
  expect: { transferredTo: +15550100001 }
- call: { task: b }
  callee: { answers: { after: 0, as: human, amdAfter: 1 }, steps: [{ repeat: { steps: [{ play: voices/dentist.wav }] } }] }
`)
      expect(plain).toEqual({
        call: { to: "+15550100005", task: "a" },
        callee: "+15550100005",
        expect: { transferredTo: "+15550100001" }
      })
      expect(spoken?.callee).toMatchObject({ steps: [{ repeat: { steps: [{ play: yield* fs.readFile(voice) }] } }] })
    })
  )

  it.scoped("is refused with all that is wrong in it, one line each, with what is allowed", () =>
    Effect.gen(function* () {
      const found = yield* problems(`
- name: first
  call: { to: "+15550100001", tsk: x }
  callee: hostle
  seed: 1.5
  faults:
    - cutModle: { after: 3 }
    - cutModel: { aftr: 3 }
    - response: { nth: 0, does: dropp }
    - { kill: { at: 3 }, jitter: { upTo: 1 } }
  operations: [{ hangup: { at: 3 } }, { say: { at: -1, text: Hi } }]
  agent: [{ head: x }, { press: 12# 4 }, { end: { success: perhaps } }]
  config: { maxCallDuraton: 3, maxCallDuration: 1, provider: twilio, doNotCall: [nobody] }
  expect: { status: complete, said: Hello, whithin: 3, answeredBy: cat, digits: 12 }
---
call: { task: y }
callee: { answers: { after: 1, as: parrot, amdAfter: 1 }, steps: [{ say: hi }, { sya: x }, { play: nowhere.wav }] }
---
call: { task: z }
callee: { answers: { after: 1, as: human, amdAfter: 1 }, steps: [{ play: nowhere.wav }] }
--- 
just text
`)
      expect(found).toEqual([
        "scenario 1 (first): seed must be a whole number",
        "scenario 1 (first): call.tsk is not a known key. Did you mean task?",
        "scenario 1 (first): call.task is missing",
        "scenario 1 (first): agent line 1: head is not a known key. Did you mean heard?",
        'scenario 1 (first): agent line 2: press must be keys in quotes, such as "42#"',
        "scenario 1 (first): agent line 3: end.success must be true or false",
        "scenario 1 (first): agent line 3: end.summary is missing",
        "scenario 1 (first): fault 1: has the unknown key cutModle. Did you mean cutModel?",
        "scenario 1 (first): fault 2: cutModel.aftr is not a known key. Did you mean after?",
        "scenario 1 (first): fault 2: cutModel.after is missing",
        "scenario 1 (first): fault 3: response.nth must be a whole number, counted from 1",
        "scenario 1 (first): fault 3: response.does must be one of rate-limit, server-error, content-filter, slow, lose-tail, noise, outrun-cancel, drop, freeze",
        "scenario 1 (first): fault 4: has the keys jitter and kill: only one per entry",
        "scenario 1 (first): operation 1: has the unknown key hangup. Did you mean hangUp?",
        "scenario 1 (first): operation 2: say.at must be a number of seconds, not below 0",
        "scenario 1 (first): expect.whithin is not a known key. Did you mean within?",
        "scenario 1 (first): expect.status must be completed, busy, no-answer, failed, canceled or refused",
        "scenario 1 (first): expect.answeredBy must be human, voicemail, screening, fax or unknown",
        'scenario 1 (first): expect.said must be a list of texts, such as ["Tuesday", "2 pm"]',
        'scenario 1 (first): expect.digits must be keys in quotes, such as "42#"',
        "scenario 1 (first): callee hostle is not known. Did you mean hostile?",
        "scenario 1 (first): config.provider is not for a scenario: the simulation sets it",
        "scenario 1 (first): config.maxCallDuraton is not a known key. Did you mean maxCallDuration?",
        "scenario 1 (first): config.maxCallDuration must be a number of seconds from 10 to 14000",
        'scenario 1 (first): config.doNotCall[0] must be a number in E.164 and in quotes, such as "+15551234567"',
        "scenario 2: callee.answers.as must be human, machine, fax or unknown",
        "scenario 2: callee, step 2: has the unknown key sya. Did you mean say?",
        "scenario 3: callee, step 1: play nowhere.wav: there is no such file",
        "scenario 4: must be keys with values: name, seed, call, callee, agent, config, faults, operations, expect"
      ])
    })
  )

  it.scoped("is told in a few words where a list or keys are wanted, and something else stands", () =>
    Effect.gen(function* () {
      const wrong = (text: string) => problems(`call: { task: a }\n${text}`)
      const list = 'must be a list: begin each entry with "- "'
      expect(yield* wrong("faults: { cutModel: { after: 3 } }")).toEqual([`faults ${list}`])
      expect(yield* wrong("agent: { say: Hello }")).toEqual([`agent ${list}`])
      expect(yield* wrong("operations: { hangUp: { at: 3 } }")).toEqual([`operations ${list}`])
      expect(yield* wrong("operations:\n  - hangUp: 3")).toEqual(["operation 1: hangUp must be keys with values: at"])
      expect(yield* wrong("expect:")).toEqual([
        expect.stringMatching(/^expect must be keys with values: status, success, /)
      ])
      expect(yield* wrong("callee: { answers: 3, steps: 3 }")).toEqual([
        "callee.answers must be keys with values: after, as, amdAfter, echo",
        `callee.steps ${list}`
      ])
    })
  )

  it.scoped("takes a number without a plus for what it is in quotes", () =>
    Effect.gen(function* () {
      const [plain, quoted] = yield* load('- call: { to: 5550100005, task: a }\n- call: { to: "5550100005", task: a }')
      expect(plain).toEqual(quoted)
      expect(plain?.call.to).toBe("5550100005")
    })
  )

  it.scoped("is refused when a line of the agent does nothing, or names what there is not", () =>
    Effect.gen(function* () {
      const wrong = (text: string) => problems(`call: { task: a }\n${text}`)
      expect(yield* wrong('agent: [{}, { heard: "how can I help" }, { tag: openning, say: Hello }]')).toEqual([
        "agent line 1: does nothing: give it say, press, transfer, call, end",
        "agent line 2: does nothing: give it say, press, transfer, call, end",
        "agent line 3: tag is not known. Did you mean opening?"
      ])
      expect(yield* wrong("expect: { error: CallNotAlowed }")).toEqual([
        "expect.error is not known. Did you mean CallNotAllowed?"
      ])
      expect(
        yield* wrong(
          'config: { transferTo: { manager: "+15550100007" } }\nagent: [{ transfer: manger }]\nexpect: { transferredTo: boss }'
        )
      ).toEqual([
        "agent line 1: transfer manger is neither a name of config.transferTo nor a number. Did you mean manager?",
        "expect.transferredTo boss is neither a name of config.transferTo nor a number. Known are manager."
      ])
      expect(yield* wrong("agent: [{ transfer: nobody }]")).toEqual([
        "agent line 1: transfer nobody is neither a name of config.transferTo nor a number. config.transferTo has none."
      ])
    })
  )

  it.scoped("is refused when it has two things in one entry, or nothing where words or time are wanted", () =>
    Effect.gen(function* () {
      const wrong = (text: string) => problems(`call: { task: a }\n${text}`)
      expect(yield* wrong("faults: [{ cutModel: { after: 3 }, muteModel: { after: 4 } }]")).toEqual([
        "fault 1: has the keys cutModel and muteModel: only one per entry"
      ])
      expect(yield* wrong("operations: [{ hangUp: { at: 3 }, stop: { at: 4 } }]")).toEqual([
        "operation 1: has the keys hangUp and stop: only one per entry"
      ])
      const steps = (text: string) => `callee: { answers: { after: 1, as: human, amdAfter: 1 }, steps: [${text}] }`
      expect(yield* wrong(steps("{ say: Hello, menu: { prompt: Press 1, options: {} } }"))).toEqual([
        "callee, step 1: has the keys say and menu: only one per entry"
      ])
      const blank = "must be a text that is not blank"
      expect(yield* problems('call: { task: "" }')).toEqual([`call.task ${blank}`])
      expect(yield* wrong('agent: [{ say: "" }, { heard: " ", say: Yes }, { turn: 0, say: Hello }]')).toEqual([
        `agent line 1: say ${blank}`,
        `agent line 2: heard ${blank}`
      ])
      expect(yield* wrong("agent: [{ turn: -1, say: Hello }]")).toEqual([
        "agent line 1: turn must be a whole number, not below 0"
      ])
      expect(yield* wrong('operations: [{ say: { at: 3, text: "" } }]')).toEqual([`operation 1: say.text ${blank}`])
      expect(yield* wrong('expect: { within: 0, summary: "", said: [""] }')).toEqual([
        `expect.summary ${blank}`,
        'expect.said must be a list of texts, such as ["Tuesday", "2 pm"]',
        "expect.within must be a number of seconds above 0"
      ])
    })
  )

  it.scoped("that is none is refused in one line", () =>
    Effect.gen(function* () {
      expect(yield* problems("")).toEqual(["holds no scenario"])
      expect(yield* problems("# nothing yet\n---\n")).toEqual(["holds no scenario"])
      expect(yield* problems("call: { task: a }\ncall: { task: b")).toMatchObject([
        expect.stringContaining("not valid YAML")
      ])
      expect(yield* problems("call: { task: a }\nconfig: maxCallDuration")).toEqual([
        "config must be keys of the configuration with their values"
      ])
      expect((yield* Effect.flip(loadScenarios("/nowhere.yaml"))).message).toBe("/nowhere.yaml: there is no such file")
    })
  )

  it("can hold every scenario that the search makes up", () => {
    FastCheck.assert(
      FastCheck.property(scenarios, (scenario) => {
        const written: unknown = JSON.parse(JSON.stringify(scenario))
        expect(readScenario(written)).toEqual(Either.right(written))
      })
    )
  })

  it("whatever it holds, it is a scenario or problems, never a crash", () => {
    const key = FastCheck.constantFrom("call", "callee", "config", "expect", "faults", "agent", "operations", "seed")
    const mess = FastCheck.dictionary(key, FastCheck.jsonValue())
    FastCheck.assert(
      FastCheck.property(FastCheck.oneof(mess, FastCheck.jsonValue()), (value) => {
        const read = readScenario(value)
        if (Either.isLeft(read)) expect(read.left.every((line) => line.length > 0)).toBe(true)
      })
    )
  })
})
