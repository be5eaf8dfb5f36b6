/** An agent that somebody wrote in code: what it throws, or gives that no response can hold, is told as its own fault. */
import { Data, Schema } from "effect"
import type { Mind } from "../realtime/Mind.ts"

/** The `mind` threw, or gave no plan. `cause` is what it threw. */
export class MindFailed extends Data.TaggedError("MindFailed")<{
  readonly message: string
  readonly cause?: unknown
}> {}

const isPlan = Schema.is(
  Schema.Array(
    Schema.Union(
      Schema.Struct({ say: Schema.String }),
      Schema.Struct({ write: Schema.String }),
      Schema.Struct({
        call: Schema.String,
        input: Schema.Union(Schema.String, Schema.Record({ key: Schema.String, value: Schema.Unknown }))
      })
    )
  )
)

const answerOf = (mind: Mind, situation: Parameters<Mind>[0]): ReturnType<Mind> | MindFailed => {
  const asked = `the mind, asked for ${situation.tag ?? "a response"},`
  try {
    const plan = mind(situation)
    if (isPlan(plan)) return plan
    const shown = String(JSON.stringify(plan)).slice(0, 200)
    return new MindFailed({
      message: `${asked} gave ${shown}: it must give a list of {say}, {write} and {call, input}`
    })
  } catch (cause) {
    return new MindFailed({ message: `${asked} threw ${String(cause)}`, cause })
  }
}

/** The same mind; from its first failure on, which is told, it says nothing. */
export const watched = (mind: Mind, failed: (error: MindFailed) => void): Mind => {
  let silent = false
  return (situation) => {
    if (silent) return []
    const answer = answerOf(mind, situation)
    if (!(answer instanceof MindFailed)) return answer
    silent = true
    failed(answer)
    return []
  }
}
