/** What we know of the Realtime models by name (facts/openai-realtime.md 1.4): which are gone, which end, which reason. */

/** The model to ask for, and one line for the log when the configured name is gone or going. */
export interface MappedModel {
  readonly model: string
  readonly warning?: string
}

type Key = "realtimeModel" | "fallbackModel"

const replaced = (key: Key, name: string, model: string): MappedModel => ({
  model,
  warning: `${key} "${name}" was shut down by OpenAI; "${model}" is used instead. Change it in the configuration.`
})

const ending = (key: Key, name: string, successor: string): MappedModel => ({
  model: name,
  warning: `${key} "${name}" ends on 2027-01-20; change it to "${successor}" before.`
})

/** Old preview names are replaced, ending ones kept with a warning, all others taken as they are. */
export const mapModel = (name: string, key: Key = "realtimeModel"): MappedModel => {
  if (name.startsWith("gpt-4o-realtime-preview")) return replaced(key, name, "gpt-realtime-2.1")
  if (name.startsWith("gpt-4o-mini-realtime-preview")) return replaced(key, name, "gpt-realtime-2.1-mini")
  if (name === "gpt-realtime" || name === "gpt-realtime-2025-08-28") return ending(key, name, "gpt-realtime-2.1")
  if (name.startsWith("gpt-realtime-mini")) return ending(key, name, "gpt-realtime-2.1-mini")
  return { model: name }
}

/** Only the 2 family takes `reasoning`; on others it makes the server refuse the whole update (facts 2.2). */
export const takesReasoning = (model: string): boolean => /^gpt-realtime-2(\.\d+)?(-|$)/.test(model)
