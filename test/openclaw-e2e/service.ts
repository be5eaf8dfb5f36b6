/** A phone service on the simulated line, in its own process, with a fixed port so that it can be stopped and started again. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import { eventually, freePort, type Running, root, start, temporaryFolder } from "./processes.ts"

export const rpcToken = "the phone service's token"

export interface PhoneService {
  readonly url: string
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** All calls that were ever placed. */
  readonly calls: () => Promise<ReadonlyArray<typeof PlacedCall.Type>>
  /** Ends that the plugin has not acknowledged. */
  readonly owed: () => Promise<ReadonlyArray<unknown>>
}

const PlacedCall = Schema.Struct({ id: Schema.String, task: Schema.String, status: Schema.String })

const succeeded = <A, I>(value: Schema.Schema<A, I>) =>
  Schema.decodeUnknownSync(Schema.Tuple(Schema.Struct({ exit: Schema.Struct({ value }) })))
const readHistory = succeeded(Schema.Struct({ calls: Schema.Array(PlacedCall) }))
const readCompletions = succeeded(Schema.Array(Schema.Unknown))

const ask = async (url: string, tag: string, payload: object): Promise<unknown> => {
  const response = await fetch(`${url}/rpc`, {
    method: "POST",
    headers: { authorization: `Bearer ${rpcToken}` },
    body: JSON.stringify({ tag, payload })
  })
  return response.json()
}

export const makePhoneService = async (): Promise<PhoneService> => {
  const home = temporaryFolder("service")
  const rpcPort = await freePort()
  const url = `http://127.0.0.1:${rpcPort}`
  writeFileSync(
    join(home, "config.yaml"),
    JSON.stringify({
      plugins: {
        phone: {
          provider: "simulated",
          rpcPort,
          rpcToken,
          webhookPort: 0,
          database: join(home, "phone.db"),
          transcriptsDir: join(home, "transcripts"),
          recordCalls: false,
          maxConcurrentCalls: 50,
          callsPerSecond: 50
        }
      }
    })
  )
  let running: Running | undefined
  return {
    url,
    start: async () => {
      const service = start([join(root, "src/main.ts"), "serve", "--config", join(home, "config.yaml")], home, {
        HOME: home,
        NODE_COMPILE_CACHE: join(root, "node_modules/.cache/node")
      })
      running = service
      await eventually("the phone service", async () => {
        const healthy = await fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false
        )
        return healthy ? true : undefined
      }).catch((error: Error) => {
        throw new Error(`${error.message}: ${service.output()}`)
      })
    },
    stop: async () => running?.stop(),
    calls: async () => readHistory(await ask(url, "phone_history", { limit: 1_000 }))[0].exit.value.calls,
    owed: async () => readCompletions(await ask(url, "phone_completions", { client: "openclaw" }))[0].exit.value
  }
}
