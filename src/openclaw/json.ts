/** Reading JSON that came from elsewhere, one careful step at a time. */

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const textAt = (value: unknown, key: string): string | undefined => {
  const found = isRecord(value) ? value[key] : undefined
  return typeof found === "string" ? found : undefined
}

export const listAt = (value: unknown, key: string): ReadonlyArray<unknown> => {
  const found = isRecord(value) ? value[key] : undefined
  return Array.isArray(found) ? found : []
}
