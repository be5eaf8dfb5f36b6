/** Arbitrary faults, and plans of them. */
import { FastCheck } from "effect"
import { type Fault, quirks, responseFaults } from "../faults/Fault.ts"
import { anyOf, nth, within } from "./values.ts"

const { array, constant, integer, oneof, record } = FastCheck
type Arbitrary<T> = FastCheck.Arbitrary<T>

const restRequest = anyOf("create", "update", "read", "list", "recording")
const callback = anyOf("twiml", "initiated", "ringing", "answered", "completed", "amd", "recording", "stream")
const after = within(0, 25)
/** Of the whole run. */
const at = within(0.9, 40)
const socket = { nth: nth(2), after }
const spell = { ...socket, for: within(0.05, 5) }

/** Early, and with few steps, since most calls are short, and a service without a call takes hardly a step. */
const kill = record({ at: within(0.9, 15), steps: integer({ min: 0, max: 100 }), downFor: within(0.1, 20) }).map(
  (kill): Fault => ({ kill })
)

const fault: Arbitrary<Fault> = oneof(
  record({ request: restRequest, nth: nth(2), times: nth(3) }).map((refuse): Fault => ({ refuse })),
  record(
    {
      request: restRequest,
      nth: nth(2),
      times: nth(3),
      status: anyOf(429, 500, 502, 503),
      retryAfter: anyOf(1, 0, 5, 15, 60)
    },
    { requiredKeys: ["request", "nth", "times", "status"] }
  ).map((answer): Fault => ({ answer })),
  record({ request: restRequest, nth: nth(2), instead: anyOf("silence", "broken", "bad-gateway") }).map(
    (loseAnswer): Fault => ({ loseAnswer })
  ),
  record({ request: restRequest, nth: nth(2), by: within(0, 12) }).map((delayRequest): Fault => ({ delayRequest })),
  record({ callback, nth: nth(2) }).map((loseCallback): Fault => ({ loseCallback })),
  record({ callback, nth: nth(2), by: within(0, 20) }).map((delayCallback): Fault => ({ delayCallback })),
  record({ callback, nth: nth(2), after: within(0, 20) }).map((repeatCallback): Fault => ({ repeatCallback })),
  record({
    as: anyOf(
      "human",
      "machine_start",
      "machine_end_beep",
      "machine_end_silence",
      "machine_end_other",
      "fax",
      "unknown"
    ),
    after: within(0, 35)
  }).map((detect): Fault => ({ detect })),
  record({ nth: nth(2) }).map((refuseMedia): Fault => ({ refuseMedia })),
  record(socket).map((cutMedia): Fault => ({ cutMedia })),
  record(socket).map((stopMedia): Fault => ({ stopMedia })),
  record(socket).map((muteMedia): Fault => ({ muteMedia })),
  record(spell).map((loseMedia): Fault => ({ loseMedia })),
  record(spell).map((holdMedia): Fault => ({ holdMedia })),
  record(spell).map((stuffMedia): Fault => ({ stuffMedia })),
  record({ ...socket, by: within(0, 4) }).map((delayMarks): Fault => ({ delayMarks })),
  record(socket).map((loseMarks): Fault => ({ loseMarks })),
  record({ nth: nth(3), times: nth(3), status: anyOf(401, 403, 404, 429, 500, 503) }).map(
    (refuseModel): Fault => ({ refuseModel })
  ),
  record({ nth: nth(3) }).map((hangModel): Fault => ({ hangModel })),
  record({
    nth: nth(3),
    reason: anyOf("wrong-key", "unknown-model", "retired-model", "no-quota", "server-error")
  }).map((rejectModel): Fault => ({ rejectModel })),
  record(socket).map((cutModel): Fault => ({ cutModel })),
  record(socket).map((muteModel): Fault => ({ muteModel })),
  record(spell).map((holdModel): Fault => ({ holdModel })),
  record({ nth: nth(2), after: within(1, 25) }).map((expireModel): Fault => ({ expireModel })),
  record({
    session: nth(2),
    nth: nth(4),
    does: anyOf(...responseFaults)
  }).map((response): Fault => ({ response })),
  record({ session: nth(2), turn: nth(3), does: anyOf("failed", "empty", "missing") }).map(
    (transcription): Fault => ({ transcription })
  ),
  record({ by: within(0.1, 5) }).map((lateTranscription): Fault => ({ lateTranscription })),
  record({
    nth: nth(5),
    does: anyOf(...quirks)
  }).map((quirk): Fault => ({ quirk })),
  record({ upTo: within(0.01, 0.4) }).map((jitter): Fault => ({ jitter })),
  record({ at, for: within(0.1, 20) }).map((fillDisk): Fault => ({ fillDisk })),
  record({ at, for: within(0.1, 20) }).map((lockDatabase): Fault => ({ lockDatabase })),
  record({ at, by: integer({ min: -7200, max: 7200 }) }).map((setClock): Fault => ({ setClock })),
  kill
)

/**
 * Most have a fault or two, so that each gets its turn by itself; some have many. Some services are killed again while they
 * start, or take up what the one before has left.
 */
export const faults: Arbitrary<ReadonlyArray<Fault>> = oneof(
  // a scenario in which they do not matter shrinks to one without them
  { withCrossShrink: true },
  { weight: 1, arbitrary: constant([]) },
  { weight: 6, arbitrary: array(fault, { minLength: 1, maxLength: 2 }) },
  { weight: 3, arbitrary: array(fault, { maxLength: 5 }) },
  { weight: 1, arbitrary: array(kill, { minLength: 2, maxLength: 3 }) }
)
