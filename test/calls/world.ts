/**
 * A whole world for one story: the service, its simulated outside and everything that can be seen of both. What must hold
 * after every call is here, judged from the outside: the carrier, the callee's ears, the model's memory, the files.
 */
import { Cause, Effect, Either, Exit, Fiber, Layer, Option, Schema, Stream } from "effect"
import { expect } from "vitest"
import { Calls } from "../../src/Calls.ts"
import { Call, type CallRequest } from "../../src/domain/Call.ts"
import type { CallEvent } from "../../src/domain/CallEvent.ts"
import { isTerminal } from "../../src/domain/CallStatus.ts"
import type { CallFailure, CallNotFound, StoreUnavailable } from "../../src/domain/errors.ts"
import type { CallId } from "../../src/domain/Ids.ts"
import type { Utterance } from "../../src/simulation/callee/CalleeLine.ts"
import type { AnsweringScript, CalleeScript, CalleeStep } from "../../src/simulation/callee/CalleeScript.ts"
import { MemoryFiles } from "../../src/simulation/MemoryFiles.ts"
import type { SessionLog } from "../../src/simulation/realtime/Journal.ts"
import type { SimulatedRealtimeOptions } from "../../src/simulation/realtime/SimulatedRealtime.ts"
import { layerSimulation, type NetworkView, Outside, type SimulationOptions } from "../../src/simulation/Simulation.ts"
import type { SimulatedCallLog } from "../../src/simulation/twilio/logs.ts"
import { run, type VirtualTimeOptions } from "../../src/simulation/VirtualTime.ts"
import { isCreate, type Logged, type Sent } from "../../src/simulation/world/Run.ts"
import { collecting, watching } from "../../src/simulation/world/watching.ts"

export { isCreate, type Logged, type Sent }

export interface WorldOptions extends SimulationOptions, Partial<VirtualTimeOptions> {
  /** Who answers, at whatever number. */
  readonly callee?: CalleeScript
  readonly faults?: SimulatedRealtimeOptions["faults"]
}

/** A call that has ended, and all that saw it. */
export interface Finished {
  readonly id: CallId
  /** The record, from the database. */
  readonly call: Call
  /** What `Calls.await` gave. */
  readonly result: Either.Either<Call, CallFailure | CallNotFound | StoreUnavailable>
  /** What `Calls.watch` told from the beginning to its end, and when. */
  readonly events: ReadonlyArray<{ readonly at: number; readonly event: CallEvent }>
  /** The creations of this call that left the service. */
  readonly posts: ReadonlyArray<Sent>
  /** This call's legs at the carrier. */
  readonly legs: ReadonlyArray<SimulatedCallLog>
  /** All sessions of this world's model. */
  readonly sessions: ReadonlyArray<SessionLog>
  /** The parsed JSON file; `undefined` if there is none. */
  readonly file: unknown
  readonly logs: ReadonlyArray<Logged>
}

export interface World {
  /** REST requests of the service, oldest first. */
  readonly sent: ReadonlyArray<Sent>
  readonly logs: ReadonlyArray<Logged>
  readonly place: (request?: Partial<CallRequest>) => Effect.Effect<CallId, unknown, Calls>
  /** Waits for the end, and a minute more, in which late things must not spoil it. */
  readonly finish: (id: CallId) => Effect.Effect<Finished, unknown, Calls | Outside | MemoryFiles>
  /** Both. */
  readonly call: (request?: Partial<CallRequest>) => Effect.Effect<Finished, unknown, Calls | Outside | MemoryFiles>
}

/** Whoever is called in these stories, unless they say otherwise. */
export const callee = "+15550100001"
export const task = "Book an appointment for Tuesday at 2 pm."

/** A person who answers after `after` seconds and does this. */
export const person = (steps: ReadonlyArray<CalleeStep>, more: Partial<AnsweringScript["answers"]> = {}) =>
  ({ answers: { after: 2, as: "human", amdAfter: 1.5, ...more }, steps }) satisfies CalleeScript

/** Agrees, and says goodbye: most conversations end so. */
export const agrees: ReadonlyArray<CalleeStep> = [
  { listen: {} },
  { say: "Yes, Tuesday at 2 pm works. See you then." },
  { listen: {} },
  { wait: 20 },
  { hangUp: true }
]

/** Greets and then does this. */
export const greets = (...steps: ReadonlyArray<CalleeStep>) =>
  person([{ wait: 0.3 }, { say: "Hello, Doctor Smith's office." }, ...steps])

