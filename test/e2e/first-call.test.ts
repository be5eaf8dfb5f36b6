/** `phone doctor --call-me` as a newcomer types it, in a process of its own: with and without a service that runs. */

import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { phone } from "./processes.ts"
import { command, connect, credentials, human, makeHome, outside, serve } from "./service.ts"

const me = "+15557654321"

const Report = Schema.parseJson(
  Schema.Struct({
    findings: Schema.Array(Schema.Struct({ check: Schema.String, state: Schema.String, found: Schema.String }))
  })
)

const callees = { [me]: human([{ say: "The quick brown fox." }, { listen: {} }, { wait: 5 }, { hangUp: true }]) }

layer(NodeContext.layer, { excludeTestServices: true, timeout: "90 seconds" })("the first call", (it) => {
  it.scoped(
    "is made by the doctor itself where no service runs, and reads like a story",
    () =>
      Effect.gen(function* () {
        const world = yield* outside(callees)
        const home = yield* makeHome(world)
        const { code, err, out } = yield* command(home, "doctor", "--call-me", me, "--yes")
        const text = out.join("\n")
        expect([code, err]).toEqual([0, []])
        expect(text).toMatch(
          /websockets .*\n\nThe doctor will call \+15557654321[\s\S]*callee {2}The quick brown fox\./
        )
        expect(text).toMatch(/agent {3}I heard: The quick brown fox\.[\s\S]*Phone works: \+15557654321 was called/)
        expect(text).not.toContain(credentials.authToken)
        // the port is free again, and nothing was left behind that would keep a service from starting
        yield* serve(home)
      }),
    90_000
  )

  it.scoped(
    "is made by the service that runs, and stands in its history",
    () =>
      Effect.gen(function* () {
        const world = yield* outside(callees)
        const home = yield* makeHome(world)
        yield* serve(home)
        const { code, out } = yield* command(home, "doctor", "--call-me", me, "--yes", "--json")
        const { findings } = yield* Schema.decode(Report)(out.join("\n"))
        const those = (wanted: string) => findings.flatMap(({ check, state }) => (state === wanted ? [check] : []))
        expect([code, those("problem"), those("skipped")]).toEqual([0, [], ["media"]])
        const client = yield* connect(home)
        const { calls } = yield* client.phone_history({})
        expect(calls.map(({ status, to }) => [status, to])).toEqual([["completed", me]])
      }),
    90_000
  )

  it.scoped(
    "is not tried through a service that has another token than the configuration by now",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const world = yield* outside(callees)
        const home = yield* makeHome(world)
        yield* serve(home)
        const changed = `${home.folder}/changed.yaml`
        const text = yield* fs.readFileString(home.config)
        yield* fs.writeFileString(changed, text.replace(credentials.authToken, "f".repeat(32)))
        const { code, out } = yield* phone(home.folder, ["doctor", "--json", "--config", changed])
        const { findings } = yield* Schema.decode(Report)(out.join("\n"))
        const wrong = findings.filter(({ state }) => state === "problem").map(({ check }) => check)
        expect([code, wrong]).toEqual([1, ["twilio account", "websockets"]])
        expect(world.twilio.calls()).toEqual([])
      }),
    90_000
  )
})
