/** What goes without saying: whoever reads the logs, the record or what is told of a call learns no secret from it. */
import { Cause } from "effect"
import { simulatedCredentials } from "../../config/simulated.ts"
import { rpcToken } from "../world/Process.ts"
import type { Run } from "../world/Run.ts"
import type { Invariant } from "./Invariant.ts"

const { accountSid, authToken, openaiApiKey } = simulatedCredentials

const credentials: ReadonlyArray<readonly [name: string, secret: string]> = [
  ["the account's token", authToken],
  ["the account's token, in base64", Buffer.from(`${accountSid}:${authToken}`).toString("base64")],
  ["the model's key", openaiApiKey],
  ["the token of the RPC interface", rpcToken]
]

/** The secret of the call, in the paths of its webhooks: 40 hexadecimal digits (telephone/LineToken.ts). */
const lineTokens = ({ legs }: Run): ReadonlyArray<string> => [
  ...new Set(
    legs
      .flatMap(({ streams, webhooks }) => [...streams, ...webhooks])
      .flatMap(({ url }) => /\/([0-9a-f]{40})\//.exec(url)?.[1] ?? [])
  )
]

export const noSecrets: Invariant = {
  number: 0,
  says: "no secret is told: not in logs, nor in the record, nor in what is told of the call",
  check: (run) => {
    const { call, events, file, logs, refused } = run
    const told: ReadonlyArray<readonly [where: string, text: string]> = [
      ["the log", logs.map(({ cause, text }) => `${text}\n${Cause.pretty(cause)}`).join("\n")],
      ["the record", JSON.stringify(call) ?? ""],
      ["the file", JSON.stringify(file) ?? ""],
      ["what was told of the call", JSON.stringify(events)],
      ["the refusal", JSON.stringify(refused) ?? ""]
    ]
    const secrets = [...credentials, ...lineTokens(run).map((token) => ["the call's own", token] as const)]
    return told.flatMap(([where, text]) =>
      secrets.flatMap(([name, secret]) => (text.includes(secret) ? [`${where} holds a secret: ${name}`] : []))
    )
  }
}
