/** Reads YAML, and finds the section `plugins.phone` in it. Pure; a YAML error is told by place and kind only. */
import { Either } from "effect"
import {
  type Document,
  type DocumentOptions,
  LineCounter,
  type ParseOptions,
  parseAllDocuments,
  parseDocument,
  type ScalarTag
} from "yaml"

export type Section = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Section =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const notYaml = (place: string, kind: string) => `is not valid YAML${place}: ${kind}`

/** The yaml package quotes the source in its messages, and the source may hold a secret: only its error codes are used. */
const readDocuments = (
  text: string,
  parse: (text: string, options: ParseOptions & DocumentOptions) => ReadonlyArray<Document.Parsed>
): Either.Either<ReadonlyArray<unknown>, ReadonlyArray<string>> =>
  Either.try({
    try: () => {
      const lines = new LineCounter()
      const documents = parse(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" })
      // the first only: what follows a syntax error is mostly its echo
      const errors = documents
        .flatMap((document) => document.errors)
        .slice(0, 1)
        .map((error) => {
          const { line, col } = lines.linePos(error.pos[0])
          return notYaml(` (line ${line}, column ${col})`, error.code.toLowerCase().replaceAll("_", " "))
        })
      return { errors, values: errors.length === 0 ? documents.map((document): unknown => document.toJS()) : [] }
    },
    catch: () => [notYaml("", "an alias (*name) without its anchor (&name), or nested far too deep")]
  }).pipe(Either.flatMap(({ errors, values }) => (errors.length > 0 ? Either.left(errors) : Either.right(values))))

/** The one document of a file. */
export const readYaml = (text: string): Either.Either<unknown, ReadonlyArray<string>> =>
  Either.map(
    readDocuments(text, (text, options) => [parseDocument(text, options)]),
    ([value]) => value
  )

/** YAML takes an unquoted +15550100001 for a number and loses its sign: what has a plus stays the text that it is. */
const phoneNumber: ScalarTag = {
  tag: "tag:yaml.org,2002:str",
  default: true,
  test: /^\+[1-9][0-9]{6,14}$/,
  resolve: (text) => text
}

/** All documents of a file, separated by `---`. */
export const readYamlDocuments = (text: string) =>
  readDocuments(text, (text, options) => {
    const documents = parseAllDocuments(text, { ...options, customTags: (tags) => [phoneNumber, ...tags] })
    return "empty" in documents ? [] : documents
  })

/** A key without a value (`onBehalfOf:`) counts as not given. */
const given = (section: Section): Section =>
  Object.fromEntries(Object.entries(section).filter(([, value]) => value !== null && value !== undefined))

export const phoneSection = (text: string): Either.Either<Section, ReadonlyArray<string>> =>
  Either.flatMap(readYaml(text), (root) => {
    const plugins = isRecord(root) ? root.plugins : undefined
    if (!isRecord(plugins) || !Object.hasOwn(plugins, "phone")) {
      return Either.left(['has no section "plugins.phone"; Phone reads its keys from there'])
    }
    const section = plugins.phone ?? {}
    return isRecord(section)
      ? Either.right(given(section))
      : Either.left(['has a section "plugins.phone" that holds no keys; write "key: value" lines below it'])
  })
