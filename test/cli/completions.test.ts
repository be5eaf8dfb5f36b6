/** Completions: the scripts are sound, and bash proposes what can stand there. */
import { execFileSync } from "node:child_process"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { completionLines, shells } from "../../src/cli/completions.ts"
import { manual } from "../../src/cli/phone.ts"
import { phone } from "./support.ts"

const script = (shell: (typeof shells)[number]) => completionLines(shell, manual).join("\n")

/** What bash proposes after these words, of which the last is being typed. */
const proposals = (...words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const quoted = ["phone", ...words].map((word) => `'${word}'`).join(" ")
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _phone; printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync("bash", ["--norc", "-c", `${script("bash")}\n${ask}`], { encoding: "utf8", cwd: "/" })
  return out.split("\n").filter((line) => line !== "")
}

describe("completions", () => {
  it.each(shells)("for %s name every command and every option", (shell) => {
    const text = script(shell)
    for (const { name, options } of manual) {
      expect(text).toMatch(new RegExp(`\\b${name}\\b`))
      for (const option of options) {
        const long = option.names.at(-1) ?? ""
        expect(text).toContain(shell === "fish" ? `-l ${long.slice(2)}` : long)
      }
    }
  })

  it("for bash are sound", () => {
    expect(execFileSync("bash", ["-n"], { input: script("bash"), encoding: "utf8" })).toBe("")
  })

  it("propose commands, options and values, each in its place", () => {
    expect(proposals("")).toEqual([...manual.map(({ name }) => name), "--help", "--version"])
    expect(proposals("h")).toEqual(["hangup", "history", "help"])
    expect(proposals("export", "--f")).toEqual(["--format"])
    expect(proposals("export", "--format", "")).toEqual(["json", "markdown", "csv"])
    expect(proposals("export", "--format", "=", "c")).toEqual(["csv"])
    expect(proposals("export", "--format", "=")).toEqual(["json", "markdown", "csv"])
    expect(proposals("history", "--status", "b")).toEqual(["busy"])
    expect(proposals("call", "--task", "")).toEqual([])
    expect(proposals("completions", "")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]))
    expect(proposals("help", "hi")).toEqual(["history"])
    expect(proposals("serve", "--config", "et")).toContain("etc")
    expect(proposals("frobnicate", "")).toEqual([])
  })

  it("quote what is said of commands, so that no quote or bracket of it ends up as code", () => {
    const odd = [{ ...manual[0], name: "odd", summary: "It's [odd]: $(x) `y`", options: [], args: [] }]
    expect(completionLines("zsh", odd).join("\n")).toContain("'odd:It'\\''s \\[odd\\]'")
    expect(completionLines("fish", odd).join("\n")).toContain("-d 'It\\'s [odd]'")
  })

  it.effect("are what phone completions writes", () =>
    Effect.gen(function* () {
      for (const shell of shells) {
        const { code, out } = yield* phone(["completions", shell])
        expect([code, out.join("\n")]).toEqual([0, script(shell)])
      }
      expect((yield* phone(["completions", "tcsh"])).code).toBe(2)
    })
  )
})
