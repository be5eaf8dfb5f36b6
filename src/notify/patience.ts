/** How long and how often a notification is tried. Named values, and the one decision that is made of them. */
import { Duration } from "effect"

/** For the whole exchange with the receiver, as Standard Webhooks recommends (15 to 30 s). */
export const attemptTimeout = Duration.seconds(15)

/** Attempts under way at the same time: a receiver that lets one hang still gets the others. */
export const attemptsAtOnce = 4

/** For the ends of the calls that a stop cuts short. With the calls' 6 s and the last answers' 1 s a stop stays under 10 s. */
export const farewell = Duration.seconds(2)

/** After a store that could not be read or written. */
export const storePause = Duration.minutes(1)

/** The waits between attempts: quick at first, then rare, a little over three days in all. */
const waits: ReadonlyArray<Duration.DurationInput> = [
  "5 seconds",
  "30 seconds",
  "2 minutes",
  "10 minutes",
  "1 hour",
  "2 hours",
  "4 hours",
  "8 hours",
  ...Array.from({ length: 5 }, () => "12 hours" as const)
]

/** How far a wait is stretched or shortened at random, so that many do not come at once. */
export const jitter = { min: 0.8, max: 1.2 }

/**
 * How long to wait after so many attempts; `undefined`: give it up. Counted, not measured: days in which Phone is stopped
 * do not count as attempts.
 */
export const waitAfter = (attempts: number): Duration.Duration | undefined => {
  const wait = waits[attempts - 1]
  return wait === undefined ? undefined : Duration.decode(wait)
}
