/** The check of a bearer token, for every door that is served. How a token is made or stored is not known here. */
import { createHash, timingSafeEqual } from "node:crypto"
import { Redacted } from "effect"

/** Digests have one length, so comparing them takes the same time whatever was sent. */
const digest = (text: string) => createHash("sha256").update(text).digest()

/** Says what is wrong with an `authorization` header and how to mend it; `undefined` when it carries the token. */
export const makeBearerCheck = (token: Redacted.Redacted) => {
  const expected = digest(Redacted.value(token))
  return (authorization: string | undefined): string | undefined => {
    const bearer = /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1]
    if (bearer !== undefined && timingSafeEqual(digest(bearer), expected)) return undefined
    const what = bearer === undefined ? "The RPC token is missing" : "The RPC token is wrong"
    return `${what}: send the service's rpcToken as "authorization: Bearer <token>".`
  }
}
