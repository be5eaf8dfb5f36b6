/** A configuration file for people: the keys that are given, and every other one commented out, each explained. Pure. */
import { stringify } from "yaml"
import { Voice } from "../Config.ts"
import { type Key, type KeyText, keyTexts } from "./keyTexts.ts"
import type { Section } from "./section.ts"

const keys = Object.keys(keyTexts).filter((key): key is Key => Object.hasOwn(keyTexts, key))

/** Markdown of the README as plain text. */
export const plainText = (markdown: string): string =>
  markdown
    .replace("a [voice](#voices)", `one of ${Voice.literals.join(", ")}`)
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replaceAll("`", "")

const literal = /^`([^`$][^`]*)`$/
const variable = /^`\$(\w+)`$/

/** The value that a key has by itself, as it would stand in the file; none when it has none or only words say it. */
const valueByDefault = ({ default: text }: KeyText): string | undefined => {
  const [, name] = variable.exec(text) ?? []
  return name === undefined ? literal.exec(text)?.[1] : `\${${name}}`
}

/** What a key is for, in one sentence. */
export const explain = (key: Key): string => {
  const text = keyTexts[key]
  const byDefault = text.default === "" ? "" : `; default ${plainText(text.default)}`
  return `${plainText(text.meaning)} (${plainText(text.type)}${byDefault})`
}

const columns = 100

const comment = (text: string, indent: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = `${indent}#`
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > columns && line !== `${indent}#`) {
      lines.push(line)
      line = `${indent}#`
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

const indent = "    "

const lines = (key: Key, values: Section): ReadonlyArray<string> => {
  const given = values[key]
  if (given === undefined) return [`${indent}# ${key}: ${valueByDefault(keyTexts[key]) ?? ""}`.trimEnd()]
  return stringify({ [key]: given }, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => indent + line)
}

/** The file with these values of `plugins.phone`. A text in them may hold `${NAME}`, as in any configuration. */
export const configText = (values: Section): string =>
  [
    ...comment(
      `Configuration of phone. A key that is commented out has its default; \${NAME} and \${NAME:-default} come from the environment. Check it with: phone doctor`,
      ""
    ),
    "plugins:",
    "  phone:",
    ...keys.flatMap((key, index) => [
      ...(index === 0 ? [] : [""]),
      ...comment(explain(key), indent),
      ...lines(key, values)
    ]),
    ""
  ].join("\n")
