/** Every documented callee, recorded and called again from the log: the same call, deed for deed, without simulators. */
import { describe, expect, it } from "@effect/vitest"
import { documentedNumbers } from "../../src/simulation/callee/numbers.ts"
import { nothingNew, record, replayed } from "./record.ts"

/** All that a record says but costs: they come from tokens, which the log has, and from nothing else. */
const told = ({
  id,
  answeredBy,
  duration,
  outcome,
  status,
  transcript
}: Awaited<ReturnType<typeof record>>["call"]) => ({
  id,
  answeredBy,
  duration,
  outcome,
  status,
  words: transcript.map(({ heard, interrupted, role, text }) => ({ role, text, heard, interrupted }))
})

describe("a recorded call of the simulated world", () => {
  for (const { number } of documentedNumbers) {
    it(`${number} is the same call again`, async () => {
      const { call, log } = await record({ to: number })
      const again = await replayed(log)
      expect(again).toMatchObject(nothingNew)
      expect(told(again.replayed)).toEqual(told(call))
      // the recording comes after the end, and is not part of the log
      expect(again.recorded).toEqual({ ...call, recording: undefined })
    })
  }
})
