/**
 * Unguessable randomness for ids and tokens. Cryptographic unless somebody replaces it: a reference with a default,
 * so that no embedding can forget it. The simulation puts a seeded source in its place.
 */
import { randomBytes } from "node:crypto"
import { Context, Effect } from "effect"
import { CallId } from "./domain/Ids.ts"

export class Entropy extends Context.Reference<Entropy>()("phone/Entropy", {
  defaultValue: (): { readonly bytes: (count: number) => Uint8Array } => ({ bytes: (count) => randomBytes(count) })
}) {}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

/** A text of `length` lower-case letters and digits (5.2 bits each; bytes that would favour some are drawn again). */
const text = (length: number) =>
  Effect.map(Entropy, ({ bytes }) => {
    let out = ""
    while (out.length < length) {
      for (const byte of bytes(length)) if (byte < 252 && out.length < length) out += alphabet[byte % 36]
    }
    return out
  })

/** A new call id. Whoever stores it checks that it is not taken. */
export const newCallId = Effect.map(text(8), (id) => CallId.make(id))

/** A secret that nobody guesses: 40 characters, over 200 bits. */
export const newToken = text(40)
