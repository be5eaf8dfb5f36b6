/** The server's side of the bearer token: who may use the RPC interface. How a token is made or stored is not known here. */
import { createHash, timingSafeEqual } from "node:crypto"
import { Headers } from "@effect/platform"
import { Effect, Layer, Option, Redacted } from "effect"
import { Unauthorized } from "../domain/errors.ts"
import { Authentication } from "./PhoneRpcs.ts"

/** Digests have one length, so comparing them takes the same time whatever was sent. */
const digest = (text: string) => createHash("sha256").update(text).digest()

/** Requests pass that carry `authorization: Bearer <token>`; all others get `Unauthorized`, streams too. */
export const layerAuthentication = (token: Redacted.Redacted) => {
  const expected = digest(Redacted.value(token))
  return Layer.succeed(
    Authentication,
    Authentication.of(({ headers }) => {
      const given = Option.getOrElse(Headers.get(headers, "authorization"), () => "")
      const bearer = /^Bearer +(.+)$/i.exec(given)?.[1]
      if (bearer !== undefined && timingSafeEqual(digest(bearer), expected)) return Effect.void
      const what = bearer === undefined ? "The RPC token is missing" : "The RPC token is wrong"
      return new Unauthorized({ message: `${what}: send the service's rpcToken as "authorization: Bearer <token>".` })
    })
  )
}
