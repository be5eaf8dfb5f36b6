/** docs/scenarios.md names all there is: callees with what comes of them, faults, operations, lines, expectations, keys. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type Schema, SchemaAST } from "effect"
import { expect, it } from "vitest"
import { parse } from "yaml"
import { callees } from "../../../src/simulation/callee/library.ts"
import { Fault } from "../../../src/simulation/faults/Fault.ts"
import * as Simulation from "../../../src/simulation/index.ts"
import { invariants } from "../../../src/simulation/invariants/index.ts"
import { Expectation, Line, Operation, Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { readScenario } from "../../../src/simulation/scenario/scenarioFile.ts"

const page = readFileSync(fileURLToPath(new URL("../../../docs/scenarios.md", import.meta.url)), "utf8")

const section = (heading: string): string => {
  const start = page.indexOf(`\n${heading}\n`)
  expect(start, heading).toBeGreaterThan(0)
  const next = page.slice(start + 1).search(/\n##+ /)
  return next < 0 ? page.slice(start) : page.slice(start, start + 1 + next)
}

const rows = (heading: string): ReadonlyArray<string> => section(heading).match(/^\| `.*$/gm) ?? []

/** `name` of "| `name` | …" and of "| `name: {…}` | …". */
const names = (heading: string): ReadonlyArray<string> =>
  rows(heading).map((row) => /^\| `(\w[\w-]*)/.exec(row)?.[1] ?? row)

/** For each member of a union of objects with one key: the key, and the keys of its value, with "?" where they may be missing. */
const members = (schema: Schema.Schema.All): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
  const of = (ast: SchemaAST.AST): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => {
    if (SchemaAST.isUnion(ast)) return ast.types.flatMap(of)
    return SchemaAST.getPropertySignatures(ast).map(({ name, type }) => [
      String(name),
      SchemaAST.getPropertySignatures(type).map(({ isOptional, name }) => `${String(name)}${isOptional ? "?" : ""}`)
    ])
  }
  return of(schema.ast)
}

const documented = (heading: string) =>
  rows(heading).map((row) => {
    const [, name = "", keys = ""] = /^\| `(\w+): \{([^}]*)\}`/.exec(row) ?? []
    return [name, keys.split(", ").toSorted()] as const
  })

const sorted = (all: ReadonlyArray<readonly [string, ReadonlyArray<string>]>) =>
  all.map(([name, keys]) => [name, keys.toSorted()] as const)

const comesText = ({ answeredBy, error, status, success }: Expectation): string =>
  [
    `${status}${error === undefined ? "" : ` (\`${error}\`)`}`,
    ...(status === "completed" ? [success === true ? "successful" : "not successful"] : []),
    ...(answeredBy === undefined ? [] : [answeredBy])
  ].join(", ")

it("names every callee, who it is, and what comes of calling it", () => {
  expect(rows("### Callees")).toEqual(
    callees.map(({ comes, description, name }) => `| \`${name}\` | ${description} | ${comesText(comes)} |`)
  )
})

it("names every fault and every operation with all its keys", () => {
  expect(documented("### Faults")).toEqual(sorted(members(Fault)))
  expect(documented("### Operations")).toEqual(sorted(members(Operation)))
})

it("names every value that a fault can have", () => {
  const literals = (ast: SchemaAST.AST): ReadonlyArray<string> => {
    if (SchemaAST.isLiteral(ast)) return [String(ast.literal)]
    if (SchemaAST.isUnion(ast)) return ast.types.flatMap(literals)
    if (SchemaAST.isTypeLiteral(ast)) return ast.propertySignatures.flatMap(({ type }) => literals(type))
    return []
  }
  const faults = section("### Faults")
  for (const value of literals(Fault.ast)) expect(faults).toMatch(new RegExp(`\\b${value}\\b`))
})

it("names every key of a scenario, of a line, and of what is expected", () => {
  expect(names("## Keys")).toEqual(Object.keys(Scenario.fields))
  expect(names("### The agent's lines").toSorted()).toEqual(Object.keys(Line.fields).toSorted())
  expect(names("### Expectations")).toEqual(Object.keys(Expectation.fields))
})

it("names only what phone/simulation has", () => {
  const named = rows("## In vitest").flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)/g)].map(([, name = ""]) => name)
  )
  expect(named.length).toBeGreaterThan(10)
  for (const name of named) expect(Simulation).toHaveProperty(name)
})

it("shows scenarios that can be read", () => {
  const blocks = [...page.matchAll(/```yaml\n([\s\S]+?)```/g)].map(([, text = ""]) => text)
  expect(blocks.length).toBe(2)
  for (const text of blocks) expect(readScenario(parse(text))).toMatchObject({ _tag: "Right" })
})

it("tells what must always hold as the code does", () => {
  const simulators = readFileSync(fileURLToPath(new URL("../../../docs/simulators.md", import.meta.url)), "utf8")
  const rows = new Map(
    [...simulators.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, number, says]) => [Number(number), says])
  )
  // the thirteenth compares two runs, and is no check of one
  expect([...rows.keys()].filter((number) => number !== 13).sort((a, b) => a - b)).toEqual(
    [...new Set(invariants.map(({ number }) => number))].sort((a, b) => a - b)
  )
  for (const number of new Set(invariants.map(({ number }) => number))) {
    const told = invariants.filter((invariant) => invariant.number === number).map(({ says }) => says)
    expect(
      told.some((says) => rows.get(number)?.startsWith(says)),
      rows.get(number)
    ).toBe(true)
  }
})
