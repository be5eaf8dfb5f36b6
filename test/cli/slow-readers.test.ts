/** What reads the command's output through a pipe gets all of it, however late it reads, and the command ends with its code. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url))

interface Ended {
  readonly out: string
  readonly err: string
}

/** A line for bash, in which `phone` is the command. */
const bash = (line: string) =>
  Effect.promise<Ended>(
    () =>
      new Promise((resolve) => {
        const shell = `phone() { "${process.execPath}" --disable-warning=ExperimentalWarning "${main}" "$@"; }\n${line}`
        execFile("bash", ["-c", shell], { maxBuffer: 2 ** 26 }, (_, out, err) => resolve({ out, err }))
      })
  )

/** A call that fails, and takes more than a pipe's 64 KiB to tell with so many seeds. */
const failing = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = `${yield* fs.makeTempDirectoryScoped()}/failing.yaml`
  yield* fs.writeFileString(path, "call: { task: a }\ncallee: busy\nexpect: { status: completed }\n")
  return `phone simulate ${path} --runs 40 --json`
})

layer(NodeContext.layer, { excludeTestServices: true })("a pipe", (it) => {
  it.scoped("is given everything, also when the command fails and its reader is late", () =>
    Effect.gen(function* () {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for bash
      const code = "echo ${PIPESTATUS[0]} >&2"
      const { err, out } = yield* bash(`${yield* failing} | (sleep 4; cat); ${code}`)
      expect(out.length).toBeGreaterThan(70_000)
      expect(JSON.parse(out)).toMatchObject({ passed: false })
      expect(err).toBe("1\n")
    })
  )

  it.scoped("that nobody reads any more ends the command without a word", () =>
    Effect.gen(function* () {
      expect(yield* bash(`${yield* failing} | head -c 9`)).toEqual({ out: '{"passed"', err: "" })
      expect(yield* bash("phone simulate /nowhere.yaml 2>&1 >/dev/null | true")).toEqual({ out: "", err: "" })
    })
  )
})
