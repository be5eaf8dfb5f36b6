/** A finished call's recording: waits until Twilio has announced it, then fetches the file (facts/twilio.md 8). */
import { Deferred, Effect, Option } from "effect"
import { LineUnavailable } from "../domain/errors.ts"
import type { CallId } from "../domain/Ids.ts"
import { type Network, NetworkError, type WireResponse } from "../wire/Network.ts"
import type { Line } from "./Line.ts"
import type { Lines } from "./Lines.ts"
import { recordingDownload, recordingReady, recordingRetry } from "./Patience.ts"
import type { Rest } from "./Rest.ts"

/** Four hours in two channels of 16-bit PCM are 460 MB; the ten minutes of an ordinary call 20 MB. */
const largest = 200 * 1024 * 1024
const mostRedirects = 2

export const isRecordingSid = (text: string): boolean => /^RE[0-9a-fA-F]{32}$/.test(text)

const retryLater = (status: number) => status === 404 || status === 429 || status >= 500

export const makeRecordings = (rest: Rest, network: Network["Type"], lines: Lines, apiUrl: string) => {
  const unavailable = (callId: CallId, why: string) =>
    new LineUnavailable({ callId, message: `The recording of call ${callId} could not be fetched: ${why}` })

  /** The file may lie elsewhere; our credentials stay with Twilio, and nothing leads to plain http on another host. */
  const follow = (response: WireResponse, from: string, left: number): Effect.Effect<WireResponse, NetworkError> => {
    const location = response.headers.location
    if (response.status < 300 || response.status >= 400 || left === 0) return Effect.succeed(response)
    if (location === undefined || !URL.canParse(location, from)) return Effect.succeed(response)
    const target = new URL(location, from)
    if (target.protocol !== "https:" && target.origin !== new URL(apiUrl).origin) return Effect.succeed(response)
    return network
      .http({ method: "GET", url: target.href, headers: {}, body: "", timeout: recordingDownload })
      .pipe(Effect.flatMap((next) => follow(next, target.href, left - 1)))
  }

  /** The last answer when it stays bad: a file that is announced but not there yet is asked for again. */
  const request = (sid: string, channels: 1 | 2): Effect.Effect<WireResponse, NetworkError> =>
    rest.file(`Recordings/${sid}.wav?RequestedChannels=${channels}`, recordingDownload).pipe(
      Effect.flatMap((response) => follow(response, apiUrl, mostRedirects)),
      Effect.filterOrFail(
        (response) => !retryLater(response.status),
        (response) => response
      ),
      Effect.retry(recordingRetry),
      Effect.catchAll((problem) => (problem instanceof NetworkError ? Effect.fail(problem) : Effect.succeed(problem)))
    )

  const download = Effect.fnUntraced(function* (callId: CallId, sid: string) {
    const stereo = yield* request(sid, 2)
    // 400: only mono exists (16113).
    const response = stereo.status === 400 ? yield* request(sid, 1) : stereo
    if (response.status !== 200) return yield* unavailable(callId, `Twilio answered ${response.status}`)
    if (response.body.length > largest) return yield* unavailable(callId, "it is larger than 200 MB")
    return response.body
  })

  /** Asks once when the callback has not come: it may be lost. */
  const sidOf = (line: Line) =>
    Deferred.await(line.recording).pipe(
      Effect.timeoutOption(recordingReady),
      Effect.flatMap(
        Option.match({
          onSome: Effect.succeed,
          onNone: () =>
            rest.recordings(line.sid ?? "").pipe(
              Effect.map((sids) => sids.find(isRecordingSid)),
              Effect.mapError((error) => unavailable(line.callId, error.message))
            )
        })
      )
    )

  return Effect.fn("Telephone.recording")(function* (callId: CallId) {
    const line = lines.get(callId)
    // Recording begins with the first TwiML, so who never answered was never recorded.
    if (line === undefined || !line.recordingAsked) return undefined
    const sid = yield* sidOf(line)
    if (sid === undefined) return undefined
    return yield* download(callId, sid).pipe(
      Effect.catchTag("NetworkError", (error) => unavailable(callId, error.message))
    )
  })
}
