/** One of the searching threads: tries the scenarios it is given, one after the other, and tells how each went. */
import { parentPort, workerData } from "node:worker_threads"
import { Schema } from "effect"
import { attemptAt, coverageOf, scenarioAt, shrink } from "./search.ts"
import { Share, type Tried } from "./share.ts"

const tryOne = async ({ seed, shrinkFor }: Share, index: number): Promise<Tried> => {
  const { breaches, run } = await attemptAt(seed, index)
  const [breach] = breaches
  const connected = (run?.legs ?? []).reduce(
    (sum, leg) => sum + (leg.answeredAt === undefined ? 0 : (leg.endedAt ?? leg.answeredAt) - leg.answeredAt),
    0
  )
  return {
    index,
    connected: connected / 1000,
    elapsed: run === undefined ? 0 : (run.endedAt - run.startedAt) / 1000,
    coverage: run === undefined ? [] : coverageOf(run),
    breaches,
    ...(breach === undefined
      ? {}
      : { smallest: shrinkFor > 0 ? await shrink(seed, index, breach, shrinkFor) : scenarioAt(seed, index) })
  }
}

const share = Schema.decodeUnknownSync(Share)(workerData)
for (let index = share.from; index < share.to; index += share.step) parentPort?.postMessage(await tryOne(share, index))
