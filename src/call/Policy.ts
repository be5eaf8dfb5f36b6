/**
 * Which numbers may be dialled, and when (design, 7). Pure; asked for every dialling, by request and by transfer alike.
 * Counting (daily limits, concurrency) and the store of opt-outs are not known here.
 */
import { Either, Predicate } from "effect"
import { parsePhoneNumberFromString } from "libphonenumber-js/max"
import type { PhoneConfigValues } from "../Config.ts"
import { CallNotAllowed, type InvalidPhoneNumber } from "../domain/errors.ts"
import { type PhoneNumber, parsePhoneNumber } from "../domain/PhoneNumber.ts"

export type PolicySettings = Pick<PhoneConfigValues, "phoneNumber" | "allowedCountries" | "doNotCall" | "callingHours">

const deny = (rule: CallNotAllowed["rule"], message: string) => Either.left(new CallNotAllowed({ rule, message }))

/** Emergency numbers of the world's regions, and 933, which tests the US one. */
const emergency = new Set([
  "911",
  "933",
  "112",
  "999",
  "000",
  "110",
  "113",
  "117",
  "118",
  "119",
  "190",
  "191",
  "192",
  "193"
])

/** Short numbers never become E.164, so they are recognised in what was written. */
const checkShort = (input: string): Either.Either<void, CallNotAllowed> => {
  const digits = input.replace(/\D/g, "")
  if (emergency.has(digits)) return deny("emergency", `${digits} is an emergency number. Phone never dials those.`)
  if (digits.length >= 2 && digits.length <= 6 && /^[+\d\s().-]+$/.test(input.trim())) {
    return deny("short-number", `${digits} is a short number (N11, carrier or service code). Phone never dials those.`)
  }
  return Either.void
}

type Parsed = NonNullable<ReturnType<typeof parsePhoneNumberFromString>>

const countries = (parsed: Parsed): ReadonlyArray<string> =>
  parsed.country === undefined ? parsed.getPossibleCountries().slice(0, 1) : [parsed.country]

/** Premium and shared-cost ranges; where the numbering plan knows no such number, its 900 prefix is enough to refuse. */
const checkKind = (number: PhoneNumber, parsed: Parsed): Either.Either<void, CallNotAllowed> => {
  const kind = parsed.getType()
  const national: string = parsed.nationalNumber
  const nanp = parsed.countryCallingCode === "1"
  if (nanp && /^.11/.test(national))
    return deny("short-number", `${number} has an N11 area code. Phone never dials those.`)
  if (kind === "PREMIUM_RATE" || /^0?900/.test(national) || (nanp && /^...976/.test(national))) {
    return deny("premium", `${number} is a premium-rate number. Phone never dials those.`)
  }
  if (kind === "SHARED_COST") return deny("shared-cost", `${number} is a shared-cost number. Phone never dials those.`)
  return Either.void
}

const zonesOf = (country: string): ReadonlyArray<string> => {
  const locale = new Intl.Locale("und", { region: country })
  const method: unknown = Reflect.get(locale, "getTimeZones")
  const zones: unknown =
    typeof method === "function" ? Reflect.apply(method, locale, []) : Reflect.get(locale, "timeZones")
  return Array.isArray(zones) ? zones.filter(Predicate.isString) : []
}

const timeOfDay = (now: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(now)

const within = (time: string, hours: { readonly from: string; readonly to: string }): boolean =>
  hours.from <= hours.to ? time >= hours.from && time < hours.to : time >= hours.from || time < hours.to

/** A country with several time zones is called only when the hours hold in all of them: a number does not tell its zone. */
const checkHours = (number: PhoneNumber, parsed: Parsed, settings: PolicySettings, now: Date) => {
  const { callingHours } = settings
  if (callingHours === undefined) return Either.void
  const zones = countries(parsed).flatMap(zonesOf)
  const outside = zones.find((zone) => !within(timeOfDay(now, zone), callingHours))
  if (zones.length > 0 && outside === undefined) return Either.void
  const where =
    outside === undefined ? "the callee's time zone is not known" : `it is ${timeOfDay(now, outside)} in ${outside}`
  return deny("calling-hours", `${number} may be called from ${callingHours.from} to ${callingHours.to}, but ${where}.`)
}

/** Whether an E.164 number may be dialled now. */
export const checkNumber = (
  number: PhoneNumber,
  settings: PolicySettings,
  now: Date
): Either.Either<PhoneNumber, CallNotAllowed> => {
  const parsed = parsePhoneNumberFromString(number)
  const own = parsePhoneNumberFromString(settings.phoneNumber)
  if (parsed === undefined) return deny("country", `${number} belongs to no country we know.`)
  if (number === settings.phoneNumber) return deny("own-number", `${number} is our own number.`)
  if (settings.doNotCall.includes(number)) return deny("do-not-call", `${number} is on the do-not-call list.`)
  const allowed: ReadonlyArray<string> = settings.allowedCountries ?? (own === undefined ? [] : countries(own))
  const where = countries(parsed)
  if (!where.some((country) => allowed.includes(country))) {
    return deny(
      "country",
      `${number} is in ${where[0] ?? "no country"}; allowed are: ${allowed.join(", ")} (allowedCountries in the configuration).`
    )
  }
  return Either.void.pipe(
    Either.flatMap(() => checkKind(number, parsed)),
    Either.flatMap(() => checkHours(number, parsed, settings, now)),
    Either.map(() => number)
  )
}

/** Reads a number as somebody wrote it, and checks whether it may be dialled now. */
export const admitNumber = (
  input: string,
  settings: PolicySettings,
  now: Date
): Either.Either<PhoneNumber, InvalidPhoneNumber | CallNotAllowed> =>
  Either.gen(function* () {
    yield* checkShort(input)
    const number = yield* parsePhoneNumber(input, settings.phoneNumber)
    return yield* checkNumber(number, settings, now)
  })
