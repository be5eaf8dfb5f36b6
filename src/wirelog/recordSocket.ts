/** A socket whose frames and end are told to a log. Adds nothing to a frame's way but that. */
import type { WireSocket } from "../wire/Network.ts"
import type { CallLog } from "./CallLog.ts"
import type { Direction } from "./Entry.ts"

/** Hears of one socket. `closed` comes once, by whichever side was first. */
export interface SocketLog {
  readonly frame: (dir: Direction, text: string | null) => void
  readonly closed: (dir: Direction, code: number, reason: string) => void
}

const cut = 1006

export const recordSocket = (socket: WireSocket, log: SocketLog): WireSocket => {
  let open = true
  const closed = (dir: Direction, code: number, reason: string) => {
    if (!open) return
    open = false
    log.closed(dir, code, reason)
  }
  return {
    send: (text) => {
      // first the log: a peer in memory may answer before `send` has returned
      if (open) log.frame("out", text)
      return socket.send(text)
    },
    listen: (on) =>
      socket.listen({
        message: (text) => {
          log.frame("in", text)
          on.message(text)
        },
        close: (close) => {
          closed("in", close.code, close.reason)
          on.close(close)
        }
      }),
    close: (code, reason) => {
      closed("out", code, reason)
      socket.close(code, reason)
    },
    terminate: () => {
      closed("out", cut, "")
      socket.terminate()
    },
    buffered: socket.buffered
  }
}

/** The log of a socket whose connection has a name. */
export const socketLog = (log: CallLog, on: string): SocketLog => ({
  frame: (dir, text) => log.frame(on, dir, text),
  closed: (dir, code, reason) => log.add({ on, dir, is: "close", code, reason })
})
