/**
 * What arrives on one socket, kept in order until its owner listens, and the close said once and last. Knows nothing of
 * how it arrived.
 */
import type { WireClose, WireSocket } from "./Network.ts"

type Listener = Parameters<WireSocket["listen"]>[0]

export interface Inbox {
  readonly listen: WireSocket["listen"]
  readonly message: (text: string | null) => void
  /** Only the first counts; nothing is heard after it. */
  readonly close: (close: WireClose) => void
}

/** Messages come in as they are heard. `maxKept` bounds what waits for a listener; beyond it `onOverflow` is called. */
export const makeInbox = (bound?: { readonly maxKept: number; readonly onOverflow: () => void }): Inbox => {
  let listener: Listener | undefined
  const kept: Array<string | null> = []
  let closed: WireClose | undefined
  return {
    listen: (on) => {
      // What comes in while the kept is handed over stands in line behind it.
      for (let text = kept.shift(); text !== undefined; text = kept.shift()) on.message(text)
      listener = on
      if (closed) on.close(closed)
    },
    message: (text) => {
      if (closed) return
      if (listener) listener.message(text)
      else if (bound && kept.length >= bound.maxKept) bound.onOverflow()
      else kept.push(text)
    },
    close: (close) => {
      if (closed) return
      closed = close
      listener?.close(close)
    }
  }
}
