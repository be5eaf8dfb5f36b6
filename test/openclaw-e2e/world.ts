/** A phone service, a model and what OpenClaw needs to know of them; and what a session was told. */
import { type MockModel, startMockModel } from "./mockModel.ts"
import { cleanUp, eventually } from "./processes.ts"
import { makePhoneService, type PhoneService } from "./service.ts"

/** Who answers on the simulated line. */
export const numbers = {
  receptionist: "+15550100001",
  busy: "+15550100002",
  nobody: "+15550100003",
  asks: "+15550100015"
}

export interface World {
  readonly service: PhoneService
  readonly model: MockModel
  /** What OpenClaw's configuration says of the model. */
  readonly modelConfig: { readonly models: object; readonly agents: { readonly defaults: object } }
  /** Waits for the turn in which a session was told the end of a call, and gives what it was told. */
  readonly woken: (callId: string) => Promise<Wake>
  /** How often any session was told the end of a call. */
  readonly wakes: (callId: string) => number
  readonly close: () => Promise<void>
}

export interface Wake {
  readonly text: string
  /** Whether the model saw this text in the same turn's conversation: the same session, then. */
  readonly remembers: (text: string) => boolean
}

export const callIdIn = (text: string): string => {
  const callId = /Call ([a-z0-9]{8}) /.exec(text)?.[1]
  if (callId === undefined) throw new Error(`there is no callId in: ${text}`)
  return callId
}

export const makeWorld = async (): Promise<World> => {
  const service = await makePhoneService()
  await service.start()
  const model = await startMockModel()
  const one = {
    id: "mock",
    name: "mock",
    reasoning: false,
    input: ["text"],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 100_000,
    maxTokens: 1_000
  }
  const mock = { baseUrl: model.baseUrl, apiKey: "k", api: "openai-completions", models: [one] }
  // the text of a wake, not of a tool's result that says the same
  const wakesOf = (callId: string) =>
    model.requests.filter(({ news }) => new RegExp(`System: \\[[^\\]]*\\] Call ${callId} to \\S+ has ended`).test(news))
  return {
    service,
    model,
    modelConfig: {
      models: { providers: { mock } },
      agents: { defaults: { model: { primary: "mock/mock" }, skipBootstrap: true } }
    },
    woken: async (callId) => {
      const { messages, news } = await eventually(`the wake for call ${callId}`, () => wakesOf(callId)[0], 90)
      return { text: news, remembers: (text) => messages.some((message) => message.text.includes(text)) }
    },
    wakes: (callId) => wakesOf(callId).length,
    close: async () => {
      model.close()
      await cleanUp()
    }
  }
}