/** Everything there is to be seen of a call that is over. */
export const lookAt = Effect.fnUntraced(function* (
  id: CallId,
  seen: Pick<Finished, "events" | "logs" | "result"> & { readonly sent: ReadonlyArray<Sent> }
) {
  const calls = yield* Calls
  const { realtime, twilio } = yield* Outside
  const files = yield* MemoryFiles
  const { events, logs, result, sent } = seen
  const finished: Finished = {
    id,
    call: yield* calls.status(id),
    result,
    events,
    logs,
    posts: sent.filter((request) => isCreate(request) && request.form.get("Url")?.includes(id) === true),
    legs: twilio
      .calls()
      .filter((leg) => leg.requests.some(({ parameters }) => parameters.some(([, v]) => v.includes(id)))),
    sessions: realtime.sessions(),
    file: yield* Option.match(files.text(`/transcripts/${id}.json`), {
      onNone: () => Effect.succeed(undefined),
      onSome: Schema.decode(Schema.parseJson())
    })
  }
  return finished
})

const makeWorld = (sent: Array<Sent>, logs: Array<Logged>): World => {
  const place: World["place"] = (request = {}) =>
    Effect.flatMap(Calls, (calls) => calls.place({ to: callee, task, ...request }))
  const finish: World["finish"] = Effect.fnUntraced(function* (id) {
    const calls = yield* Calls
    const clock = yield* Effect.clock
    const events: Array<Finished["events"][number]> = []
    const watching = yield* Effect.fork(
      Stream.runForEach(calls.watch(id, { after: 0 }), (event) =>
        Effect.sync(() => events.push({ at: clock.unsafeCurrentTimeMillis(), event }))
      )
    )
    const result = yield* Effect.either(calls.await(id))
    yield* Fiber.join(watching)
    yield* Effect.sleep("1 minute")
    return yield* lookAt(id, { events, logs, result, sent })
  })
  return { sent, logs, place, finish, call: (request) => Effect.flatMap(place(request), finish) }
}

/** Runs a program in virtual time, and fails the test as it fails. */
export const inVirtualTime = async <A, E>(
  program: Effect.Effect<A, E>,
  options: Partial<VirtualTimeOptions> = {}
): Promise<A> => {
  const exit = await run(program, { seed: 1, maxVirtual: "2 hours", ...options })
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}

const watchingRest =
  (sent: Array<Sent>, view: NetworkView = (plain) => plain): NetworkView =>
  (plain) => {
    const network = view(plain)
    return {
      ...network,
      http: (request) =>
        Effect.clockWith((clock) => watching(sent, () => clock.unsafeCurrentTimeMillis())(network.http)(request))
    }
  }

/** The options of a simulation in which the service's requests are watched. */
export const watched = (options: WorldOptions, sent: Array<Sent>): SimulationOptions => {
  const { callee: script, faults, realtime, seenBy, twilio } = options
  return {
    ...options,
    twilio: { ...(script === undefined ? {} : { callees: () => script }), ...twilio },
    realtime: { ...(faults === undefined ? {} : { faults }), ...realtime },
    seenBy: { ...seenBy, service: watchingRest(sent, seenBy?.service) }
  }
}

/** Tells one story in a world of its own, in virtual time. */
export const story = <A, E>(
  options: WorldOptions,
  tell: (world: World) => Effect.Effect<A, E, Layer.Layer.Success<ReturnType<typeof layerSimulation>>>
): Promise<A> => {
  const sent: Array<Sent> = []
  const logs: Array<Logged> = []
  const program = tell(makeWorld(sent, logs)).pipe(
    Effect.provide(Layer.provideMerge(layerSimulation(watched(options, sent)), collecting(logs)))
  )
  const { maxVirtual, seed, startAt } = options
  return inVirtualTime(program, {
    ...(seed === undefined ? {} : { seed }),
    ...(startAt === undefined ? {} : { startAt }),
    ...(maxVirtual === undefined ? {} : { maxVirtual })
  })
}

/** Letters and digits only, in lower case: what can be compared of spoken words. */
const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "")

/** What the record says that one side said, and what of an interrupted turn may have been heard beyond its last whole word. */
const spokenBy = (call: Call, role: "assistant" | "user"): RegExp =>
  new RegExp(
    `^${call.transcript
      .filter((turn) => turn.role === role)
      .map((turn) => letters(turn.text) + (turn.interrupted === true ? "[\\p{L}\\p{N}]{0,16}" : ""))
      .join("")}$`,
    "u"
  )

