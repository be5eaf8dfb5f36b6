/** Options that are numbers: what cannot be is refused with the option's name and what was written. */
import { HelpDoc, Options, ValidationError } from "@effect/cli"
import { Effect } from "effect"

interface NumberOption {
  readonly description: string
  /** The type's name in the help. */
  readonly type: string
  /** What it must be, in words. */
  readonly is: string
  readonly fits: (value: number) => boolean
}

export const number = (name: string, { description, fits, is, type }: NumberOption): Options.Options<number> =>
  Options.text(name).pipe(
    Options.withPseudoName(type),
    Options.withDescription(description),
    Options.mapEffect((written) => {
      const value = written.trim() === "" ? Number.NaN : Number(written)
      return Number.isFinite(value) && fits(value)
        ? Effect.succeed(value)
        : Effect.fail(ValidationError.invalidValue(HelpDoc.p(`--${name} must be ${is}, not "${written}".`)))
    })
  )

interface Bounds {
  readonly least: number
  readonly most?: number
}

const boundsText = (bounds: Bounds | undefined): string => {
  if (bounds === undefined) return ""
  return bounds.most === undefined ? `, ${bounds.least} or more` : ` from ${bounds.least} to ${bounds.most}`
}

export const whole = (name: string, description: string, bounds?: Bounds): Options.Options<number> => {
  const { least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER } = bounds ?? {}
  return number(name, {
    description,
    type: "integer",
    is: `a whole number${boundsText(bounds)}`,
    fits: (value) => Number.isSafeInteger(value) && value >= least && value <= most
  })
}
