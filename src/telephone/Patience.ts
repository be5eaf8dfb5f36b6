/** How long the Twilio adapter waits for what, and how it tries again. Nothing else in the adapter names a duration. */
import { Duration, Schedule } from "effect"
import type { RestError } from "./RestErrors.ts"

/** One REST exchange. */
export const restTimeout = Duration.seconds(10)
/** Between the 101 and a `start` message that proves who it is. */
export const streamIdentification = Duration.seconds(5)
/** From asking Twilio for a new stream until it is there, the tones not counted. */
export const newStream = Duration.seconds(10)
/** From the end of a stream until the next that Twilio opens by itself, or until the call is known to have ended. */
export const streamByItself = Duration.seconds(1)
/** After a change of TwiML whose answer is unclear: a stream that is there so long has not been replaced. */
export const streamGone = Duration.seconds(1)
/** Without any word from Twilio about a live call we begin to ask, and go on asking. */
export const quietBeforePolling = Duration.seconds(15)
export const pollInterval = Duration.seconds(10)
/** For the terminal callback after a hang-up. */
export const hangUpConfirmation = Duration.seconds(5)
/** For everything when the scope of a live leg closes. */
export const teardown = Duration.seconds(8)
/** For the recording callback, and then for the file behind it. */
export const recordingReady = Duration.seconds(60)
export const recordingDownload = Duration.seconds(60)

/** Longer than this we do not obey a Retry-After: whoever wants the call is told instead. */
const longestRetryAfter = Duration.seconds(10)
const isSlow = (error: RestError) => error._tag === "Slow"
const retryAfterOf = (error: RestError): Duration.Duration =>
  error._tag === "Slow" && error.retryAfter !== undefined ? error.retryAfter : Duration.zero

/** Exponential with jitter, never sooner than Twilio's Retry-After; only for what surely was not processed. */
const unprocessed = (times: number) =>
  Schedule.exponential("500 millis").pipe(
    Schedule.jittered,
    Schedule.intersect(Schedule.recurs(times)),
    Schedule.intersect(Schedule.identity<RestError>()),
    Schedule.modifyDelay(([, error], delay) => Duration.max(delay, retryAfterOf(error))),
    Schedule.whileInput((error: RestError) => Duration.lessThanOrEqualTo(retryAfterOf(error), longestRetryAfter))
  )

/** For creating a call: a POST may be repeated only when the one before is known to be lost (facts/twilio.md 1.4). */
export const createRetry = unprocessed(4).pipe(
  Schedule.whileInput((error: RestError) => isSlow(error) || error._tag === "Unreached")
)

/** For changing a call whose TwiML must not run twice. */
export const updateRetry = unprocessed(2).pipe(
  Schedule.whileInput((error: RestError) => isSlow(error) || error._tag === "Unreached")
)

/** A hang-up cannot wait for longer, whatever the Retry-After: somebody is on the line, and after `teardown` it is given up. */
const longestHarmlessWait = Duration.seconds(2)

/** For what may be repeated at will: reading, hanging up. */
export const harmlessRetry = Schedule.exponential("250 millis").pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(4)),
  Schedule.intersect(Schedule.identity<RestError>()),
  Schedule.modifyDelay(([, error], delay) =>
    Duration.max(delay, Duration.min(retryAfterOf(error), longestHarmlessWait))
  ),
  Schedule.whileInput((error: RestError) => error._tag !== "Refused")
)

/** Looking for a call that may have been created: six times in ten seconds. */
export const searchAgain = Schedule.spaced("2 seconds").pipe(Schedule.intersect(Schedule.recurs(5)))

/** A recording that is announced but not served yet. */
export const recordingRetry = Schedule.exponential("1 second", 1.5).pipe(Schedule.intersect(Schedule.recurs(7)))
