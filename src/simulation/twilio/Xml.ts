/** Reads the small part of XML that TwiML uses: elements, attributes, text, entities, comments, CDATA. No DTDs. */
import { Either } from "effect"

export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<Element>
  /** All text directly inside, entities resolved, trimmed. */
  readonly text: string
}

interface Open {
  readonly name: string
  readonly attributes: Record<string, string>
  readonly children: Array<Element>
  text: string
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

/** `undefined` when a `&` begins no entity. */
const unescape = (text: string): string | undefined => {
  let wrong = false
  const plain = text.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));|&/g, (_, decimal, hex, name) => {
    const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : undefined
    const found = code === undefined ? entities[name] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined
    wrong ||= found === undefined
    return found ?? ""
  })
  return wrong ? undefined : plain
}

const token =
  /(?<skipped><\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*>)|<!\[CDATA\[(?<cdata>[\s\S]*?)\]\]>|<\/(?<closes>[\w.:-]+)\s*>|<(?<opens>[A-Za-z_][\w.:-]*)(?<attributes>(?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>\/?)>|(?<text>[^<]+)/y
const attribute = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

const attributesOf = (source: string): Record<string, string> | undefined => {
  const attributes: Record<string, string> = {}
  for (const [, name = "", double, single] of source.matchAll(attribute)) {
    const value = unescape(double ?? single ?? "")
    if (value === undefined || name in attributes) return undefined
    attributes[name] = value
  }
  return attributes
}

/** The root element, or why the text is not well-formed XML. */
export const parseXml = (source: string): Either.Either<Element, string> => {
  const xml = source.replace(/^\uFEFF/, "")
  const root: Open = { name: "", attributes: {}, children: [], text: "" }
  const stack: Array<Open> = [root]
  for (let at = 0; at < xml.length; ) {
    const top = stack.at(-1) ?? root
    const bad = (why: string) => Either.left(`${why} at character ${at}`)
    token.lastIndex = at
    const match = token.exec(xml)
    if (match === null) return bad("not well-formed")
    const { attributes, cdata, closes, empty, opens, skipped, text } = match.groups ?? {}
    if (closes !== undefined) {
      if (stack.length < 2 || top.name !== closes) return bad(`</${closes}> closes nothing`)
      stack.pop()
      stack.at(-1)?.children.push({ ...top, text: top.text.trim() })
    } else if (opens !== undefined) {
      const read = attributesOf(attributes ?? "")
      if (read === undefined) return bad(`bad attributes of <${opens}>`)
      const element: Open = { name: opens, attributes: read, children: [], text: "" }
      if (empty === "/") top.children.push(element)
      else stack.push(element)
    } else if (skipped === undefined) {
      const plain = cdata ?? unescape(text ?? "")
      if (plain === undefined || (top === root && plain.trim() !== "")) return bad("stray text")
      top.text += plain
    }
    at += match[0].length
  }
  const [document, ...others] = root.children
  if (stack.length > 1) return Either.left(`<${stack.at(-1)?.name}> is not closed`)
  return document === undefined || others.length > 0 ? Either.left("not one root element") : Either.right(document)
}
