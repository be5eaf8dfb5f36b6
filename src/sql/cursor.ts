/** The opaque text that says where the next page of the history begins: after which call, not after how many. */
import { Effect, Either, Encoding, Option } from "effect"
import { InvalidRequest } from "../domain/errors.ts"

/** A call's place in the history: newest first, calls of one moment by id. */
export interface Place {
  /** ISO 8601, as stored. */
  readonly startedAt: string
  readonly id: string
}

const form = /^([0-9TZ:.+-]{20,30})\/([a-z0-9]{8})$/

export const writeCursor = (place: Place): string => Encoding.encodeBase64Url(`${place.startedAt}/${place.id}`)

export const readCursor = (cursor: string): Effect.Effect<Place, InvalidRequest> =>
  Encoding.decodeBase64UrlString(cursor).pipe(
    Either.getRight,
    Option.flatMapNullable((text) => form.exec(text)),
    Option.match({
      onNone: () =>
        new InvalidRequest({
          field: "cursor",
          message: `"${cursor.slice(0, 60)}" is no cursor of this history. Ask without one to begin at the newest call.`
        }),
      onSome: ([, startedAt = "", id = ""]) => Effect.succeed({ startedAt, id })
    })
  )
