/** Two WebSockets joined in memory, with the closing manners of real ones. When things arrive is the poster's business. */
import { makeInbox } from "./Inbox.ts"
import type { WireSocket } from "./Network.ts"

/** Runs tasks in the order in which they came, each after the one before is done. */
export type Post = (task: () => void) => void

/** What goes through the wire of a pair of sockets. `cut` is the end without a close frame. */
type Signal =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Close"; readonly code: number; readonly reason: string }
  | { readonly _tag: "Cut" }

const abnormal = { code: 1006, reason: "" }

/** One end of a pair: `transmit` is its way to the other end, `receive` what the other end transmits to. */
const makeEnd = (post: Post, transmit: (signal: Signal) => void) => {
  const inbox = makeInbox()
  let state: "open" | "closing" | "closed" = "open"
  const receive = (signal: Signal): void => {
    if (state === "closed") return
    if (signal._tag === "Text") {
      inbox.message(signal.text)
      return
    }
    const answer = state === "open" && signal._tag === "Close"
    state = "closed"
    if (answer) transmit(signal)
    inbox.close(signal._tag === "Close" ? { code: signal.code, reason: signal.reason } : abnormal)
  }
  const socket: WireSocket = {
    send: (text) => {
      if (state !== "open") return false
      transmit({ _tag: "Text", text })
      return true
    },
    listen: inbox.listen,
    close: (code, reason) => {
      if (state !== "open") return
      state = "closing"
      transmit({ _tag: "Close", code, reason })
    },
    terminate: () => {
      if (state === "closed") return
      state = "closed"
      transmit({ _tag: "Cut" })
      post(() => inbox.close(abnormal))
    },
    buffered: () => 0
  }
  return { socket, receive }
}

/** Runs tasks where they are posted, but one posted inside another after it. */
const makeInstantPost = (): Post => {
  const tasks: Array<() => void> = []
  let running = false
  return (task) => {
    tasks.push(task)
    if (running) return
    running = true
    try {
      for (let next = tasks.shift(); next; next = tasks.shift()) next()
    } finally {
      running = false
    }
  }
}

export type SocketPair = readonly [WireSocket, WireSocket]

/**
 * Two sockets joined to each other. By themselves they deliver within `send`, but never inside a handler: what a handler
 * sends arrives when that handler is done.
 */
export const socketPair = (post: Post = makeInstantPost()): SocketPair => {
  const here = makeEnd(post, (signal) => post(() => there.receive(signal)))
  const there = makeEnd(post, (signal) => post(() => here.receive(signal)))
  return [here.socket, there.socket]
}
