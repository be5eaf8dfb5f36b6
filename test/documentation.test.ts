/** The tables of the README name all there is, and nothing that is not there. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { PhoneConfigFields, Voice } from "../src/Config.ts"
import { exitCodeHelp } from "../src/cli/exitCodes.ts"
import { type KeyText, keyTexts } from "../src/config/keyTexts.ts"
import { CallNotAllowed } from "../src/domain/errors.ts"
import * as Phone from "../src/index.ts"
import { PhoneRpcs } from "../src/rpc/PhoneRpcs.ts"
import { documentedNumbers } from "../src/simulation/callee/numbers.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const readme = readFileSync(`${root}README.md`, "utf8")

const section = (heading: string): string => {
  const start = readme.indexOf(`\n${heading}\n`)
  const level = heading.split(" ")[0] ?? ""
  const end = readme.indexOf(`\n${level} `, start + heading.length)
  expect(start, `${heading} is missing`).toBeGreaterThan(0)
  return readme.slice(start, end === -1 ? undefined : end)
}

/** What stands in code in the first column of the section's first table. */
const named = (heading: string): ReadonlyArray<string> =>
  [...section(heading).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = ""]) => name)

const unique = (names: Iterable<string>) => [...new Set(names)].sort()

describe("the README", () => {
  it("names every tool", () => {
    const tools = named("## Tools").filter((name) => name.startsWith("phone_"))
    expect(unique(tools)).toEqual(unique(PhoneRpcs.requests.keys()))
  })

  it("names every key of the configuration, once", () => {
    const keys = named("## Configuration").filter((name) => !Voice.literals.some((voice) => voice === name))
    expect(keys.toSorted()).toEqual(Object.keys(PhoneConfigFields.fields).toSorted())
  })

  it("says of each key what phone init says", () => {
    const row = ([key, text]: readonly [string, KeyText]) => {
      const cells = [`\`${key}\``, text.type, text.default, text.meaning]
      return `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`
    }
    const written = section("## Configuration").match(/^\| `\w+` \| .*$/gm) ?? []
    expect(written.slice(0, Object.keys(keyTexts).length)).toEqual(Object.entries(keyTexts).map(row))
  })

  it("names every voice", () => {
    for (const voice of Voice.literals) expect(section("### Voices")).toContain(`\`${voice}\``)
  })

  it("names every error and every rule of the policy", () => {
    const errors = Object.entries(Phone).flatMap(([name, value]) =>
      typeof value === "function" && value.prototype instanceof Error ? [name] : []
    )
    // these end the start of the service, or the network's side of an embedding, and never reach a tool
    const elsewhere = ["CannotListen", "NetworkError", "PortUnavailable", "RpcTokenUnusable"]
    expect(unique(named("## Errors"))).toEqual(unique(errors.filter((name) => !elsewhere.includes(name))))
    for (const rule of CallNotAllowed.fields.rule.literals) expect(section("## Errors")).toContain(`\`${rule}\``)
  })

  it("names every exit code", () => {
    const codes = section("## Errors").split("Exit codes of `phone`:")[1] ?? ""
    const written = [...codes.matchAll(/(?:^|,)\s(\d+) /g)].map(([, code]) => code)
    expect(written).toEqual(exitCodeHelp.map((line) => line.split(" ")[0]))
  })

  it("names every number of the simulated world", () => {
    expect(named("## Numbers of the simulated world")).toEqual(documentedNumbers.map(({ number }) => number))
  })

  it("and the other pages lead only to what is there", () => {
    const pages = [
      "README.md",
      ...readdirSync(`${root}docs`).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : []))
    ]
    const headings = (text: string) =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .replace(/\s/g, "-")
      )
    for (const page of pages) {
      const text = readFileSync(root + page, "utf8")
      for (const [, target = "", anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
        const to = target === "" ? page : new URL(target, `file:///${page}`).pathname.slice(1)
        const there = readFileSync(root + to, "utf8")
        if (anchor !== undefined) expect(headings(there), `${page} leads to ${to}#${anchor}`).toContain(anchor)
      }
    }
  })
})
