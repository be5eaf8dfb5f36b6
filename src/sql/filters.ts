/** Which calls a query of the history means: its filters, checked and in the form that the columns have. Pure; the SQL is `history.ts`'s. */
import { Either, Schema } from "effect"
import { CallStatus } from "../domain/CallStatus.ts"
import { InvalidRequest } from "../domain/errors.ts"
import type { HistoryQuery } from "../Transcripts.ts"
import { searchWords } from "./search.ts"

export interface Filters {
  readonly words: ReadonlyArray<string>
  readonly statuses?: ReadonlyArray<CallStatus>
  /** What the number must hold: digits, after a `+` if it is meant from its beginning. */
  readonly number?: string
  /** As times are stored. */
  readonly since?: string
  readonly until?: string
  readonly success?: boolean
}

const refuse = (field: string, message: string) => Either.left(new InvalidRequest({ field, message }))

const isStatus = Schema.is(CallStatus)

const readStatuses = (given: ReadonlyArray<string>) => {
  const known = given.filter(isStatus)
  const unknown = given.find((status) => !isStatus(status))
  if (unknown === undefined) return Either.right(known)
  return refuse("status", `"${unknown.slice(0, 40)}" is no status. There are ${CallStatus.literals.join(", ")}.`)
}

const readNumber = (given: string) => {
  const digits = given.replace(/\D/g, "")
  if (digits !== "" && !/[a-z]/i.test(given)) return Either.right(given.trim().startsWith("+") ? `+${digits}` : digits)
  return refuse("to", `"${given.slice(0, 40)}" is no part of a number. Write digits, such as +15551234567 or 4567.`)
}

const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/

/** ISO 8601 with a zone, or a date, which begins at midnight UTC. */
const readTime = (field: "since" | "until", given: string) => {
  const at = iso.test(given) ? Date.parse(given) : Number.NaN
  if (!Number.isNaN(at)) return Either.right(new Date(at).toISOString())
  return refuse(
    field,
    `"${given.slice(0, 40)}" is no time. Write ISO 8601, such as 2026-01-31 or 2026-01-31T09:00:00Z.`
  )
}

export const readFilters = ({
  search,
  since,
  status,
  success,
  to,
  until
}: HistoryQuery): Either.Either<Filters, InvalidRequest> =>
  Either.gen(function* () {
    return {
      words: searchWords(search),
      ...(status === undefined ? {} : { statuses: yield* readStatuses(status) }),
      ...(to === undefined ? {} : { number: yield* readNumber(to) }),
      ...(since === undefined ? {} : { since: yield* readTime("since", since) }),
      ...(until === undefined ? {} : { until: yield* readTime("until", until) }),
      ...(success === undefined ? {} : { success })
    }
  })
