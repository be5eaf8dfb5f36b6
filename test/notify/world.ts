/** A world with a receiver of notifications in it: the whole service on the simulated line, in virtual time. */
import { createHmac } from "node:crypto"
import type { FileSystem } from "@effect/platform"
import { Cause, Effect, Exit, Layer, Logger, type Scope } from "effect"
import { expect } from "vitest"
import { Calls } from "../../src/Calls.ts"
import type { CallRequest } from "../../src/domain/Call.ts"
import type { CallId } from "../../src/domain/Ids.ts"
import { layerOutside, layerService, type SimulationOptions } from "../../src/simulation/Simulation.ts"
import { run } from "../../src/simulation/VirtualTime.ts"
import { MemoryNetwork } from "../../src/wire/Memory.ts"
import { type Host, respond, type WireHeaders, type WireRequest } from "../../src/wire/Network.ts"

export const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
export const origin = "https://receiver.example"
export const notify = { url: `${origin}/hooks/calls/?key=in-the-url`, secret }

export interface Got {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly request: WireRequest
}

/** Checks a signature as the receiver's own program would: by the text of the specification, not by our code. */
export const genuine = ({ body, headers }: Pick<WireRequest, "body" | "headers">, key = secret): boolean => {
  const bytes = key.startsWith("whsec_") ? Buffer.from(key.slice(6), "base64") : Buffer.from(key)
  const content = [headers["webhook-id"], headers["webhook-timestamp"], body].join(".")
  const mac = createHmac("sha256", new Uint8Array(bytes)).update(content).digest("base64")
  return headers["webhook-signature"] === `v1,${mac}`
}

const now = Effect.map(Effect.clock, (clock) => clock.unsafeCurrentTimeMillis())

/** Answers the nth request (from 0) with what `answer` says, and remembers all. */
export const makeReceiver = (
  answer: (got: Got, nth: number) => Effect.Effect<number | readonly [number, WireHeaders]>
) => {
  const got: Array<Got> = []
  const host: Host = {
    http: Effect.fnUntraced(function* (request) {
      const arrived = { at: yield* now, request }
      const answered = yield* answer(arrived, got.push(arrived) - 1)
      return typeof answered === "number" ? respond(answered) : respond(answered[0], "", answered[1])
    }),
    webSocket: () => Effect.succeed({ _tag: "Refuse", response: respond(404) })
  }
  return { got, host, mount: Effect.flatMap(MemoryNetwork, ({ mount }) => mount(origin, host)) }
}

export const accepting = () => makeReceiver(() => Effect.succeed(200))

/** The parsed body, loosely: what a receiver in another language sees. */
export const bodyOf = ({ request }: Got) => JSON.parse(request.body)

type Keys = NonNullable<SimulationOptions["config"]>

const options = (config: Keys = {}): SimulationOptions => ({
  config: { recordCalls: false, ...config },
  twilio: { callees: () => ({ line: "busy" }) }
})

/** One life of the service: stopped when `body` is done. */
export const serving = <A, E, R>(body: Effect.Effect<A, E, R>, config: Keys = {}, notified: Keys = { notify }) =>
  Effect.provide(body, Layer.fresh(layerService(options({ ...notified, ...config }))))

/** A call to a busy number: it ends by itself within seconds. */
export const busyCall = (request: Partial<CallRequest> = {}) =>
  Effect.gen(function* () {
    const calls = yield* Calls
    const id = yield* calls.place({ to: "+15550100002", task: "Book a table.", ...request })
    yield* Effect.ignore(calls.await(id))
    return id
  })

/** Runs a story on the outside world, in virtual time. */
export const tell = async <E>(
  story: (logs: ReadonlyArray<string>) => Effect.Effect<void, E, MemoryNetwork | FileSystem.FileSystem | Scope.Scope>
): Promise<void> => {
  const logs: Array<string> = []
  const collecting = Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ cause, logLevel, message }) => {
      logs.push(`${logLevel.label} ${String(message)} ${Cause.isEmpty(cause) ? "" : Cause.pretty(cause)}`)
    })
  )
  const exit = await run(Effect.scoped(story(logs)).pipe(Effect.provide([layerOutside(options()), collecting])), {
    seed: 5,
    maxVirtual: "7 days"
  })
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  for (const line of logs) {
    expect(line).not.toContain(secret)
    expect(line).not.toContain(secret.slice(6))
    expect(line).not.toContain("in-the-url")
  }
}

export const webhookId = (id: CallId) => `call-ended-${id}`
