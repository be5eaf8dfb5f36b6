/** The recordings that a script plays, read from where the script's file says they are. */
import { resolve } from "node:path"
import { FileSystem } from "@effect/platform"
import { Effect, Either } from "effect"
import { unreadable } from "../../config/unreadable.ts"
import { readWav } from "../audio/Wav.ts"
import type { CalleeScript, CalleeStep } from "./CalleeScript.ts"

/** The steps with each recording's bytes in the place of its path. `path` leads to the steps, for those who read problems. */
const inSteps = (
  steps: ReadonlyArray<CalleeStep>,
  path: string,
  read: (file: string, path: string) => Effect.Effect<CalleeStep>
): Effect.Effect<ReadonlyArray<CalleeStep>> =>
  Effect.forEach(steps, (step, index) => {
    const here = `${path}[${index}]`
    const inside = (more: ReadonlyArray<CalleeStep>, where: string) => inSteps(more, `${here}.${where}`, read)
    if ("play" in step && typeof step.play === "string") return read(step.play, here)
    if ("repeat" in step) {
      return Effect.map(inside(step.repeat.steps, "repeat.steps"), (steps) => ({ repeat: { ...step.repeat, steps } }))
    }
    if ("menu" in step) {
      return Effect.forEach(Object.entries(step.menu.options), ([key, more]) =>
        Effect.map(inside(more, `menu.options.${key}`), (steps) => [key, steps] as const)
      ).pipe(Effect.map((options) => ({ menu: { ...step.menu, options: Object.fromEntries(options) } })))
    }
    if (!("reply" in step)) return Effect.succeed(step)
    const replies = Effect.forEach(step.reply, (reply, at) =>
      reply.steps === undefined
        ? Effect.succeed(reply)
        : Effect.map(inside(reply.steps, `reply[${at}].steps`), (steps) => ({ ...reply, steps }))
    )
    return Effect.map(replies, (reply) => ({ reply }))
  })

/**
 * The script with the bytes of its recordings in the place of their paths, which are relative to `folder`. What cannot be
 * played is told with its path in the script, and stays a path.
 */
export const withRecordings = Effect.fnUntraced(function* (
  script: CalleeScript,
  folder: string,
  told: (path: string, what: string) => void
) {
  if (!("answers" in script)) return script
  const fs = yield* FileSystem.FileSystem
  const steps = yield* inSteps(script.steps, "steps", (play, where) =>
    fs.readFile(resolve(folder, play)).pipe(
      Effect.mapError(unreadable),
      Effect.tap((bytes) => Either.mapLeft(readWav(bytes), ({ message }) => message)),
      Effect.map((bytes): CalleeStep => ({ play: bytes })),
      Effect.catchAll((why) =>
        Effect.sync((): CalleeStep => {
          told(`${where}.play`, `${play}: ${why}`)
          return { play }
        })
      )
    )
  )
  return { ...script, steps }
})
