/** Whether the Twilio account can make the call: let in, active, with money, a number that may call, and may call this one. */
import { Effect, Either, Option } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import type { PhoneNumber } from "../../domain/PhoneNumber.ts"
import { moneyText } from "../text.ts"
import { type Finding, ok, problem, refused, skipped, warning } from "./Finding.ts"
import { type NotTold, twilioApi } from "./twilioApi.ts"

/** US dollars: some ten minutes. */
const little = 1

const consoleHelp = "look at the account in the Twilio console"

const untold = (check: string, error: NotTold): Finding =>
  error.unreached ? skipped(check, `Twilio could not be asked: ${error.message}`) : refused(check, error, consoleHelp)

const accountFinding = (
  status: string,
  type: string,
  balance: Option.Option<{ balance: number; currency: string }>
) => {
  const check = "twilio account"
  const said = `${status}, ${type === "Trial" ? "a trial" : "a full account"}`
  if (status !== "active") return refused(check, { code: "20005", message: said }, consoleHelp)
  if (Option.isNone(balance)) return ok(check, said)
  const { balance: left, currency } = balance.value
  const found = `${said}, ${currency === "USD" ? moneyText(left) : `${left.toFixed(2)} ${currency}`} left`
  return left < little ? warning(check, found, "add money in the Twilio console (Billing)") : ok(check, found)
}

const numberFinding = Effect.fnUntraced(function* (
  { phoneNumber }: PhoneConfigValues,
  api: ReturnType<typeof twilioApi>
) {
  const check = "twilio number"
  const owned = yield* api.owned(phoneNumber)
  if (owned?.voice === true) return ok(check, `${phoneNumber} is of this account and can call`)
  if (owned !== undefined) {
    return problem(check, `${phoneNumber} cannot make calls`, "buy a number with voice, and set phoneNumber to it")
  }
  if (yield* api.isVerified(phoneNumber)) return ok(check, `${phoneNumber} is a verified caller ID`)
  return refused(check, { code: "21210", message: `${phoneNumber} is not there` }, consoleHelp)
})

const calleeFinding = Effect.fnUntraced(function* (to: PhoneNumber, api: ReturnType<typeof twilioApi>) {
  const check = "callee"
  if (yield* api.isVerified(to)) return ok(check, `${to} is verified, so a trial account may call it`)
  return refused(check, { code: "21219", message: `${to} is not verified` }, consoleHelp)
})

/** `to`: whom a trial account is to call. Nothing with `provider: simulated`, where there is no account. */
export const account = Effect.fnUntraced(function* (config: PhoneConfigValues, to: PhoneNumber | undefined) {
  if (config.provider === "simulated") return []
  const api = twilioApi(config)
  const told = yield* Effect.either(api.account)
  if (Either.isLeft(told)) return [untold("twilio account", told.left)]
  const { status, type } = told.right
  // some accounts, such as subaccounts, may not see it
  const balance = yield* Effect.option(api.balance)
  const finding = accountFinding(status, type, balance)
  if (finding.state === "problem") return [finding]
  const orUntold = <R>(check: string, asked: Effect.Effect<Finding, NotTold, R>) =>
    Effect.catchAll(asked, (error) => Effect.succeed(untold(check, error)))
  return [
    finding,
    yield* orUntold("twilio number", numberFinding(config, api)),
    ...(to === undefined || type !== "Trial" ? [] : [yield* orUntold("callee", calleeFinding(to, api))])
  ]
})
