/** Ways to make the real service misbehave, out of which each invariant's tests build theirs; and what its judges say then. */
import { Cause, Effect, Exit } from "effect"
import { expect } from "vitest"
import { judge } from "../../../src/simulation/invariants/index.ts"
import type { HostView, NetworkView } from "../../../src/simulation/Simulation.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import type { Run } from "../../../src/simulation/world/Run.ts"
import type { Sabotage } from "../../../src/simulation/world/Sabotage.ts"
import { type SimulateOptions, simulate } from "../../../src/simulation/world/simulate.ts"
import type { Network, WireRequest, WireSocket } from "../../../src/wire/Network.ts"

/** A call that goes well. */
export const plain: Scenario = {
  call: { task: "Book an appointment for Tuesday at 2 pm." },
  config: { maxCallDuration: 60 }
}

/** A call on which the agent is interrupted in its first sentence. */
export const interrupted: Scenario = { ...plain, callee: "barges-in" }

/** A call on which somebody says "mhm" into the agent's first sentence, and "bye" into its goodbye. */
export const nodding: Scenario = {
  ...plain,
  callee: {
    answers: { after: 1, as: "human", amdAfter: 1.5 },
    steps: [
      { wait: 0.3 },
      { say: "Hello?" },
      { bargeIn: { after: 2, say: "Mhm." } },
      { listen: { quiet: 2 } },
      { say: "Yes, Tuesday at 2 pm works. See you then." },
      { bargeIn: { after: 0.5, say: "Bye." } },
      { wait: 20 }
    ]
  }
}

/** A call on which the agent presses a key. */
export const menu: Scenario = { ...plain, callee: "menu" }

/** A call that a machine answers. */
export const machine: Scenario = { ...plain, callee: "voicemail" }

export const seen = async (scenario: Scenario, options: SimulateOptions = {}): Promise<Run> => {
  const exit = await simulate(scenario, options)
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return exit.value
}

/** Everything that is wrong, as "number: what". */
const verdicts = (run: Run): ReadonlyArray<string> => judge(run).map(({ invariant, what }) => `${invariant}: ${what}`)

/**
 * Makes the same call twice: with the service as it is, when nothing may be wrong, and with one that misbehaves, when this
 * invariant must see it. Gives what it says. `sabotage` is made anew for each, since it may remember.
 */
export const breaks = async (invariant: number, scenario: Scenario, sabotage: () => Sabotage): Promise<string> => {
  expect(verdicts(await seen(scenario))).toEqual([])
  const breaches = judge(await seen(scenario, { sabotage: sabotage() })).filter((each) => each.invariant === invariant)
  expect(breaches).not.toEqual([])
  return breaches.map(({ what }) => what).join("\n")
}

/** What passes through a socket, in one of its two directions: passed on, changed, kept, or more than once. */
export type Passing = (text: string, pass: (text: string) => void, socket: Passage) => void

/** The two ends of a socket that is tampered with. */
export interface Passage {
  /** Says something to the peer, in the service's name. */
  readonly say: (text: string) => void
  /** Says something to the service, in the peer's name. */
  readonly tell: (text: string) => void
}

const asItIs: Passing = (text, pass) => pass(text)

export interface Tampering {
  readonly out?: Passing
  readonly in?: Passing
}

const tampered = (socket: WireSocket, { in: incoming = asItIs, out = asItIs }: Tampering): WireSocket => {
  let listener: Parameters<WireSocket["listen"]>[0] | undefined
  const passage: Passage = {
    say: (text) => void socket.send(text),
    tell: (text) => listener?.message(text)
  }
  return {
    ...socket,
    send: (text) => {
      let sent = true
      out(
        text,
        (changed) => {
          sent = socket.send(changed)
        },
        passage
      )
      return sent
    },
    listen: (on) => {
      listener = on
      socket.listen({
        close: on.close,
        message: (text) => (text === null ? on.message(null) : incoming(text, on.message, passage))
      })
    }
  }
}

/** The sockets to the model. */
export const toModel =
  (how: Tampering): NetworkView =>
  (network) => ({
    ...network,
    webSocket: (url, options) => Effect.map(network.webSocket(url, options), (socket) => tampered(socket, how))
  })

/** The media sockets. */
export const toTwilio =
  (how: Tampering): HostView =>
  (host) => ({
    ...host,
    webSocket: (handshake) =>
      Effect.map(host.webSocket(handshake), (decision) =>
        decision._tag === "Refuse" ? decision : { _tag: "Accept", run: (socket) => decision.run(tampered(socket, how)) }
      )
  })

type Http = Network["Type"]["http"]

/** The requests to Twilio that are meant. */
export const asking =
  (
    which: (request: WireRequest) => boolean,
    instead: (request: WireRequest, http: Http) => ReturnType<Http>
  ): NetworkView =>
  (network) => ({
    ...network,
    http: (request) => (which(request) ? instead(request, network.http) : network.http(request))
  })

const isPost = ({ method, url }: WireRequest, path: RegExp) => method === "POST" && path.test(new URL(url).pathname)

export const creates = (request: WireRequest): boolean => isPost(request, /\/Calls\.json$/)
export const hangsUp = (request: WireRequest): boolean =>
  isPost(request, /\/Calls\/CA\w+\.json$/) && new URLSearchParams(request.body).has("Status")
export const instructs = (request: WireRequest): boolean =>
  isPost(request, /\/Calls\/CA\w+\.json$/) && new URLSearchParams(request.body).has("Twiml")

/** The request with one of its fields changed. */
export const withField = (request: WireRequest, name: string, change: (value: string) => string): WireRequest => {
  const form = new URLSearchParams(request.body)
  form.set(name, change(form.get(name) ?? ""))
  return { ...request, body: form.toString() }
}

/** Whether this is an event of this type to or from the model, or a message of this kind to or from Twilio. */
export const isOf = (text: string, type: string): boolean =>
  text.includes(`"type":"${type}"`) || text.includes(`"event":"${type}"`)
