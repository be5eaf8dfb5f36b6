/** `phone history` and `phone export` as they are typed: filters reach the service, every page is followed, files are whole. */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Call } from "../../src/domain/Call.ts"
import { StoreUnavailable } from "../../src/domain/errors.ts"
import { CallId } from "../../src/domain/Ids.ts"
import type { HistoryQuery } from "../../src/Transcripts.ts"
import { call, serve } from "../rpc/service.ts"
import { phone } from "./support.ts"

const reach = (url: string) => ["--url", url, "--token", "the-token"]

const numbered = (n: number): Call => ({ ...call, id: CallId.make(String(n).padStart(8, "0")), task: `Task ${n}` })

/** A service with so many calls, given out in pages of at most 100; and what it was asked. */
const serving = (count: number) => {
  const asked: Array<HistoryQuery> = []
  const history = (query: HistoryQuery) =>
    Effect.sync(() => {
      asked.push(query)
      const from = Number(query.cursor ?? 0)
      const to = Math.min(count, from + query.limit)
      const calls = Array.from({ length: to - from }, (_, n) => numbered(from + n))
      return to < count ? { calls, cursor: String(to) } : { calls }
    })
  return Effect.map(serve({ history, status: (id) => Effect.succeed(numbered(Number(id))) }), ({ url }) => ({
    asked,
    url
  }))
}

it.scopedLive("phone history hands every filter to the service", () =>
  Effect.gen(function* () {
    const { asked, url } = yield* serving(0)
    const filters = ["--status", "busy", "--status", "failed", "--to", "4567", "--no-success", "--search", "two words"]
    const times = ["--since", "2026-01-31T09:00:00Z", "--until", "2026-02-01"]
    const { code, out } = yield* phone(["history", ...filters, ...times, ...reach(url)])
    expect([code, out]).toEqual([0, ["No calls."]])
    expect(asked).toEqual([
      {
        limit: 10,
        status: ["busy", "failed"],
        to: "4567",
        success: false,
        search: "two words",
        since: "2026-01-31T09:00:00.000Z",
        until: "2026-02-02T00:00:00.000Z"
      }
    ])
  })
)

it.scopedLive("phone history --all follows the pages to the end, as a table or a line a call", () =>
  Effect.gen(function* () {
    const { asked, url } = yield* serving(250)
    const table = yield* phone(["history", "--all", ...reach(url)])
    expect(table.out).toHaveLength(251)
    expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, "100", "200"])
    const lines = yield* phone(["history", "--all", "--json", ...reach(url)])
    expect(lines.out.map((line) => JSON.parse(line).task)).toEqual(Array.from({ length: 250 }, (_, n) => `Task ${n}`))
    const page = yield* phone(["history", "--limit", "2", ...reach(url)])
    expect(page.out).toHaveLength(3)
    expect(page.err).toEqual(["There are more: --all, or --cursor 2"])
  })
)

it.scopedLive("what cannot be meant is a line, and exits 2", () =>
  Effect.gen(function* () {
    const { asked, url } = yield* serving(0)
    const wrong = [
      ["history", "--since", "soon"],
      ["history", "--success", "--no-success"],
      ["history", "--status", "done"],
      ["export", "--format", "xml"],
      ["export", "00000001", "--to", "4567"]
    ]
    for (const args of wrong) {
      const { code, err } = yield* phone([...args, ...reach(url)])
      expect([args, code, err.length > 0]).toEqual([args, 2, true])
    }
    expect(asked).toEqual([])
  })
)

it.scopedLive("phone export writes all calls, or those that are meant, in the format that is asked for", () =>
  Effect.gen(function* () {
    const { asked, url } = yield* serving(120)
    const all = yield* phone(["export", ...reach(url)])
    expect(JSON.parse(all.out.join("\n"))).toHaveLength(120)
    const some = yield* phone(["export", "00000007", "00000003", "--format", "csv", "--by", "call", ...reach(url)])
    expect(some.out.map((line) => line.split(",")[0])).toEqual(["id", "00000007", "00000003"])
    asked.length = 0
    const most = yield* phone(["export", "--limit", "101", "--format", "markdown", ...reach(url)])
    expect(most.out.filter((line) => line.startsWith("# "))).toHaveLength(101)
    expect(asked.map(({ limit }) => limit)).toEqual([100, 1])
    expect((yield* phone(["export", "--limit", "0", ...reach(url)])).out).toEqual(["[]"])
  })
)

it.scopedLive("phone export --output leaves a whole file, or what was there before", () =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    const output = `${folder}/calls.json`
    const { url } = yield* serving(3)
    const done = yield* phone(["export", "-o", output, ...reach(url)])
    expect([done.out, done.err]).toEqual([[], [`Wrote 3 calls to ${output}.`]])
    expect(JSON.parse(yield* fs.readFileString(output))).toHaveLength(3)
    const broken = yield* serve({
      history: ({ cursor }) =>
        cursor === undefined
          ? Effect.succeed({ calls: [call], cursor: "1" })
          : new StoreUnavailable({ message: "The disk is gone." })
    })
    const failed = yield* phone(["export", "--output", output, ...reach(broken.url)])
    expect([failed.err, failed.code]).toEqual([["✗ The disk is gone."], 10])
    expect(JSON.parse(yield* fs.readFileString(output))).toHaveLength(3)
    expect(yield* fs.readDirectory(folder)).toEqual(["calls.json"])
  }).pipe(Effect.provide(NodeFileSystem.layer))
)
