/** What calls go through, by name: faults that were met, and of which kind; ends, who answered, and more of what can happen. */
import { SchemaAST } from "effect"
import { TerminalStatus } from "../../domain/CallStatus.ts"
import { CallFailure, Refusal } from "../../domain/errors.ts"
import { IncidentKind } from "../../domain/Incident.ts"
import { AnsweredBy } from "../../domain/Outcome.ts"
import { Fault, nameOf } from "../faults/Fault.ts"
import type { Run } from "../world/Run.ts"

const literals = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isLiteral(ast) ? [String(ast.literal)] : SchemaAST.isUnion(ast) ? ast.types.flatMap(literals) : []

/** Every fault with its kinds: the values of a member that is one of few, such as `fault answer status 503`. */
const faultsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isUnion(ast)
    ? ast.types.flatMap(faultsOf)
    : SchemaAST.getPropertySignatures(ast).flatMap(({ name, type }) => [
        `fault ${String(name)}`,
        ...SchemaAST.getPropertySignatures(type).flatMap((member) =>
          literals(member.type).map((value) => `fault ${String(name)} ${String(member.name)} ${value}`)
        )
      ])

const everyFault = faultsOf(Fault.ast)
const kinds = new Set(everyFault)

const namesOf = (fault: Fault): ReadonlyArray<string> => {
  const name = `fault ${nameOf(fault)}`
  const members = Object.entries(Object.values(fault)[0] ?? {}).map(([key, value]) => `${name} ${key} ${String(value)}`)
  return [name, ...members.filter((member) => kinds.has(member))]
}

const success = "success"
const again = "the model was connected again"
const mediaBack = "the media came back"
const interrupted = "the agent was interrupted"
const transferred = "the call was transferred"
const pressed = "keys were pressed"

/** All that calls can go through: what none of them has met is seen beside it. */
export const possible: ReadonlyArray<string> = [
  ...everyFault,
  ...TerminalStatus.literals.map((status) => `end ${status}`),
  ...Refusal.members.map(({ _tag }) => `end refused ${_tag}`),
  ...AnsweredBy.literals.map((who) => `answered by ${who}`),
  ...CallFailure.members.map(({ _tag }) => `error ${_tag}`),
  ...IncidentKind.literals.map((kind) => `incident ${kind}`),
  ...[success, again, mediaBack, interrupted, transferred, pressed],
  ...["killed", "stopped", "did not start"].map((end) => `the service ${end}`)
]

export const coverageOf = ({ call, legs, lives, met, refused, sessions }: Run): ReadonlyArray<string> => {
  const [leg] = legs
  return [
    ...new Set([
      ...met.flatMap(({ fault }) => namesOf(fault)),
      `end ${refused === undefined ? (call?.status ?? "none") : `refused ${refused.tag}`}`,
      ...(call?.answeredBy === undefined ? [] : [`answered by ${call.answeredBy}`]),
      ...(call?.error === undefined ? [] : [`error ${call.error.type}`]),
      ...(call?.outcome?.success === true ? [success] : []),
      ...(call?.incidents ?? []).map(({ kind }) => `incident ${kind}`),
      ...(sessions.length > 1 ? [again] : []),
      ...((leg?.streams.length ?? 0) > 1 ? [mediaBack] : []),
      ...((leg?.clears.length ?? 0) > 0 ? [interrupted] : []),
      ...((leg?.dials.length ?? 0) > 0 ? [transferred] : []),
      ...((leg?.digits ?? "") !== "" ? [pressed] : []),
      ...lives.flatMap(({ end }) => (end === undefined ? [] : [`the service ${end}`]))
    ])
  ]
}
