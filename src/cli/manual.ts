/** What the commands and their options are, read out of their definitions: for help, completions and complaints. Pure. */
import { CliConfig, Command, CommandDescriptor, type HelpDoc, type Span } from "@effect/cli"
import { Context, HashMap, Option } from "effect"

/** An option, or an argument. */
export interface Parameter {
  /** With their dashes, the short one first; of an argument its name. */
  readonly names: ReadonlyArray<string>
  /** What stands behind it, in a word; a flag has none. */
  readonly value: string | undefined
  /** The values it can have, when they are few. */
  readonly choices: ReadonlyArray<string>
  readonly description: string
  readonly required: boolean
  readonly repeated: boolean
}

export interface CommandText {
  readonly name: string
  readonly summary: string
  readonly options: ReadonlyArray<Parameter>
  readonly args: ReadonlyArray<Parameter>
}

/** All commands, in the order in which they are listed. */
export class Manual extends Context.Tag("phone/Manual")<Manual, ReadonlyArray<CommandText>>() {}

const textOf = (span: Span.Span): string => {
  if (span._tag === "Sequence") return textOf(span.left) + textOf(span.right)
  return typeof span.value === "string" ? span.value : textOf(span.value)
}

const flat = (doc: HelpDoc.HelpDoc): ReadonlyArray<HelpDoc.HelpDoc> =>
  doc._tag === "Sequence" ? [...flat(doc.left), ...flat(doc.right)] : [doc]

const paragraphs = (doc: HelpDoc.HelpDoc): ReadonlyArray<string> =>
  flat(doc).flatMap((part) => (part._tag === "Paragraph" ? [textOf(part.value)] : []))

/** `(-o, --output path)`, `--format json | csv`, `<call-id>...`, `[<command>]`: as the library writes them. */
const parameter = (written: string, said: ReadonlyArray<string>): Parameter => {
  const repeated = said.some((line) => /may be repeated|must be repeated|is a property argument/.test(line))
  const optional = said.some((line) => /^This (setting|argument) is optional|repeated zero or more/.test(line))
  const bare = written.replace(/^[([]+|[)\]]+$/g, "").replace(/\.\.\.$/, "")
  const [, names = bare, value] = /^((?:-[\w-]+(?:, )?)+)(?: (.+))?$/.exec(bare) ?? []
  const choices = /^One of the following: (.+)$/.exec(said[0] ?? "")?.[1]?.split(", ") ?? []
  return {
    names: names.split(", ").map((name) => name.replace(/[<>]/g, "")),
    value: value === "redacted" ? "text" : value !== undefined && choices.length > 0 ? "value" : value,
    choices,
    // the first paragraph is the library's, on types
    description: said[1] ?? "",
    required: !optional,
    repeated
  }
}

const described = (name: string, help: HelpDoc.HelpDoc): CommandText => {
  let heading = ""
  let summary = ""
  const options: Array<Parameter> = []
  const args: Array<Parameter> = []
  for (const part of flat(help)) {
    if (part._tag === "Header") heading = textOf(part.value)
    if (part._tag === "Paragraph" && heading === "DESCRIPTION") summary = textOf(part.value)
    if (part._tag !== "DescriptionList") continue
    for (const [written, said] of part.definitions) {
      const read = parameter(textOf(written), paragraphs(said))
      if (heading === "OPTIONS") options.push(read)
      if (heading === "ARGUMENTS") args.push(read)
    }
  }
  return { name, summary, options, args }
}

const config: CliConfig.CliConfig = { ...CliConfig.defaultConfig, showBuiltIns: false }

/** In the order in which the subcommands were given. */
export const manualOf = <Name extends string, R, E, A>(
  root: Command.Command<Name, R, E, A>
): ReadonlyArray<CommandText> => {
  const commands = Command.getSubcommands(root)
  const rows = flat(Command.getHelp(root, config)).flatMap((part) => (part._tag === "Enumeration" ? part.elements : []))
  return rows.flatMap(paragraphs).flatMap((row) => {
    const name = row.split(" ")[0] ?? ""
    const command = HashMap.get(commands, name)
    return Option.isNone(command) ? [] : [described(name, CommandDescriptor.getHelp(command.value, config))]
  })
}
