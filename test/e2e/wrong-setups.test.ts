/** What a user is told when the service is not there, lets nobody in, or is set up wrongly: one clear line each. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, layer } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import { phone } from "./processes.ts"
import { command, credentials, freePort, type Home, makeHome, outside, rpcToken, serve } from "./service.ts"

interface Running {
  readonly home: Home
  readonly world: Effect.Effect.Success<ReturnType<typeof outside>>
}

class Service extends Context.Tag("test/Service")<Service, Running>() {}

/** One service for all of them; nobody is called. */
const layerService = Layer.scoped(
  Service,
  Effect.gen(function* () {
    const world = yield* outside()
    const home = yield* makeHome(world)
    yield* serve(home)
    return { home, world }
  })
).pipe(Layer.provideMerge(NodeContext.layer), Layer.orDie)

const Findings = Schema.parseJson(
  Schema.Struct({
    healthy: Schema.Boolean,
    findings: Schema.Array(Schema.Struct({ check: Schema.String, state: Schema.String, found: Schema.String }))
  })
)

/** `phone doctor`: exit code, and what it says about each thing that is not all right. */
const doctor = Effect.fnUntraced(function* (home: Home) {
  const { code, out } = yield* command(home, "doctor", "--json")
  const { findings, healthy } = yield* Schema.decode(Findings)(out.join("\n"))
  const wrong = findings.filter(({ state }) => state !== "ok")
  return {
    code,
    healthy,
    wrong: Object.fromEntries(wrong.map(({ check, state }) => [check, state])),
    out: out.join("\n")
  }
})

describe.concurrent("set up wrongly", () => {
  layer(layerService, { excludeTestServices: true, timeout: "90 seconds" })("phone", (it) => {
    it.scoped(
      "doctor finds everything in order while the service runs",
      () =>
        Effect.gen(function* () {
          const { home } = yield* Service
          const { out, ...report } = yield* doctor(home)
          expect(report).toEqual({ code: 0, healthy: true, wrong: {} })
          expect(out).toContain("the service is running")
          expect(out).not.toContain(credentials.authToken)
        }),
      90_000
    )

    it.scoped(
      "doctor names each thing that is broken",
      () =>
        Effect.gen(function* () {
          const { world } = yield* Service
          const dead = `http://127.0.0.1:${yield* freePort}`
          const [unreachable, elsewhere] = yield* Effect.all(
            [
              // nobody listens where calls are dialled, and the tunnel is down
              Effect.flatMap(
                makeHome({ ...world, twilioApiUrl: dead }, { webhookHost: dead, authToken: "too short" }),
                doctor
              ),
              // the ports belong to somebody: the webhook URL leads to another program
              Effect.flatMap(
                makeHome(world, { webhookHost: world.twilioApiUrl, rpcPort: Number(new URL(world.twilioApiUrl).port) }),
                doctor
              )
            ],
            { concurrency: "unbounded" }
          )
          expect(unreachable).toMatchObject({
            code: 1,
            healthy: false,
            wrong: { authToken: "warning", "webhook URL": "problem", clock: "problem" }
          })
          expect(unreachable.out).toContain(dead)
          expect(elsewhere).toMatchObject({
            code: 1,
            healthy: false,
            wrong: { "rpc port": "problem", "webhook URL": "problem" }
          })
          expect(Object.keys(elsewhere.wrong).sort()).toEqual(["database", "rpc port", "webhook URL"])
        }),
      90_000
    )

    it.scoped(
      "a wrong token, a service that does not run, and one that was never started are told apart",
      () =>
        Effect.gen(function* () {
          const { home, world } = yield* Service
          const task = ["--task", "Say hello"]
          const idle = yield* makeHome(world)
          const fresh = yield* makeHome(world, { rpcToken: undefined })
          const [wrong, fromEnvironment, absent, never] = yield* Effect.all(
            [
              command(home, "call", "+15551230001", ...task, "--token", "wrong"),
              phone(home.folder, ["status", "abcdefgh", "--json"], { PHONE_URL: home.rpcUrl, PHONE_TOKEN: "wrong" }),
              command(idle, "call", "+15551230001", ...task),
              command(fresh, "call", "+15551230001", ...task)
            ],
            { concurrency: "unbounded" }
          )
          expect(wrong).toEqual({
            code: 8,
            out: [],
            err: ['✗ The RPC token is wrong: send the service\'s rpcToken as "authorization: Bearer <token>".']
          })
          expect(fromEnvironment.code).toBe(8)
          expect(JSON.parse(fromEnvironment.out[0] ?? "")).toMatchObject({ error: { type: "Unauthorized" } })
          expect(absent).toMatchObject({ code: 8, out: [] })
          expect(absent.err).toHaveLength(1)
          expect(absent.err[0]).toContain(`No phone service answers at ${idle.rpcUrl}: the connection was refused.`)
          expect(never).toEqual({
            code: 2,
            out: [],
            err: ['✗ There is no RPC token yet: start the service once with "phone serve", or give --token.']
          })
          expect(world.twilio.calls()).toEqual([])
        }),
      90_000
    )

    it.scoped(
      "who has the token is let in without a configuration",
      () =>
        Effect.gen(function* () {
          const { home } = yield* Service
          const env = { PHONE_URL: home.rpcUrl, PHONE_TOKEN: rpcToken }
          const found = yield* phone(home.folder, ["status", "abcdefgh"], env)
          expect(found).toMatchObject({ code: 9, out: [] })
          const number = yield* phone(home.folder, ["call", "12", "--task", "Say hello", "--json"], env)
          expect(number.code).toBe(7)
          expect(JSON.parse(number.out[0] ?? "")).toMatchObject({
            error: { type: "CallNotAllowed", rule: "short-number" }
          })
        }),
      90_000
    )

    it.scoped(
      "a configuration with mistakes starts nothing and lists them all",
      () =>
        Effect.gen(function* () {
          const { world } = yield* Service
          const home = yield* makeHome(world, { accountSid: undefined, ringTimeout: "soon", voicemial: "hang-up" })
          const { code, err, out } = yield* command(home, "serve")
          expect([code, out]).toEqual([2, []])
          expect(err.map((line) => line.replace(/^✗ \S+: (\S+) .*$/, "$1")).sort()).toEqual([
            "accountSid",
            "ringTimeout",
            "voicemial"
          ])
        }),
      90_000
    )
  })
})
