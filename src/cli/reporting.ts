/** How a command ends badly: a typed error becomes one line for people or one JSON object for programs, and an exit code. */
import { Effect } from "effect"
import { exitCodeOfError, Stop } from "./exitCodes.ts"
import { Screen } from "./Screen.ts"
import { paint } from "./text.ts"

export interface Failure {
  readonly _tag: string
  readonly message: string
}

/** What a program gets to see: the tag, the message, and the error's own simple fields. Never a cause or a secret. */
export const errorJson = (error: Failure): unknown => ({
  error: {
    type: error._tag,
    message: error.message,
    ...Object.fromEntries(
      Object.entries(error).filter(
        ([key, value]) => !key.startsWith("_") && ["string", "number", "boolean"].includes(typeof value)
      )
    )
  }
})

/** Errors of the connection come from the library and speak its language. */
const messageOf = (error: Failure): string =>
  error._tag === "RpcClientError" ? "The connection to the service was lost." : error.message

/** Says what went wrong and stops with its exit code. */
export const reporting =
  (json: boolean) =>
  <A, E extends Failure, R>(effect: Effect.Effect<A, E | Stop, R>): Effect.Effect<A, Stop, R | Screen> =>
    Effect.catchAll(effect, (error) =>
      Effect.flatMap(Screen, (screen) => {
        if (error instanceof Stop) return error
        const failure = { ...error, _tag: error._tag, message: messageOf(error) }
        if (json) screen.print(JSON.stringify(errorJson(failure)))
        else
          for (const line of failure.message.split("\n")) screen.complain(`${paint(screen.colour)("red", "✗")} ${line}`)
        return new Stop({ code: exitCodeOfError(error) })
      })
    )
