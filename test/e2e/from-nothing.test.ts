/** From nothing to a call and its minutes, as somebody types it: init, serve, call, history, export, in processes of their own. */
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { lineOf, phone, start } from "./processes.ts"
import { freePort } from "./service.ts"

const timeout = 90_000

describe.concurrent("from nothing", () => {
  it.scopedLive(
    "phone init writes what phone serve runs with; the call is in the history and in the export",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const home = yield* fs.makeTempDirectoryScoped({ prefix: "phone-e2e-" })
        const asking = yield* phone(home, ["init"])
        expect(asking).toMatchObject({ code: 2, err: [expect.stringContaining("--yes")] })
        const set = [`rpcPort=${yield* freePort}`, "webhookPort=0", "provider=simulated"].flatMap((pair) => [
          "--set",
          pair
        ])
        expect(yield* phone(home, ["init", "--yes", ...set])).toMatchObject({ code: 0, err: [] })
        const service = yield* start(home, ["serve"])
        yield* lineOf(service, "the service", (line) => line.includes("phone is serving"))

        const call = yield* phone(home, ["call", "+15550100002", "--task", "Ask =SUM(A1) when they open"])
        expect(call).toMatchObject({ code: 3, err: [] })
        expect(call.out.join("\n")).toContain("outcome     The line was busy.")
        const [history, none, csv, minutes] = yield* Effect.all(
          [
            phone(home, ["history", "--status", "busy", "--since", "1h", "--no-success"]),
            phone(home, ["history", "--to", "+1555010000", "--until", "1h"]),
            phone(home, ["export", "--format", "csv", "--by", "call", "--output", "calls.csv"]),
            phone(home, ["export", "--format", "markdown"], { FORCE_COLOR: "1" })
          ],
          { concurrency: "unbounded" }
        )
        expect(history.out).toHaveLength(2)
        expect(history.out[1]).toContain("+15550100002")
        expect(none.out).toEqual(["No calls."])
        expect([csv.code, csv.out, csv.err]).toEqual([0, [], ["Wrote 1 call to calls.csv."]])
        expect((yield* fs.readFileString(`${home}/calls.csv`)).split("\r\n")).toHaveLength(3)
        expect(minutes.out[0]).toMatch(/^# Call to \+15550100002, /)
        expect(minutes.out).toContain("- **Task:** Ask =SUM(A1) when they open")
      }).pipe(Effect.provide(NodeContext.layer)),
    timeout
  )
})