const words = (utterances: ReadonlyArray<{ readonly text: string }>): string =>
  letters(utterances.map(({ text }) => text).join(" "))

const statusesOf = ({ events }: Finished) =>
  events.flatMap(({ event }) => (event._tag === "Status" ? [event.status] : []))

const rank = ["queued", "dialing", "ringing", "in-progress"]

/** Everything that a session was sent before it was configured. */
const tooEarly = (session: SessionLog) => {
  const configured = session.sent.find(({ type }) => type === "session.updated")?.at ?? Number.POSITIVE_INFINITY
  return session.received.filter(
    (event) => event.at < configured && !(event._tag === "Event" && event.type === "session.update")
  )
}

/** What a story may deviate in, because it is about just that. */
export interface Excuse {
  /** The callee's words were not all transcribed, or not all carried to us. */
  readonly calleeUnheard?: boolean
  /** Something was played that is no turn: an announcement of the network itself. */
  readonly announced?: boolean
  /** Twilio had reason to complain: of these alerts. */
  readonly alerts?: ReadonlyArray<number>
}

/** What must hold after every call (design, 10), whatever went wrong. */
export const alwaysHolds = (finished: Finished, excuse: Excuse = {}): void => {
  const { call, events, file, legs, logs, posts, result, sessions } = finished
  const statuses = statusesOf(finished)

  // one terminal status, told once, last, and never taken back
  expect(statuses.filter(isTerminal)).toEqual([call.status])
  expect(isTerminal(statuses.at(-1) ?? "queued")).toBe(true)
  const ranks = statuses.slice(0, -1).map((status) => rank.indexOf(status))
  expect(ranks).toEqual([...new Set(ranks)].sort())
  expect(events.filter(({ event }) => event._tag === "Ended")).toHaveLength(1)
  expect(events.at(-1)?.event._tag).toBe("Ended")
  if (Either.isRight(result)) expect(call.status).toBe("completed")
  else expect(call.status).not.toBe("completed")

  // the record is whole, and the file is the record
  expect(call.endedAt).toBeDefined()
  expect(call.outcome).toBeDefined()
  expect(call.error === undefined).toBe(call.status !== "failed")
  expect(file).toEqual(Schema.encodeSync(Call)(call))

  // one leg at most, created by one request (others surely not processed), and dead when the end is told
  const endTold = events.at(-1)?.at ?? 0
  expect(posts.filter(({ answer }) => answer !== 429 && answer !== "refused").length).toBeLessThanOrEqual(1)
  expect(legs.length).toBeLessThanOrEqual(1)
  for (const leg of legs) {
    expect(leg.live).toBe(false)
    expect(leg.endedAt ?? endTold).toBeLessThanOrEqual(endTold)
    expect(leg.alerts.filter(({ code }) => excuse.alerts?.includes(code) !== true)).toEqual([])
  }

  // what the transcript says is what was said and heard
  const [leg] = legs
  // less than a word of a sentence that was cut off is no turn
  const cutOff = [...(leg?.clears ?? []).map(({ at }) => at), leg?.endedAt ?? 0]
  const fragment = ({ at, ms, text }: Utterance) =>
    !text.trim().includes(" ") &&
    !call.transcript.some((turn) => turn.role === "assistant" && letters(turn.text) === letters(text)) &&
    (cutOff.some((cut) => cut >= at && cut <= at + ms + 1_000) || (ms < 400 && sessions.length > 1))
  if (excuse.calleeUnheard !== true) expect(words(leg?.said ?? [])).toMatch(spokenBy(call, "user"))
  if (excuse.announced !== true)
    expect(words(leg?.heard.filter((utterance) => !fragment(utterance)) ?? [])).toMatch(spokenBy(call, "assistant"))
  const times = call.transcript.map((turn) => turn.timestamp.epochMillis)
  expect(times).toEqual(times.toSorted((a, b) => a - b))

  // every session was treated as it must be, and none is left open and billed
  for (const session of sessions) {
    expect(session.violations).toEqual([])
    expect(tooEarly(session)).toEqual([])
    expect(session.closed).toBeDefined()
  }

  // nothing broke unseen
  expect(
    logs.filter(({ cause }) => Cause.isDie(cause)).map(({ cause, text }) => `${text} ${Cause.pretty(cause)}`)
  ).toEqual([])
}

/** The turns as they read: "user: Hello?". */
export const spoken = (call: Call): ReadonlyArray<string> => call.transcript.map(({ role, text }) => `${role}: ${text}`)
