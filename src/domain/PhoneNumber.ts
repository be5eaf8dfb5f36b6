/** Telephone numbers. A number is E.164 from the moment it is accepted; everything before that is only text. */

import { Either, Schema } from "effect"
import { type CountryCode, isPossiblePhoneNumber, parsePhoneNumberFromString } from "libphonenumber-js/max"
import { InvalidPhoneNumber } from "./errors.ts"

/** E.164: `+`, country code, at most 15 digits. */
export const PhoneNumber = Schema.String.pipe(Schema.pattern(/^\+[1-9]\d{6,14}$/), Schema.brand("PhoneNumber"))
export type PhoneNumber = typeof PhoneNumber.Type

/** ISO 3166 country of a number, or `undefined` for the numbers that belong to none (satellite, freephone +800). */
export const countryOf = (number: PhoneNumber): CountryCode | undefined => parsePhoneNumberFromString(number)?.country

const refuse = (input: string, reason: string) =>
  Either.left(
    new InvalidPhoneNumber({
      input: input.slice(0, 40),
      message: `"${input.slice(0, 40)}" is not a phone number we can dial: ${reason}`
    })
  )

/**
 * Reads what a person or a model wrote as a number: E.164, or the national format of the country of `own`
 * (10-digit US numbers included). A *possible* number passes, fictional 555 ones too: whether it is assigned
 * is the carrier's to say.
 */
export const parsePhoneNumber = (input: string, own: PhoneNumber): Either.Either<PhoneNumber, InvalidPhoneNumber> => {
  const text = input.trim()
  if (text.length === 0) return refuse(input, "it is empty. Write it as +15551234567.")
  if (text.length > 40) return refuse(input, "it is too long. Write it as +15551234567.")
  if (/[a-z]/i.test(text)) return refuse(input, "it has letters. Write digits only, as +15551234567.")
  const country = countryOf(own) ?? "US"
  const parsed = parsePhoneNumberFromString(text, { defaultCountry: country, extract: false })
  if (parsed === undefined) return refuse(input, "it cannot be read. Write it in E.164, as +15551234567.")
  if (parsed.ext !== undefined) return refuse(input, "an extension cannot be dialled. Put it into the task instead.")
  if (!isPossiblePhoneNumber(parsed.number)) {
    return refuse(input, `it has the wrong length for ${parsed.country ?? `+${parsed.countryCallingCode}`}.`)
  }
  return Schema.decodeUnknownEither(PhoneNumber)(parsed.number).pipe(
    Either.orElse(() => refuse(input, "it is no E.164 number."))
  )
}
