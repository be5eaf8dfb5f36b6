/** The plugin's settings, `plugins.entries.phone.config`: read, or refused with a line that names the key. Opens no connection. */
import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { isRecord, textAt } from "./json.ts"

export interface Settings {
  /** The RPC interface, without a slash at its end. */
  readonly url: string
  readonly token: string
  /** Under this name the service keeps the ends of our calls. */
  readonly client: string
}

export interface Problem {
  readonly problem: string
}

const path = "plugins.entries.phone.config"
export const defaults = { url: "http://127.0.0.1:18791", client: "openclaw" }

/** Where a service with default settings on this machine keeps the token that it made itself. */
const tokenFile = () => join(homedir(), ".openclaw", "phone", "rpc-token")

/** The host hands `${NAME}` over as it stands when the variable is not set (facts/openclaw.md 1.7). */
const unexpanded = /\$\{([^}]*)\}/

const noVariable = (key: string, variable: string): Problem => ({
  problem:
    `${path}.${key} is "\${${variable}}": the gateway has no environment variable ${variable}. ` +
    "Set it where the gateway is started, or write the value into the setting."
})

/** A secret that the host could not find arrives as the reference to it. */
const unresolved = (key: string, reference: unknown): Problem => {
  const id = textAt(reference, "id")
  const source = textAt(reference, "source")
  if (id === undefined || source === undefined) return { problem: `${path}.${key} must be a text.` }
  if (source === "env") return noVariable(key, id)
  return { problem: `${path}.${key} refers to the secret "${id}" (${source}), which the gateway could not find.` }
}

const readText = (config: Readonly<Record<string, unknown>>, key: string): string | undefined | Problem => {
  const value = config[key]
  if (value === undefined || value === "") return undefined
  if (typeof value !== "string") return unresolved(key, value)
  const variable = unexpanded.exec(value)?.[1]
  return variable === undefined ? value : noVariable(key, variable)
}

const isProblem = (read: string | undefined | Problem): read is Problem => typeof read === "object"

const isWebUrl = (url: string) => /^https?:\/\//i.test(url) && URL.canParse(url)

const readTokenFile = async (): Promise<string | Problem> => {
  const file = tokenFile()
  const text = await readFile(file, "utf8").then(
    (read) => read.trim(),
    () => ""
  )
  if (text !== "") return text
  return {
    problem:
      `${path}.token is not set, and there is none in ${file}. ` +
      'Start the phone service on this machine once ("phone serve"), or set the token to its rpcToken.'
  }
}

/** Reads them anew each time, so that a token made after the gateway's start is found. */
export const readSettings = async (pluginConfig: unknown): Promise<Settings | Problem> => {
  const config = isRecord(pluginConfig) ? pluginConfig : {}
  const url = readText(config, "url")
  if (isProblem(url)) return url
  const client = readText(config, "client")
  if (isProblem(client)) return client
  const configured = readText(config, "token")
  if (isProblem(configured)) return configured
  const address = (url ?? defaults.url).replace(/\/+$/, "")
  if (!isWebUrl(address)) return { problem: `${path}.url is no URL such as "${defaults.url}".` }
  const token = configured ?? (await readTokenFile())
  if (isProblem(token)) return token
  return { url: address, token, client: client ?? defaults.client }
}
