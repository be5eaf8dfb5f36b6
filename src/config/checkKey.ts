/** One value of the configuration, as somebody types it, held against the schema of its key. Pure. */
import { Either, Schema } from "effect"
import { PhoneConfigFields } from "../Config.ts"
import { type Key, keyTexts } from "./keyTexts.ts"
import { problemsOf } from "./problems.ts"
import { readYaml } from "./section.ts"

export const isKey = (name: string): name is Key => Object.hasOwn(keyTexts, name)

const check = (key: Key, value: unknown): Either.Either<unknown, string> =>
  Schema.decodeUnknownEither(PhoneConfigFields.pick(key), { errors: "all" })({ [key]: value }).pipe(
    Either.mapBoth({
      onLeft: (error) =>
        problemsOf(error)
          .map(({ line }) => line)
          .join("\n"),
      onRight: () => value
    })
  )

/**
 * The value for the file: the text itself where the key takes text, else what it says in YAML (`yes` and `no` too). What is
 * wrong is a line that names the key and not the value.
 */
export const readValue = (key: Key, typed: string): Either.Either<unknown, string> => {
  const text = typed.trim()
  const asText = check(key, text)
  if (Either.isRight(asText)) return asText
  const said = /^(y|yes|no?)$/i.test(text) ? Either.right(/^y/i.test(text)) : readYaml(text)
  return Either.match(said, {
    onLeft: () => asText,
    onRight: (value) => (typeof value === "string" || value === null ? asText : check(key, value))
  })
}
