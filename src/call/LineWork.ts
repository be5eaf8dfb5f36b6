/** What takes its time on the line: keys, transfers, the hang-up. Each runs beside the talk, and what comes of it is a fact again. */
import { Clock, Deferred, Effect, Either, FiberSet } from "effect"
import { PhoneConfig } from "../Config.ts"
import type { PhoneNumber } from "../domain/PhoneNumber.ts"
import type { Leg } from "../Telephone.ts"
import { Transcripts } from "../Transcripts.ts"
import type { Command } from "./Command.ts"
import type { Fact } from "./Fact.ts"
import { checkNumber } from "./Policy.ts"

type LineCommand = Extract<
  Command,
  { readonly _tag: "PressDigits" | "Transfer" | "AwaitTransfer" | "SayAndHangUp" | "HangUp" }
>

const complain =
  <E extends { readonly message: string }>(what: string) =>
  (result: Either.Either<unknown, E>) =>
    Either.isLeft(result) ? Effect.logError(`${what}: ${result.left.message}`) : Effect.void

/** `line`: the leg, as soon as there is one. `work` owns what is under way. */
export const makeLineWork = Effect.fnUntraced(function* (
  line: Deferred.Deferred<Leg>,
  work: FiberSet.FiberSet<unknown>,
  tell: (fact: Fact) => void
) {
  const config = yield* PhoneConfig
  const transcripts = yield* Transcripts

  const withLeg = <A, E>(
    use: (leg: Leg) => Effect.Effect<A, E>,
    report: (result: Either.Either<A, E>) => Effect.Effect<void>
  ) => FiberSet.run(work, Deferred.await(line).pipe(Effect.flatMap(use), Effect.either, Effect.flatMap(report)))

  /** What becomes of a transfer, told as far as it is known. */
  const follow = (toolCallId: string, report: (leg: Leg) => ReturnType<Leg["transfer"]>) =>
    withLeg(
      report,
      Either.match({
        onLeft: ({ message: problem }) =>
          Effect.sync(() => tell({ _tag: "Transferred", toolCallId, result: "failed", problem })),
        onRight: ({ code, result }) =>
          Effect.sync(() => {
            const problem = code === undefined ? {} : { problem: `It could not be connected (code ${code}).` }
            tell({ _tag: "Transferred", toolCallId, result, ...problem })
          })
      })
    )

  const transfer = (toolCallId: string, to: PhoneNumber) =>
    Effect.gen(function* () {
      const allowed = checkNumber(to, config, new Date(yield* Clock.currentTimeMillis))
      const failed = (problem: string) => tell({ _tag: "Transferred", toolCallId, result: "failed", problem })
      // the model is told why, and not the number
      if (Either.isLeft(allowed)) {
        const { left } = allowed
        return failed(`It may not be dialled (${left._tag === "CallNotAllowed" ? left.rule : "no valid number"}).`)
      }
      const optedOut = yield* transcripts.hasOptedOut(to).pipe(Effect.orElseSucceed(() => true))
      if (optedOut) return failed("It may not be dialled (do-not-call).")
      yield* follow(toolCallId, (leg) => leg.transfer(to, { timeout: config.ringTimeout }))
    })

  return (command: LineCommand): Effect.Effect<unknown> => {
    switch (command._tag) {
      case "PressDigits":
        return withLeg(
          (leg) => leg.pressDigits(command.digits),
          (result) =>
            Effect.sync(() =>
              tell({
                _tag: "DigitsPressed",
                toolCallId: command.toolCallId,
                ...(Either.isLeft(result) ? { problem: result.left.message } : {})
              })
            )
        )
      case "Transfer":
        return transfer(command.toolCallId, command.to)
      case "AwaitTransfer":
        return follow(command.toolCallId, (leg) => leg.awaitTransfer)
      case "SayAndHangUp":
        return withLeg(
          (leg) => leg.sayAndHangUp(command).pipe(Effect.catchAll(() => leg.hangUp)),
          complain("The apology could not be spoken, nor the line hung up")
        )
      case "HangUp":
        return withLeg((leg) => leg.hangUp, complain("The line could not be hung up"))
    }
  }
})
