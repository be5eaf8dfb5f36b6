/** The help of every command is complete, fits its terminal, and comes however it is asked for. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { commandHelp, configHelp, overview, type Sheet } from "../../src/cli/help.ts"
import { pages } from "../../src/cli/pages.ts"
import { manual } from "../../src/cli/phone.ts"
import { paint } from "../../src/cli/text.ts"
import { width, withoutColour } from "../../src/cli/width.ts"
import { keyTexts } from "../../src/config/keyTexts.ts"
import { phone } from "./support.ts"

const sheet: Sheet = { columns: Number.POSITIVE_INFINITY, paint: paint(false) }
const names = manual.map(({ name }) => name)

describe.each(manual)("the help of phone $name", (command) => {
  const lines = commandHelp(command, sheet)
  const text = lines.join("\n")

  it("has a summary, a description and an example that names it", () => {
    const page = pages[command.name]
    expect(command.summary.length).toBeGreaterThan(10)
    expect(page?.about.length, `src/cli/pages.ts has no page ${command.name}`).toBeGreaterThan(40)
    for (const [, line] of page?.examples ?? [])
      expect(line).toMatch(new RegExp(`phone ${command.name}|"${command.name}"`))
    for (const heading of ["SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES", "EXIT CODES", "ENVIRONMENT", "SEE ALSO"]) {
      expect(lines).toContain(heading)
    }
  })

  it("says of every option what it does, and what it is when it is not given", () => {
    for (const option of [...command.options, ...command.args]) {
      expect(option.description, option.names.join()).toMatch(/\w\.$/)
      const isFlag = option.value === undefined
      if (!isFlag && !option.required) expect(option.description, option.names.join()).toMatch(/Default: /)
      for (const name of option.names) expect(text).toContain(name)
    }
  })

  it("fits 100 columns, and prose any terminal", () => {
    for (const line of lines) expect(width(line)).toBeLessThanOrEqual(100)
    const narrow = commandHelp(command, { columns: 60, paint: paint(true) }).map(withoutColour)
    for (const line of narrow) if (!line.startsWith("      ")) expect(width(line)).toBeLessThanOrEqual(60)
  })

  it("leads to commands that are there", () => {
    for (const see of pages[command.name]?.see ?? []) {
      expect([...names, "help config"].map((name) => `phone ${name}`)).toContain(see)
    }
  })

  it.effect("comes by --help, by -h and by phone help, alike", () =>
    Effect.gen(function* () {
      const asked = [
        [command.name, "--help"],
        [command.name, "-h"],
        ["help", command.name],
        ["--log-level", "debug", command.name, "--help"]
      ]
      for (const args of asked) {
        const { code, err, out } = yield* phone(args)
        expect([args, code, err]).toEqual([args, 0, []])
        expect(out).toEqual(commandHelp(command, { ...sheet, columns: 100 }))
      }
    })
  )
})

describe("help", () => {
  it("has no page of a command that is not there", () => {
    expect(Object.keys(pages).toSorted()).toEqual(names.toSorted())
  })

  it("lists every command, and every key of the configuration", () => {
    const all = overview(manual, sheet)
    for (const name of names) expect(all.some((line) => line.startsWith(`  ${name} `))).toBe(true)
    const keys = configHelp(sheet)
    for (const key of Object.keys(keyTexts)) expect(keys).toContain(`  ${key}`)
    for (const line of [...all, ...keys]) expect(width(line)).toBeLessThanOrEqual(100)
  })

  it.effect("is what phone alone shows; of an unknown command it says that there is none", () =>
    Effect.gen(function* () {
      const alone = yield* phone([])
      expect([alone.out[0]?.startsWith("phone - "), alone.code]).toEqual([true, 0])
      expect((yield* phone(["help"])).out).toEqual(alone.out)
      expect((yield* phone(["--help"])).out).toEqual(alone.out)
      for (const args of [
        ["help", "frobnicate"],
        ["frobnicate", "--help"]
      ]) {
        const { code, err } = yield* phone(args)
        expect([err, code]).toEqual([['✗ There is no command frobnicate. See "phone help".'], 2])
      }
    })
  )

  it.effect("leaves alone what stands behind --", () =>
    Effect.map(phone(["say", "abc12345", "--url", "http://127.0.0.1:1", "--token", "x", "--", "--help"]), ({ out }) =>
      expect(out.join("\n")).not.toContain("SYNOPSIS")
    )
  )
})
