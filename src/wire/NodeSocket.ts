/** A `ws` socket as a `WireSocket`: whatever `ws` does, nothing throws and the close is heard once. Who opens it is elsewhere. */
import { WebSocket } from "ws"
import { makeInbox } from "./Inbox.ts"
import type { WireSocket } from "./Network.ts"

/** Messages kept for an owner who does not listen yet; a peer that sends more is cut off. */
const maxKept = 10_000

/** A close frame holds 125 bytes, two of them the code (RFC 6455 5.5). */
const maxReason = 123

/** Of both sides. `closeTimeout`: what `ws` waits for the peer's close frame before it cuts the connection. */
export const socketOptions = { perMessageDeflate: false, closeTimeout: 2000 }

/** The codes that may stand in a close frame (RFC 6455 7.4). */
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)

const fitting = (reason: string): string => {
  let fits = reason.slice(0, maxReason)
  while (Buffer.byteLength(fits) > maxReason) fits = fits.slice(0, -1)
  return fits
}

/**
 * Takes over a `ws` socket in the very tick in which it exists, so that no early frame is lost. A handler that throws
 * loses its socket, and `report` gets what it threw: one call's bug must not end the process.
 */
export const adoptSocket = (ws: WebSocket, report: (defect: unknown) => void): WireSocket => {
  const inbox = makeInbox({ maxKept, onOverflow: () => ws.terminate() })
  const guarded = (handle: () => void): void => {
    try {
      handle()
    } catch (defect) {
      ws.terminate()
      report(defect)
    }
  }
  ws.on("message", (data, isBinary) => guarded(() => inbox.message(isBinary ? null : data.toString())))
  ws.on("close", (code, reason) => guarded(() => inbox.close({ code, reason: reason.toString() })))
  // `ws` lets every error be followed by `close`, which says it all to the owner; without a listener it would be thrown.
  ws.on("error", () => {})
  return {
    send: (text) => {
      if (ws.readyState !== WebSocket.OPEN) return false
      ws.send(text)
      return true
    },
    listen: inbox.listen,
    close: (code, reason) => {
      if (isSendable(code)) ws.close(code, fitting(reason))
      else ws.terminate()
    },
    terminate: () => ws.terminate(),
    buffered: () => ws.bufferedAmount
  }
}
