/** The values of which arbitrary scenarios are made. */
import { FastCheck } from "effect"

export const anyOf = <const T extends ReadonlyArray<unknown>>(...values: T): FastCheck.Arbitrary<T[number]> =>
  FastCheck.constantFrom(...values)

/** Seconds with a resolution of 10 ms. */
export const within = (from: number, to: number): FastCheck.Arbitrary<number> =>
  FastCheck.integer({ min: Math.round(from * 100), max: Math.round(to * 100) }).map((hundredths) => hundredths / 100)

export const nth = (most: number): FastCheck.Arbitrary<number> => FastCheck.integer({ min: 1, max: most })
