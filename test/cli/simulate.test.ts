/** `phone simulate …` as a user or a script runs it: what passes, what does not and why, and how to have it again. */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { phone } from "./support.ts"

const file = (text: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    yield* fs.writeFileString(`${folder}/scenarios.yaml`, text)
    return `${folder}/scenarios.yaml`
  })

const good = `
name: it is busy
call: { task: Ask when they close. }
callee: busy
config: { prepareOpening: false }
expect: { status: busy }
`
const bad = `
name: "<nobody> & co"
seed: 4
call: { task: Ask when they close. }
callee: no-answer
config: { prepareOpening: false }
faults: [{ cutMedia: { after: 1 } }]
expect: { status: completed, said: [Hello] }
`

layer(NodeContext.layer, { excludeTestServices: true })("phone simulate", (it) => {
  it.scoped("a scenario that passes is a line, and exits 0", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* phone(["simulate", yield* file(good)])
      expect([code, err, out]).toEqual([0, [], ["✓ it is busy  seed 1  busy", "1 run, all passed."]])
    })
  )

  it.scoped(
    "one that does not says what was expected and what came, the story, and how to have it again; exits 1",
    () =>
      Effect.gen(function* () {
        const path = yield* file(`${good}---${bad}`)
        const { code, out } = yield* phone(["simulate", path])
        expect(code).toBe(1)
        expect(out.slice(0, 5)).toEqual([
          "✓ it is busy  seed 1  busy",
          "✗ <nobody> & co  seed 4  no answer",
          "    status: expected completed, came no-answer",
          '    said: expected "Hello", the callee heard nothing',
          "    fault 1: cutMedia never had an occasion"
        ])
        expect(out.slice(5, -2).join("\n")).toMatch(
          /^ {8}0\.000 {2}phone {3}the service starts\n(.*\n)*.*is told: no-answer/
        )
        expect(out.slice(-2)).toEqual([`    again: phone simulate ${path} --seed 4 --timeline`, "2 runs, 1 failed."])
      })
  )

  it.scoped("the command it gives does the same again", () =>
    Effect.gen(function* () {
      const path = yield* file(bad)
      const first = yield* phone(["simulate", path])
      const again = first.out.find((line) => line.includes("again: phone "))?.split("again: phone ")[1] ?? ""
      expect((yield* phone(again.split(" "))).out).toEqual(first.out)
    })
  )

  it.scoped("with many seeds a scenario that passes stays a line", () =>
    Effect.gen(function* () {
      const many = yield* phone(["simulate", yield* file(good), "--runs", "3"])
      expect(many.out).toEqual(["✓ it is busy  3 seeds  busy", "3 runs, all passed."])
      const failing = yield* phone(["simulate", yield* file(bad), "--runs", "2", "--seed", "8"])
      expect(failing.out.filter((line) => line.startsWith("✗"))).toEqual([
        "✗ <nobody> & co  seed 8  no answer",
        "✗ <nobody> & co  seed 9  no answer"
      ])
      expect(failing.out.filter((line) => line.endsWith("the service starts"))).toHaveLength(1)
      expect(failing.code).toBe(1)
    })
  )

  it.scoped("--json is one object, --junit a report beside it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* file(`${good}---${bad}`)
      const { code, out } = yield* phone(["simulate", path, "--json", "--junit", `${path}.xml`])
      expect([code, out.length]).toEqual([1, 1])
      expect(JSON.parse(out[0] ?? "")).toMatchObject({
        passed: false,
        runs: [
          { file: path, name: "it is busy", seed: 1, passed: true, unmet: [], breaches: [], call: { status: "busy" } },
          { name: "<nobody> & co", seed: 4, passed: false, idle: ["fault 1: cutMedia"], call: { status: "no-answer" } }
        ]
      })
      const report = yield* fs.readFileString(`${path}.xml`)
      expect(report).toContain(`<testsuite name="${path}" tests="2" failures="1">`)
      expect(report).toContain('name="&lt;nobody&gt; &amp; co (seed 4)"')
      expect(report).toContain('<failure message="status: expected completed, came no-answer">')
      expect(report.match(/<testcase /g)).toHaveLength(2)
    })
  )

  it.scoped("without a file a call is tried out, and its conversation shown", () =>
    Effect.gen(function* () {
      const { code, out } = yield* phone(["simulate", "--callee", "wrong-number", "--task", "Book John's table"])
      expect(code).toBe(0)
      expect(out[0]).toMatch(/^✓ Book John's table {2}seed 1 {2}completed, not successful, \d+ s$/)
      expect(out.join("\n")).toContain("callee  I think you have the wrong number. This is a bakery.")
      const other = yield* phone(["simulate", yield* file(good), "--callee", "no-answer"])
      expect(other.out.join("\n")).toContain("status: expected busy, came no-answer")
      expect(other.out.at(-2)).toMatch(/--callee no-answer --seed 1 --timeline$/)
    })
  )

  it.scoped("what is wrong with what was asked is told before anything is tried, and exits 2", () =>
    Effect.gen(function* () {
      const wrong = yield* file("call: { task: a }\nfaults: [{ cutModle: { after: 1 } }]")
      const asked: ReadonlyArray<readonly [ReadonlyArray<string>, ReadonlyArray<string>]> = [
        [[wrong, yield* file(good)], [`✗ ${wrong}: fault 1: has the unknown key cutModle. Did you mean cutModel?`]],
        [["/nowhere.yaml"], ["✗ /nowhere.yaml: there is no such file"]],
        [["--replay", "/nowhere.jsonl"], ["✗ /nowhere.jsonl: there is no such file"]],
        [["--task", " "], ["✗ --task must be a text that is not blank."]],
        [[], ["✗ Give a file of scenarios, or --task or --callee to try a call out. See docs/scenarios.md."]]
      ]
      for (const [args, lines] of asked) {
        const { code, err, out } = yield* phone(["simulate", ...args])
        expect([code, err, out]).toEqual([2, lines, []])
      }
      const nobody = yield* phone(["simulate", "--callee", "nobody", "--json"])
      expect(nobody.code).toBe(2)
      expect(JSON.parse(nobody.out[0] ?? "")).toMatchObject({ error: { type: "CannotSimulate" } })
    })
  )

  it.scoped("a number that cannot be is refused with its option and what was written", () =>
    Effect.gen(function* () {
      const path = yield* file(good)
      const asked: ReadonlyArray<readonly [option: string, written: string, is: string]> = [
        ["--runs", "0", "a whole number from 1 to 100000"],
        ["--runs", "abc", "a whole number from 1 to 100000"],
        ["--runs", "", "a whole number from 1 to 100000"],
        ["--seed", "1.5", "a whole number"]
      ]
      for (const [option, written, is] of asked) {
        const { code, err, out } = yield* phone(["simulate", path, option, written])
        expect([code, err[0], out]).toEqual([2, `${option} must be ${is}, not "${written}".`, []])
      }
      const limit = yield* phone(["history", "--limit", "1001"])
      expect(limit.err[0]).toBe('--limit must be a whole number from 1 to 1000, not "1001".')
    })
  )

  it.scoped("a call that is refused does not pass, unless the scenario says so", () =>
    Effect.gen(function* () {
      const path = yield* file(
        `call: { to: "911", task: a }\n---\ncall: { to: "911", task: a }\nexpect: { status: refused }`
      )
      const { code, out } = yield* phone(["simulate", path])
      expect(code).toBe(1)
      expect(out.slice(0, 2)).toEqual([
        "✗ a  seed 1  refused: CallNotAllowed",
        "    refused: expect names it neither as status nor as error (CallNotAllowed: 911 is an emergency number. Phone never dials those.)"
      ])
      expect(out.slice(-2)).toEqual(["✓ a  seed 1  refused: CallNotAllowed", "2 runs, 1 failed."])
    })
  )

  it.scoped("with many seeds, and in the report, what never had an occasion is told", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* file(`${good}faults: [{ cutModel: { after: 3000 } }]\nagent: [{ turn: 9, say: Oh }]`)
      const { code, out } = yield* phone(["simulate", path, "--runs", "2", "--junit", `${path}.xml`])
      expect([code, out]).toEqual([
        0,
        [
          "✓ it is busy  2 seeds  busy",
          "    fault 1: cutModel never had an occasion with 2 of 2 seeds",
          "    agent line 1 never had an occasion with 2 of 2 seeds",
          "2 runs, all passed."
        ]
      ])
      const report = yield* fs.readFileString(`${path}.xml`)
      const told = "fault 1: cutModel never had an occasion\nagent line 1 never had an occasion"
      expect(report.split(`<system-out>${told}</system-out>`)).toHaveLength(3)
      expect(report).toContain('failures="0"')
    })
  )

  it.scoped("options that do not exist, or would do nothing, are refused before anything is tried", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* file(good)
      const alone = "✗ --replay runs one recorded call again, with --strict, --timeline and --json alone."
      const asked: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [[path, "--timline"], "✗ There is no option --timline. Did you mean --timeline?"],
        [[path, "--strict"], "✗ --strict is for a call that is run again: it goes with --replay."],
        [[path, "--config", "x.yaml"], "✗ --config is for the real model: it goes with --real-model."],
        [
          ["--replay", "x.jsonl", path, "--callee", "hostile", "--runs", "5", "--junit", `${path}.xml`],
          `${alone} Leave out ${path}, --callee, --runs, --junit.`
        ]
      ]
      for (const [args, line] of asked) {
        const { code, err, out } = yield* phone(["simulate", ...args])
        expect([code, err, out]).toEqual([2, [line], []])
      }
      expect(yield* fs.exists(`${path}.xml`)).toBe(false)
      const nowhere = yield* phone(["simulate", path, "--junit", "/nowhere/report.xml"])
      expect([nowhere.code, nowhere.out]).toEqual([2, []])
      expect(nowhere.err.join()).toMatch(/^✗ \/nowhere\/report\.xml: cannot be written: /)
    })
  )

  it.scoped("--help shows every option and what one types", () =>
    Effect.gen(function* () {
      const { code, out } = yield* phone(["simulate", "--help"])
      const help = out.join("\n")
      expect(code).toBe(0)
      for (const option of ["callee", "task", "seed", "runs", "timeline", "json", "junit", "real-model", "config"]) {
        expect(help).toContain(`--${option}`)
      }
      expect(help).toContain("phone simulate booking.yaml --seed 7 --timeline")
      expect((yield* phone(["--help"])).out.join("\n")).toMatch(/^ {2}simulate +Try a task out/m)
    })
  )
})
