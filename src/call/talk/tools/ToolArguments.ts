/** What a tool was called with: text that a model wrote, so anything. */

/** A text or number of this name, as text without space around it; `undefined` where there is none. */
export const argument = (input: string, name: string): string | undefined => {
  try {
    const value: unknown = JSON.parse(input)
    if (typeof value !== "object" || value === null) return undefined
    const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
    return typeof found === "string" || typeof found === "number" ? String(found).trim() : undefined
  } catch {
    return undefined
  }
}
