/** The search as a program of its own: what its exit code says when somebody stops it, and that it leaves nothing behind. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"

const program = fileURLToPath(new URL("../../../scripts/simulate.ts", import.meta.url))

/** Where the search puts its temporary files. */
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "phone-test-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const search = (...args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const told = { out: "", err: "" }
  child.stdout.on("data", (text) => {
    told.out += String(text)
  })
  child.stderr.on("data", (text) => {
    told.err += String(text)
  })
  const ended = once(child, "close").then(([code]) => ({ code: Number(code), ...told }))
  return { child, told, ended }
}

const long = ["--runs", "100000", "--jobs", "2", "--seed", "77", "--shrink", "0"]

/** The search's own folder, when a scenario that is being tried has one in it. */
const used = () =>
  vi.waitFor(
    () => {
      const [own = ""] = readdirSync(folder)
      expect(readdirSync(join(folder, own)).length).toBeGreaterThan(0)
      return join(folder, own)
    },
    { timeout: 40_000, interval: 5 }
  )

describe("a search that is stopped", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143]
  ] as const)(
    "by %s exits %i, tells what was tried, and removes what its threads were working on",
    async (signal, code) => {
      const { child, ended } = search(...long)
      await used()
      child.kill(signal)
      const { code: came, err, out } = await ended
      expect([came, err]).toEqual([code, "Interrupted; no call broke what must hold.\n"])
      expect(out).toContain("Seed 77: ")
      expect(readdirSync(folder)).toEqual([])
    }
  )

  it("exits 1 when something has failed by then", async () => {
    const { child, ended, told } = search(...long)
    // a scenario that needs the folder cannot go on without it
    rmSync(await used(), { recursive: true, force: true, maxRetries: 5 })
    await vi.waitFor(() => expect(told.out).toMatch(/breaks \d+/), { timeout: 40_000 })
    child.kill("SIGINT")
    const { code, err } = await ended
    expect(code).toBe(1)
    expect(err).toMatch(/^Interrupted; \d+ calls broke what must hold\.$/m)
    expect(readdirSync(folder).filter((name) => !name.startsWith("phone-search-"))).toEqual([])
  })
})

describe("what cannot be asked exits 2, and says why", () => {
  it.each([
    [["--jobs", "none"], '--jobs must be a whole number, 1 or more, not "none".'],
    [["--runs", "0"], '--runs must be a whole number, 1 or more, not "0".'],
    [
      ["--index", "3", "--runs", "5", "--from", "9"],
      "--index is one scenario, and goes with --seed alone. Leave out --runs, --from."
    ]
  ])("%j", async (args, why) => {
    const { code, err, out } = await search(...args).ended
    expect([code, err.split("\n")[0], out]).toEqual([2, why, ""])
    expect(readdirSync(folder)).toEqual([])
  })
})
