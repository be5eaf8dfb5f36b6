/** Completion scripts for shells, made of the manual: commands, options and the values they can have. Pure. */
import type { CommandText, Parameter } from "./manual.ts"

export const shells = ["bash", "zsh", "fish"] as const
export type Shell = (typeof shells)[number]

const isPath = ({ value }: Parameter): boolean => value === "path"

/** Options that every command has. */
const common: ReadonlyArray<Parameter> = [
  {
    names: ["-h", "--help"],
    value: undefined,
    choices: [],
    description: "Show help.",
    required: false,
    repeated: false
  }
]

const optionsOf = (command: CommandText): ReadonlyArray<Parameter> => [...command.options, ...common]

/** The first sentence, for a list. */
const brief = (description: string): string =>
  (/^.*?[.:;](?= |$)/.exec(description)?.[0] ?? description).replace(/[.:;]$/, "")

/** What can stand where a command's first argument does. */
const firstWords = (command: CommandText, manual: ReadonlyArray<CommandText>): ReadonlyArray<string> =>
  command.name === "help" ? manual.map(({ name }) => name) : (command.args[0]?.choices ?? [])

const bash = (manual: ReadonlyArray<CommandText>): ReadonlyArray<string> => {
  const behind = manual.flatMap((command) =>
    command.options.flatMap((option) => {
      if (option.value === undefined) return []
      const pattern = option.names.map((name) => `${command.name}:${name}`).join("|")
      const proposal = isPath(option) ? "path=1" : `words="${option.choices.join(" ")}"`
      return [`    ${pattern}) ${proposal} ;;`]
    })
  )
  const words = manual.map((command) => {
    const options = optionsOf(command).flatMap(({ names }) => names)
    return `      ${command.name}) words="${[...firstWords(command, manual), ...options].join(" ")}" ;;`
  })
  return [
    "# bash completion for phone",
    "_phone() {",
    `  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= words= path= found=`,
    `  [ "$COMP_CWORD" -gt 1 ] && command=\${COMP_WORDS[1]}`,
    "  # --option=value comes in three words",
    `  if [ "$cur" = = ]; then cur=; elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi`,
    "  COMPREPLY=()",
    "  found=1",
    "  case $command:$prev in",
    ...behind,
    "    *) found= ;;",
    "  esac",
    '  if [ -z "$found" ]; then',
    "    case $command in",
    `      "") words="${[...manual.map(({ name }) => name), "--help", "--version"].join(" ")}" ;;`,
    ...words,
    "    esac",
    "  fi",
    "  local IFS=$' \\t\\n'",
    '  if [ -n "$path" ]; then',
    "    compopt -o filenames 2>/dev/null",
    "    IFS=$'\\n'",
    '    COMPREPLY=($(compgen -f -- "$cur"))',
    "  else",
    '    COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "  fi",
    "}",
    "complete -F _phone phone"
  ]
}

const inZsh = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''")

const zsh = (manual: ReadonlyArray<CommandText>): ReadonlyArray<string> => {
  const action = (option: Parameter) => {
    if (option.value === undefined) return ""
    const values = isPath(option) ? "_files" : option.choices.length > 0 ? `(${option.choices.join(" ")})` : " "
    return `:${option.value}:${values}`
  }
  const spec = (option: Parameter) =>
    option.names.map(
      (name) => `        '${option.repeated ? "*" : ""}${name}[${inZsh(brief(option.description))}]${action(option)}'`
    )
  const argument = (command: CommandText) => {
    const words = firstWords(command, manual)
    return command.args.length === 0
      ? []
      : [`        '*:${command.args[0]?.names[0] ?? ""}:${words.length === 0 ? " " : `(${words.join(" ")})`}'`]
  }
  return [
    "#compdef phone",
    "# zsh completion for phone",
    "_phone() {",
    "  local -a commands",
    "  commands=(",
    ...manual.map(({ name, summary }) => `    '${name}:${inZsh(brief(summary))}'`),
    "  )",
    "  if (( CURRENT == 2 )); then",
    "    _describe command commands",
    "    return",
    "  fi",
    "  shift words",
    "  (( CURRENT-- ))",
    `  case \${words[1]} in`,
    ...manual.flatMap((command) => [
      `    ${command.name})`,
      ...["      _arguments", ...optionsOf(command).flatMap(spec), ...argument(command)].join(" \\\n").split("\n"),
      "      ;;"
    ]),
    "  esac",
    "}",
    'if [ "$funcstack[1]" = _phone ]; then _phone "$@"; else compdef _phone phone; fi'
  ]
}

const inFish = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`

const fish = (manual: ReadonlyArray<CommandText>): ReadonlyArray<string> => [
  "# fish completion for phone",
  "complete -c phone -f",
  ...manual.map(
    ({ name, summary }) => `complete -c phone -n __fish_use_subcommand -a ${name} -d ${inFish(brief(summary))}`
  ),
  ...manual.flatMap((command) => {
    const when = `complete -c phone -n '__fish_seen_subcommand_from ${command.name}'`
    const words = firstWords(command, manual)
    return [
      ...(words.length === 0 ? [] : [`${when} -a ${inFish(words.join(" "))}`]),
      ...optionsOf(command).map((option) => {
        const names = option.names.map((name) =>
          name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
        )
        const values =
          option.choices.length > 0 ? ` -a ${inFish(option.choices.join(" "))}` : isPath(option) ? " -F" : ""
        const value = option.value === undefined ? "" : ` -r${values}`
        return `${when} ${names.join(" ")}${value} -d ${inFish(brief(option.description))}`
      })
    ]
  })
]

export const completionLines = (shell: Shell, manual: ReadonlyArray<CommandText>): ReadonlyArray<string> =>
  ({ bash, zsh, fish })[shell](manual)
