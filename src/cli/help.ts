/** Makes the library's help and usage errors shorter and clearer. Pure. */

const noise =
  /\n\n +(A user-defined piece of text( that is confidential)?\.|A true or false value\.|An integer\.|A floating point number\.|This setting is optional\.|This argument must be repeated at least 1 times\.|This argument may be repeated zero or more times\.|One of the following: [^\n]+)(?=\n|$)/g

/** `  - call --task text [--json] <to>      Call a number`: the options are in the command's own help. */
const commandRow = /^ {2}- (\S+) .*? {2,}(\S.*)$/gm

/** Leaves out what says nothing and the empty lines between a thing and its description; usage is what one types. */
export const tidyHelp = (text: string): string =>
  text
    .replace(noise, "")
    .replace(/^\$ phone$/m, "$ phone command [options]")
    .replace(/^\$ (?!phone )/m, "$ phone ")
    .replace(commandRow, (_, name: string, description: string) => `  ${name.padEnd(12)}${description}`)
    .replace(/\n\n(?= {2}\S)/g, "\n")
    .replace(/ +$/gm, "")
    .replace(/\n+$/, "")

/** The first option that occurs nowhere in the help: the library complains about what stands behind it instead. */
export const unknownOption = (args: ReadonlyArray<string>, help: string): string | undefined => {
  const known = new Set(help.match(/--[a-z][\w-]*/g))
  return args
    .map((arg) => /^--[^=\s]+/.exec(arg)?.[0])
    .find((name) => name !== undefined && name !== "--" && !known.has(name))
}
