/** Faults of the two kinds of sockets, as the service sees them: the media socket that Twilio opens, the model's that we open. */
import { Duration, Effect, FiberSet, Schema, type Scope } from "effect"
import { type Handshake, type Host, type Network, respond, type WireSocket } from "../../wire/Network.ts"
import { type Fault, faultsOf } from "./Fault.ts"
import { FaultySocket, type Later } from "./FaultySocket.ts"
import { isMeant, type Trouble, worldTime } from "./Trouble.ts"

/** What a switch does to a socket, and what undoes it so many seconds later. `meet`: it takes effect, also if said again. */
interface Switch {
  readonly on: (socket: FaultySocket, meet: () => void) => void
  readonly off?: { readonly after: number; readonly do: (socket: FaultySocket) => void }
}

const isMedia = (text: string) => text.startsWith('{"event":"media"')
const isMark = (text: string) => text.startsWith('{"event":"mark"')

const Start = Schema.parseJson(
  Schema.Struct({
    streamSid: Schema.String,
    start: Schema.Struct({ accountSid: Schema.String, callSid: Schema.String })
  })
)

/** Says `stop` in Twilio's name, and then nothing more. */
const stop: Switch["on"] = (socket, meet) => {
  const start = Schema.decodeOption(Start)(socket.start ?? "")
  if (start._tag === "None") return
  meet()
  const { start: told, streamSid } = start.value
  const { accountSid, callSid } = told
  socket.inject(JSON.stringify({ event: "stop", sequenceNumber: "100000", stop: { accountSid, callSid }, streamSid }))
  socket.lose = () => true
}

const mute: Switch = {
  on: (socket, meet) => {
    meet()
    socket.setIn("shut")
    socket.setOut("shut")
  }
}

const hold = (seconds: number): Switch => ({
  on: (socket, meet) => {
    meet()
    socket.setIn("held")
    socket.setOut("held")
  },
  off: {
    after: seconds,
    do: (socket) => {
      socket.setIn("open")
      socket.setOut("open")
    }
  }
})

const cut: Switch = {
  on: (socket, meet) => {
    meet()
    socket.terminate()
  }
}

/** Whether it is such a message, to which the fault then happens. */
const hits = (is: (text: string) => boolean, meet: () => void) => (text: string) => {
  const hit = is(text)
  if (hit) meet()
  return hit
}

interface Meant {
  readonly nth?: number
  readonly after: number
}

/** Which socket a fault of media is about, and what it does to it. */
const mediaSwitch = (fault: Fault): readonly [Meant, Switch] | undefined => {
  if ("cutMedia" in fault) return [fault.cutMedia, cut]
  if ("stopMedia" in fault) return [fault.stopMedia, { on: stop }]
  if ("muteMedia" in fault) return [fault.muteMedia, mute]
  if ("holdMedia" in fault) return [fault.holdMedia, hold(fault.holdMedia.for)]
  if ("loseMedia" in fault) {
    const { for: seconds } = fault.loseMedia
    return [
      fault.loseMedia,
      {
        on: (socket, meet) => {
          socket.lose = hits(isMedia, meet)
        },
        off: {
          after: seconds,
          do: (socket) => {
            socket.lose = () => false
          }
        }
      }
    ]
  }
  if ("stuffMedia" in fault) {
    const { for: seconds } = fault.stuffMedia
    return [
      fault.stuffMedia,
      {
        on: (socket, meet) => {
          meet()
          socket.setOut("held")
        },
        off: { after: seconds, do: (socket) => socket.setOut("open") }
      }
    ]
  }
  if ("loseMarks" in fault) {
    return [
      fault.loseMarks,
      {
        on: (socket, meet) => {
          const before = socket.lose
          const lost = hits(isMark, meet)
          socket.lose = (text) => lost(text) || before(text)
        }
      }
    ]
  }
  if ("delayMarks" in fault) {
    const { by } = fault.delayMarks
    return [
      fault.delayMarks,
      {
        on: (socket, meet) => {
          const before = socket.lateIn
          const late = hits(isMark, meet)
          socket.lateIn = (text) => before(text) + (late(text) ? by * 1000 : 0)
        }
      }
    ]
  }
  return undefined
}

