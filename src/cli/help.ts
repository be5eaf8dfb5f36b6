/** The help of the commands, as a manual page has it, in lines of any width. Pure. */
import { keyTexts } from "../config/keyTexts.ts"
import { closest } from "../config/problems.ts"
import { plainText } from "../config/template.ts"
import { exitCodeHelp } from "./exitCodes.ts"
import type { CommandText, Parameter } from "./manual.ts"
import { everywhere, type Page, pages } from "./pages.ts"
import type { Paint } from "./text.ts"
import { pad, wrap } from "./width.ts"

export interface Sheet {
  readonly columns: number
  readonly paint: Paint
}

/** However wide the terminal: longer lines are hard to read. */
const widest = 100

const room = (sheet: Sheet): number => Math.min(widest, sheet.columns)

const text = (sheet: Sheet, words: string, indent = 2): ReadonlyArray<string> =>
  wrap(" ".repeat(indent) + words, room(sheet), indent)

const section = (sheet: Sheet, heading: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", sheet.paint("bold", heading), ...lines]

/** Names in a column, and what they are beside them; below them where the column is too wide. */
const table = (sheet: Sheet, rows: ReadonlyArray<readonly [string, string]>): ReadonlyArray<string> => {
  const names = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.flatMap(([name, what]) =>
    names + 24 > room(sheet) || names > 40
      ? [...text(sheet, name), ...text(sheet, what, 6)]
      : wrap(`  ${sheet.paint("bold", pad(name, names))}  ${what}`, room(sheet), names + 4)
  )
}

const usageOf = ({ choices, names, repeated, required, value }: Parameter): string => {
  const name = names.at(-1) ?? ""
  const shown = name.startsWith("-")
    ? `${name}${value === undefined ? "" : ` <${value}>`}`
    : argumentName(name, choices)
  return `${required ? shown : `[${shown}]`}${repeated ? "..." : ""}`
}

const argumentName = (name: string, choices: ReadonlyArray<string>): string =>
  choices.length > 0 ? choices.join("|") : `<${name}>`

const parameterLines = (sheet: Sheet, { choices, description, names, value }: Parameter): ReadonlyArray<string> => {
  const isOption = names[0]?.startsWith("-") === true
  const written = isOption ? names.join(", ") : names.map((name) => `<${name}>`).join(", ")
  const head = `  ${sheet.paint("bold", written)}${value === undefined ? "" : ` <${value}>`}`
  const values = choices.length === 0 || !isOption ? [] : text(sheet, `One of: ${choices.join(", ")}.`, 6)
  return [...wrap(head, room(sheet), 6), ...text(sheet, description, 6), ...values]
}

const helpOption: Parameter = {
  names: ["-h", "--help"],
  value: undefined,
  choices: [],
  description: "Show this help.",
  required: false,
  repeated: false
}

const exitLines = (sheet: Sheet, codes: ReadonlyArray<number>): ReadonlyArray<string> =>
  exitCodeHelp
    .filter((line) => codes.includes(Number(line.split(" ")[0])))
    .flatMap((line) => wrap(`  ${line}`, room(sheet), 7))

const examples = (sheet: Sheet, { examples }: Page): ReadonlyArray<string> =>
  examples.flatMap(([what, line], index) => [
    ...(index === 0 ? [] : [""]),
    ...text(sheet, `${what}:`),
    // not wrapped: it is for copying
    `      ${sheet.paint("cyan", line)}`
  ])

/** The page of one command. */
export const commandHelp = (command: CommandText, sheet: Sheet): ReadonlyArray<string> => {
  const page = pages[command.name]
  const { args, name, options, summary } = command
  const needed = options.filter(({ required }) => required).map(usageOf)
  const optional = options.length > needed.length ? ["[options]"] : []
  const synopsis = ["phone", name, ...needed, ...optional, ...args.map(usageOf)].join(" ")
  return [
    ...text(sheet, `${sheet.paint("bold", `phone ${name}`)} - ${summary}`, 0),
    ...section(sheet, "SYNOPSIS", text(sheet, synopsis)),
    ...section(sheet, "DESCRIPTION", page === undefined ? [] : text(sheet, page.about)),
    ...section(
      sheet,
      "ARGUMENTS",
      args.flatMap((argument) => parameterLines(sheet, argument))
    ),
    ...section(
      sheet,
      "OPTIONS",
      [...options, helpOption].flatMap((option) => parameterLines(sheet, option))
    ),
    ...(page === undefined
      ? []
      : [
          ...section(sheet, "EXAMPLES", examples(sheet, page)),
          ...section(sheet, "EXIT CODES", exitLines(sheet, page.exits)),
          ...section(sheet, "FILES", table(sheet, page.files ?? [])),
          ...section(sheet, "ENVIRONMENT", table(sheet, [...(page.environment ?? []), ...everywhere])),
          ...section(sheet, "SEE ALSO", text(sheet, page.see.join(", ")))
        ])
  ]
}

/** What there is. */
export const overview = (manual: ReadonlyArray<CommandText>, sheet: Sheet): ReadonlyArray<string> => [
  ...text(
    sheet,
    `${sheet.paint("bold", "phone")} - phone calls by an AI agent: Twilio dials, an OpenAI Realtime model talks`,
    0
  ),
  ...section(sheet, "SYNOPSIS", text(sheet, "phone <command> [options]")),
  ...section(
    sheet,
    "COMMANDS",
    table(
      sheet,
      manual.map(({ name, summary }) => [name, summary] as const)
    )
  ),
  ...section(
    sheet,
    "OPTIONS",
    table(sheet, [
      ["-h, --help", "Show this help, or that of a command."],
      ["--version", "Show the version."],
      [
        "--log-level <level>",
        "Least level that is logged: all, trace, debug, info, warning, error, fatal, none. Default: info."
      ]
    ])
  ),
  ...section(sheet, "EXAMPLES", [
    ...text(sheet, "From nothing to a first call, on a simulated line:"),
    ...[
      "phone init --yes --set provider=simulated",
      "phone serve &",
      'phone call +15550100001 --task "Book a table for two"'
    ].map((line) => `      ${sheet.paint("cyan", line)}`)
  ]),
  ...section(
    sheet,
    "EXIT CODES",
    exitCodeHelp.flatMap((line) => wrap(`  ${line}`, room(sheet), 7))
  ),
  ...section(sheet, "ENVIRONMENT", table(sheet, everywhere)),
  ...section(sheet, "SEE ALSO", text(sheet, "phone help <command>, phone help config"))
]

/** Every key of the configuration. */
export const configHelp = (sheet: Sheet): ReadonlyArray<string> => [
  ...text(sheet, `${sheet.paint("bold", "config.yaml")} - the keys of plugins.phone`, 0),
  ...section(
    sheet,
    "KEYS",
    Object.entries(keyTexts).flatMap(([key, { default: byDefault, meaning, type }]) => [
      `  ${sheet.paint("bold", key)}`,
      ...text(
        sheet,
        `${plainText(meaning)} (${plainText(type)})${byDefault === "" ? "" : `. Default: ${plainText(byDefault)}`}.`,
        6
      )
    ])
  ),
  ...section(sheet, "SEE ALSO", text(sheet, "phone init, phone doctor"))
]

/** The first option that the command does not have, and the one that must have been meant. What stands behind `--` is none. */
export const unknownOption = (args: ReadonlyArray<string>, options: ReadonlyArray<Parameter>): string | undefined => {
  const known = [...options.flatMap(({ names }) => names), "-h", "--help", "--version", "--log-level"]
  const end = args.indexOf("--")
  const unknown = (end === -1 ? args : args.slice(0, end))
    .map((arg) => /^--[^=\s]+/.exec(arg)?.[0])
    .find((name) => name !== undefined && !known.includes(name))
  if (unknown === undefined) return undefined
  const long = known.filter((name) => name.startsWith("--")).map((name) => name.slice(2))
  const meant = closest(unknown, long)
  return `There is no option ${unknown}.${meant === undefined ? "" : ` Did you mean --${meant}?`}`
}
