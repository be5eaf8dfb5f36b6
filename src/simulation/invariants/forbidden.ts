/**
 * Whom nobody may dial, judged without the service's own policy and its library of numbering plans: what is known here of numbers
 * is little, and written down. What is not known here is not judged.
 */
import { simulatedCredentials } from "../../config/simulated.ts"
import type { Run } from "../world/Run.ts"
import { has } from "./Invariant.ts"

interface Country {
  readonly numbers: RegExp
  /** Its easternmost and its westernmost: the hours must hold in both. */
  readonly zones: ReadonlyArray<string>
}

/** Area codes of the North American plan that are not the United States', but Canada's, or an island's. */
const canada =
  "204|226|236|249|250|263|289|306|343|354|365|367|368|403|416|418|428|431|437|438|450|468|474|506|514|519|548|579|581|584|587|604|613|639|647|672|683|705|709|742|753|778|780|782|807|819|825|867|873|879|902|905"
const islands =
  "242|246|264|268|284|340|345|441|473|649|658|664|670|671|684|721|758|767|784|787|809|829|849|868|869|876|939"

const countries: Readonly<Record<string, Country>> = {
  US: { numbers: new RegExp(`^\\+1(?!${canada}|${islands})\\d{10}$`), zones: ["America/New_York", "Pacific/Honolulu"] },
  CA: { numbers: new RegExp(`^\\+1(${canada})\\d{7}$`), zones: ["America/St_Johns", "America/Vancouver"] },
  DE: { numbers: /^\+49\d{5,12}$/, zones: ["Europe/Berlin"] },
  GB: { numbers: /^\+44\d{9,10}$/, zones: ["Europe/London"] }
}

const premium = [/^\+1900\d{7}$/, /^\+1\d{3}976\d{4}$/, /^\+49900\d+$/, /^\+449\d+$/]

/** Emergency calls and services have no more digits than this. */
const shortNumber = /^\+?\d{1,6}$/

/** Where our own number is, which may be called when nothing else is said. */
const home = "US"

const timeIn = (timeZone: string, at: number): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at)

/** Hours may pass midnight. */
const isWithin = (time: string, { from, to }: { readonly from: string; readonly to: string }): boolean =>
  from <= to ? from <= time && time < to : from <= time || time < to

const hoursBroken = (run: Run, to: string, at: number): ReadonlyArray<string> => {
  const { callingHours: hours } = run.scenario.config ?? {}
  // a service whose clock was put goes by that
  if (hours === undefined || has(run, "setClock")) return []
  const zones = Object.values(countries).find(({ numbers }) => numbers.test(to))?.zones ?? []
  // asked for within the hours, it may be dialled just after them
  return zones
    .filter((zone) => [run.startedAt, at].every((moment) => !isWithin(timeIn(zone, moment), hours)))
    .map((zone) => `${to} was dialled at ${timeIn(zone, at)} (${zone}), allowed is ${hours.from} to ${hours.to}`)
}

/** Why this number may not be dialled at this moment; nothing, if it may. `numberOf`: as it is dialled. */
export const forbidden = (run: Run, to: string, at: number): ReadonlyArray<string> => {
  const { allowedCountries = [home], doNotCall = [], enabled = true } = run.scenario.config ?? {}
  const allowed = allowedCountries.map((country) => countries[country])
  return [
    ...(enabled ? [] : [`${to} was dialled, though nothing may be`]),
    ...(shortNumber.test(to) ? [`${to} was dialled, an emergency or service number`] : []),
    ...(premium.some((numbers) => numbers.test(to)) ? [`${to} was dialled, a premium-rate number`] : []),
    ...(to === simulatedCredentials.phoneNumber ? [`${to} was dialled, our own number`] : []),
    ...(doNotCall.includes(to) ? [`${to} is on the do-not-call list`] : []),
    // a country that is not known here may be the one
    ...(allowed.every((country) => country?.numbers.test(to) === false)
      ? [`${to} was dialled, allowed are only numbers in ${allowedCountries.join(", ")}`]
      : []),
    ...hoursBroken(run, to, at)
  ]
}
