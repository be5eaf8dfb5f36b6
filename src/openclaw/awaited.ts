/**
 * Requests whose end is awaited by a running tool call, so that their session is not woken as well. The one thing that the
 * host's two instances of this module share (facts/openclaw.md 1.4); lost with the process, and then the session is woken.
 */

const key = Symbol.for("phone/openclaw/awaited")

export const awaitedRequests = (): Set<string> => {
  const existing: unknown = Reflect.get(globalThis, key)
  if (existing instanceof Set) return existing
  const made = new Set<string>()
  Reflect.set(globalThis, key, made)
  return made
}
