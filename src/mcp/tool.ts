/**
 * What every tool does alike: its description as MCP lists it, its arguments checked, its result twice (text to read, and
 * structured by the output schema), its refusals readable. What the tools do is in `tools.ts`.
 */
import { type CallToolResult, type Tool, type ToolAnnotations, ToolSchema } from "@modelcontextprotocol/sdk/types.js"
import { Effect, JSONSchema, ParseResult, Predicate, Schema } from "effect"
import type { AskPerson } from "./elicitation.ts"
import type { PhoneAccess, Trouble } from "./PhoneAccess.ts"

/** What a tool is given to work with. */
export interface Workplace {
  readonly phone: PhoneAccess
  /** Tells the client how it goes, if it wants to know. */
  readonly tell: (line: string) => Effect.Effect<void>
  /** Asks the person at the client, where it can. */
  readonly ask?: AskPerson | undefined
}

export interface PhoneTool {
  readonly listed: Tool
  /** Never fails: what goes wrong is a result with `isError`, for the agent to read. */
  readonly call: (args: unknown, workplace: Workplace) => Effect.Effect<CallToolResult>
}

interface Spec<A, I, O, OI extends Readonly<Record<string, unknown>>> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: ToolAnnotations
  readonly input: Schema.Schema<A, I>
  readonly output: Schema.Schema<O, OI>
  readonly run: (asked: A, workplace: Workplace) => Effect.Effect<{ readonly text: string; readonly value: O }, Trouble>
}

/** Without `$schema`: the protocol's dialect is 2020-12 already. */
const jsonSchema = <A, I>(schema: Schema.Schema<A, I>) => {
  const { $schema: _, ...rest } = JSONSchema.make(schema, { target: "jsonSchema2020-12" })
  return rest
}

/** What an agent can do about it, where the message does not say it all. */
const advice: Readonly<Record<string, string>> = {
  InvalidPhoneNumber: "Check the number with the user; +15551234567 is the form that always works.",
  CallNotAllowed: "Do not try again with this number unless that has changed; tell the user.",
  TooManyCalls: "Wait for a call to end (phone_history shows them), then try again.",
  RateLimited: "Wait a while, then try again.",
  QuestionClosed: "phone_status shows whether another question is open.",
  CallNotFound: "phone_history shows the calls there are.",
  PhoneUnreachable: "Tell the user that the phone service is not running, and try again when it is.",
  ConnectionLost: "Try again; phone_history shows whether a call was placed.",
  WaitLost: "Do not place the call again: ask phone_status for it first.",
  Unauthorized: "Tell the user that the service's token is wrong.",
  InvalidArguments: "Call the tool again with corrected arguments."
}

/** The error's own simple fields. Never a cause, never a secret. */
const fieldsOf = (error: Trouble) =>
  Object.fromEntries(
    Object.entries(error).filter(
      ([key, value]) => !key.startsWith("_") && (Predicate.isString(value) || Predicate.isNumber(value))
    )
  )

/** Not in `structuredContent`, which clients hold against the output schema. */
const refused = (error: Trouble): CallToolResult => {
  const todo = advice[error._tag]
  return {
    isError: true,
    content: [{ type: "text", text: `${error._tag}: ${error.message}${todo === undefined ? "" : `\n${todo}`}` }],
    _meta: { "phone/error": { ...fieldsOf(error), type: error._tag, message: error.message } }
  }
}

const invalidArguments = (error: ParseResult.ParseError): Trouble => ({
  _tag: "InvalidArguments",
  message: ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ message, path }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ")
})

export const tool = <A, I, O, OI extends Readonly<Record<string, unknown>>>(
  spec: Spec<A, I, O, OI>
): readonly [string, PhoneTool] => {
  const { input, output, run, ...described } = spec
  // an unknown argument is refused: a misspelt "wait" must not place a call that waits
  const decode = Schema.decodeUnknown(input, { errors: "all", onExcessProperty: "error" })
  const encode = Schema.encodeSync(output)
  return [
    spec.name,
    {
      listed: ToolSchema.parse({ ...described, inputSchema: jsonSchema(input), outputSchema: jsonSchema(output) }),
      call: (args, workplace) =>
        decode(args).pipe(
          Effect.mapError(invalidArguments),
          Effect.flatMap((asked) => run(asked, workplace)),
          Effect.match({
            onFailure: refused,
            onSuccess: ({ text, value }) => ({
              content: [{ type: "text" as const, text }],
              structuredContent: { ...encode(value) }
            })
          })
        )
    }
  ]
}
