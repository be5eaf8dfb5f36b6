/** What a run keeps of the service while it goes on: its REST requests and its log. */
import { Effect, Logger } from "effect"
import type { Network } from "../../wire/Network.ts"
import type { Logged, Sent } from "./Run.ts"

/** The same network, with every request kept and what came back to it. `now`: the time of the world. */
export const watching =
  (sent: Array<Sent>, now: () => number) =>
  (http: Network["Type"]["http"]): Network["Type"]["http"] =>
  (request) =>
    Effect.suspend(() => {
      const log: Sent = {
        at: now(),
        method: request.method,
        path: new URL(request.url).pathname,
        form: new URLSearchParams(request.body),
        answer: undefined
      }
      sent.push(log)
      const answered = (answer: Sent["answer"]) =>
        Effect.sync(() => {
          log.answer = answer
        })
      return Effect.tapBoth(http(request), {
        onFailure: ({ kind }) => answered(kind),
        onSuccess: ({ status }) => answered(status)
      })
    })

/** Keeps what is logged, with the causes, in place of printing it. */
export const collecting = (logs: Array<Logged>) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ cause, date, logLevel, message }) => {
      logs.push({ at: date.getTime(), level: logLevel, text: String(message), cause })
    })
  )
