/** The thread that makes one failure smaller, and tells what is left of it. */
import { parentPort, workerData } from "node:worker_threads"
import { Schema } from "effect"
import { sameTwice } from "../invariants/twins.ts"
import { timelineOf } from "../timeline.ts"
import { attempt, scenarioAt, shrink } from "./search.ts"
import { Shrinking, type Smallest } from "./share.ts"

const { breach, index, ms, seed } = Schema.decodeUnknownSync(Shrinking)(workerData)
const scenario = ms > 0 ? await shrink(seed, index, breach, ms) : scenarioAt(seed, index)
const { breaches, run } = await attempt(scenario, breach.says === sameTwice)
const smallest: Smallest = { scenario, breaches, timeline: run === undefined ? [] : timelineOf(run) }
parentPort?.postMessage(smallest)
