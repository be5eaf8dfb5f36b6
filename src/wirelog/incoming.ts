/**
 * The incoming side of the wire, written down: Twilio's webhooks and media sockets. A webhook says in its path which call it
 * is about, a media socket in its `start` message. A request that the host refused is there with its answer.
 */
import { Effect, Layer } from "effect"
import { PhoneConfig } from "../Config.ts"
import { makeAddresses } from "../telephone/Addresses.ts"
import { readMessage } from "../telephone/MediaMessages.ts"
import { TwilioHost } from "../telephone/Twilio.ts"
import type { Handshake, Host, WireHandshake, WireRequest, WireSocket } from "../wire/Network.ts"
import type { CallLog } from "./CallLog.ts"
import type { Direction } from "./Entry.ts"
import { answerOf, formOf, pathOf } from "./outgoing.ts"
import { recordSocket, type SocketLog, socketLog } from "./recordSocket.ts"
import { WireLogs } from "./WireLogs.ts"

/** Messages of a media socket before it has said whose it is. */
const mostUnidentified = 16

const recordWebhook = (log: CallLog, host: Host, request: WireRequest) =>
  Effect.suspend(() => {
    const id = log.nextRequest()
    const { body, method, url } = request
    const path = log.hide(pathOf(url), "in")
    log.add({ on: "webhook", dir: "in", is: "request", id, method, path, form: formOf(log, "in", body) })
    return Effect.tap(host.http(request), (response) =>
      Effect.sync(() => log.add({ on: "webhook", dir: "out", is: "response", id, ...answerOf(log, "out", response) }))
    )
  })

/** Keeps what is said before the `start` message, then writes it all into the log of the call that it names. */
const mediaLog = (logs: WireLogs["Type"], handshake: WireHandshake): SocketLog => {
  let early: Array<readonly [Direction, string | null]> | undefined = []
  let identified: SocketLog | undefined
  const identify = (text: string | null) => {
    const message = text === null ? undefined : readMessage(text)
    if (message?.event !== "start") return
    const log = logs.of(message.start.customParameters.call)
    if (log !== undefined) {
      const on = log.connection("media")
      log.add({ on, dir: "in", is: "open", path: log.hide(pathOf(handshake.url), "in") })
      identified = socketLog(log, on)
      for (const [dir, frame] of early ?? []) identified.frame(dir, frame)
    }
    early = undefined
  }
  return {
    frame: (dir, text) => {
      if (early === undefined) return identified?.frame(dir, text)
      early.push([dir, text])
      identify(text)
      if (early !== undefined && early.length > mostUnidentified) early = undefined
    },
    closed: (dir, code, reason) => identified?.closed(dir, code, reason)
  }
}

/** The host of Twilio's requests, with what they say written into the logs of their calls. */
export const layerRecordedHost = Layer.effect(
  TwilioHost,
  Effect.gen(function* () {
    const host = yield* TwilioHost
    const logs = yield* WireLogs
    const { find } = makeAddresses((yield* PhoneConfig).webhookHost)
    return TwilioHost.of({
      http: (request) => {
        const to = find(request.url)
        const log = to._tag === "Webhook" ? logs.of(to.callId) : undefined
        return log === undefined ? host.http(request) : recordWebhook(log, host, request)
      },
      webSocket: (handshake) =>
        Effect.map(host.webSocket(handshake), (decision): Handshake => {
          if (decision._tag === "Refuse" || logs.live().length === 0) return decision
          const run = (socket: WireSocket) => decision.run(recordSocket(socket, mediaLog(logs, handshake)))
          return { _tag: "Accept", run }
        })
    })
  })
)
