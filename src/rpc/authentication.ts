/** The server's side of the bearer token: who may use the RPC interface. */
import { Effect, Layer, type Redacted } from "effect"
import { Unauthorized } from "../domain/errors.ts"
import { makeBearerCheck } from "../http/bearer.ts"
import { Authentication } from "./PhoneRpcs.ts"

/** Requests pass that carry `authorization: Bearer <token>`; all others get `Unauthorized`, streams too. */
export const layerAuthentication = (token: Redacted.Redacted) => {
  const check = makeBearerCheck(token)
  return Layer.succeed(
    Authentication,
    Authentication.of(({ headers }) => {
      const problem = check(headers.authorization)
      return problem === undefined ? Effect.void : new Unauthorized({ message: problem })
    })
  )
}
