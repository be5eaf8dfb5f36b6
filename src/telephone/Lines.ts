/** The lines of this process by call id: the live ones, and the latest that have ended, for callbacks that come afterwards. */
import type { CallId } from "../domain/Ids.ts"
import type { Line } from "./Line.ts"

/** Ended lines that are still known: their recordings and late callbacks arrive within minutes. */
const remembered = 1000

export class Lines {
  readonly #lines = new Map<string, Line>()

  add(line: Line): void {
    this.#lines.delete(line.callId)
    this.#lines.set(line.callId, line)
    if (this.#lines.size <= remembered) return
    for (const [id, old] of this.#lines) {
      if (this.#lines.size <= remembered) return
      if (old.isClosed) this.#lines.delete(id)
    }
  }

  get(callId: CallId | string): Line | undefined {
    return this.#lines.get(callId)
  }

  /** Whether this call of Twilio's is known to be one of these lines. */
  knows(sid: string): boolean {
    for (const line of this.#lines.values()) if (line.sid === sid) return true
    return false
  }
}
