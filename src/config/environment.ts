/** Puts environment variables into configuration values: `${NAME}`, `${NAME:-default}`; `$${` is a plain `${`. Pure. */

export type Environment = Readonly<Record<string, string | undefined>>

export interface Expanded {
  /** As the input, strings replaced; `undefined` stands where a variable is not set. */
  readonly value: unknown
  /** By path: why nothing could be put there. */
  readonly unset: ReadonlyMap<string, string>
  /** Paths whose whole value came from one variable. */
  readonly whole: ReadonlySet<string>
}

const reference = /\$\$\{|\$\{([^}]*)\}/g
const variable = /^([A-Za-z_]\w*)(?::-(.*))?$/s
const plain = /^(true|false|-?\d+(\.\d+)?)$/

const malformed = `has a \${…} that names no variable; write \${NAME} or \${NAME:-default}, and $\${ for a plain \${`

/** How a path is written for people: `transferTo.reception`, `doNotCall[0]`. */
export const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`
    const name = /^[\w-]{1,60}$/.test(String(part)) ? String(part) : JSON.stringify(String(part).slice(0, 60))
    return text === "" ? name : `${text}.${name}`
  }, "")

/**
 * Replaces what stands in strings, at any depth. A variable is always text; at the paths of `typed` it is read as a number
 * or as true/false if it looks like one (so that `webhookPort: ${PORT}` works, and a token of digits stays a token).
 */
export const expand = (input: unknown, env: Environment, typed: ReadonlySet<string> = new Set()): Expanded => {
  const unset = new Map<string, string>()
  const whole = new Set<string>()

  const text = (raw: string, path: string): unknown => {
    let missing = false
    const out = raw.replace(reference, (match, inner: string | undefined) => {
      if (inner === undefined) return "${"
      const [, name, fallback] = variable.exec(inner) ?? []
      if (name === undefined) {
        missing = true
        unset.set(path, malformed)
        return ""
      }
      if (match === raw) whole.add(path)
      const found = env[name] || fallback
      if (found !== undefined) return found
      missing = true
      unset.set(path, `needs the environment variable ${name}, which is not set`)
      return ""
    })
    if (missing) return undefined
    return typed.has(path) && plain.test(out) ? JSON.parse(out) : out
  }

  const walk = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown => {
    if (typeof value === "string") return value.includes("${") ? text(value, pathText(path)) : value
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]))
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]))
  }

  return { value: walk(input, []), unset, whole }
}