const modelSwitch = (fault: Fault): readonly [Meant, Switch] | undefined => {
  if ("cutModel" in fault) return [fault.cutModel, cut]
  if ("muteModel" in fault) return [fault.muteModel, mute]
  if ("holdModel" in fault) return [fault.holdModel, hold(fault.holdModel.for)]
  return undefined
}

/** The socket with the faults that are meant for the `nth` of its kind; they happen as long as the scope is open. */
const spoil = Effect.fnUntraced(function* (
  trouble: Trouble,
  socket: WireSocket,
  nth: number,
  switchOf: typeof mediaSwitch,
  lateness: () => number
) {
  const switches = trouble.plan.flatMap((fault) => {
    const found = switchOf(fault)
    return found !== undefined && isMeant(found[0], nth) ? [{ fault, after: found[0].after, does: found[1] }] : []
  })
  const jitters = faultsOf(trouble.plan, "jitter").length > 0
  if (switches.length === 0 && !jitters) return socket
  const clock = yield* Effect.clock
  const run = yield* FiberSet.makeRuntime()
  const sleep = (ms: number) => clock.sleep(Duration.millis(ms))
  // two ways, and each keeps its order: what comes later is never due earlier
  const makeLater = (): Later => {
    let lastDue = 0
    return (ms, act) => {
      const now = worldTime(clock)
      lastDue = Math.max(lastDue, now + ms)
      run(Effect.zipRight(sleep(lastDue - now), Effect.sync(act)))
    }
  }
  const faulty = new FaultySocket(socket, makeLater(), makeLater())
  if (jitters) {
    faulty.lateIn = lateness
    faulty.lateOut = lateness
  }
  for (const { after, does, fault } of switches) {
    let met = false
    const meet = () => {
      if (!met) trouble.meet(worldTime(clock), fault)
      met = true
    }
    run(
      Effect.gen(function* () {
        yield* sleep(after * 1000)
        if (faulty.closed) return
        does.on(faulty, meet)
        if (does.off === undefined) return
        yield* sleep(does.off.after * 1000)
        does.off.do(faulty)
      })
    )
  }
  return faulty
})

/** Whoever has ended a socket has not ended it for a peer who hears nothing of it. */
const peerGone = (socket: WireSocket): Effect.Effect<void> =>
  socket instanceof FaultySocket
    ? Effect.async((resume) => socket.whenPeerGone(() => resume(Effect.void)))
    : Effect.void

/** Longer than anybody waits for a handshake. */
const handshakeLimit = Duration.seconds(30)
const tooLate: Handshake = { _tag: "Refuse", response: respond(503) }

/** The media sockets that are opened to this host. */
export const mediaFaults =
  (trouble: Trouble, lateness: () => number) =>
  (host: Host): Host => ({
    ...host,
    webSocket: (handshake) =>
      Effect.suspend(() => {
        const nth = trouble.count("media socket")
        const refused = trouble.plan.find((fault) => "refuseMedia" in fault && isMeant(fault.refuseMedia, nth))
        if (refused !== undefined) {
          return Effect.zipRight(
            Effect.clockWith((clock) => Effect.sync(() => trouble.meet(worldTime(clock), refused))),
            Effect.as(Effect.sleep(handshakeLimit), tooLate)
          )
        }
        return Effect.map(
          host.webSocket(handshake),
          (decision): Handshake =>
            decision._tag === "Refuse"
              ? decision
              : {
                  _tag: "Accept",
                  run: (socket) =>
                    spoil(trouble, socket, nth, mediaSwitch, lateness).pipe(
                      Effect.tap(decision.run),
                      Effect.flatMap(peerGone)
                    )
                }
        )
      })
  })

type Open = Network["Type"]["webSocket"]

/** The sockets that the service opens to the model. */
export const modelFaults =
  (trouble: Trouble, lateness: () => number) =>
  (open: Open): Open =>
  (url, options): Effect.Effect<WireSocket, Effect.Effect.Error<ReturnType<Open>>, Scope.Scope> =>
    Effect.suspend(() => {
      const nth = trouble.count("model socket")
      return Effect.flatMap(open(url, options), (socket) => spoil(trouble, socket, nth, modelSwitch, lateness))
    })
