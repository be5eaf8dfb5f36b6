/** One fact's work on the talk: the state that is to come, and the commands on the way to it. */
import type { VoiceCommand } from "../../VoiceModel.ts"
import type { Command } from "../Command.ts"
import type { TimerName } from "../Fact.ts"
import type { Talk } from "./Talk.ts"

/**
 * One fact's work on the talk: fields are replaced, never changed inside, so the talk before it stays as it was. Once `decide`
 * has returned it, it is a talk like any other, and nobody changes it.
 */
export type Draft = { -readonly [K in keyof Talk]: Talk[K] } & {
  readonly now: number
  readonly commands: Array<Command>
}

export const order = (draft: Draft, command: Command): void => {
  draft.commands.push(command)
}
export const tell = (draft: Draft, command: VoiceCommand): void => {
  if (draft.modelUp) order(draft, { _tag: "Voice", command })
}
export const setTimer = (draft: Draft, timer: TimerName, ms: number): void =>
  order(draft, { _tag: "SetTimer", timer, ms })
export const stopTimer = (draft: Draft, timer: TimerName): void => order(draft, { _tag: "StopTimer", timer })

export const plus = <A>(set: ReadonlySet<A>, value: A): ReadonlySet<A> => new Set(set).add(value)
export const minus = <A>(set: ReadonlySet<A>, value: A): ReadonlySet<A> => {
  const next = new Set(set)
  next.delete(value)
  return next
}
