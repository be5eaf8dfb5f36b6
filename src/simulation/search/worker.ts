/** One of the searching threads: tries the scenarios it is given, one after the other, and tells how each went. */
import { parentPort, workerData } from "node:worker_threads"
import { Schema } from "effect"
import { coverageOf } from "./coverage.ts"
import { attemptAt } from "./search.ts"
import { Share, type Tried } from "./share.ts"

const tryOne = async (seed: number, index: number): Promise<Tried> => {
  const { breaches, run } = await attemptAt(seed, index)
  const connected = (run?.legs ?? []).reduce(
    (sum, leg) => sum + (leg.answeredAt === undefined ? 0 : (leg.endedAt ?? leg.answeredAt) - leg.answeredAt),
    0
  )
  return {
    index,
    connected: connected / 1000,
    elapsed: run === undefined ? 0 : (run.endedAt - run.startedAt) / 1000,
    coverage: run === undefined ? [] : coverageOf(run),
    breaches
  }
}

const { from, seed, to } = Schema.decodeUnknownSync(Share)(workerData)
for (let index = from; index < to; index += 1) parentPort?.postMessage(await tryOne(seed, index))
