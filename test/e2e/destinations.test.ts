/**
 * Every kind of destination, as a user would try it: `phone simulators` in one process, `phone serve` with real-looking
 * credentials in another, and one `phone call --json` for each, all at the same time.
 */
import { copyFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { expect, layer } from "@effect/vitest"
import { Context, Effect, Either, Fiber, Layer, Schema } from "effect"
import { stringify } from "yaml"
import { readWav } from "../../src/simulation/audio/Wav.ts"
import type { HistoryPage } from "../../src/Transcripts.ts"
import { eventually, lineOf, start } from "./processes.ts"
import {
  type Client,
  command,
  connect,
  credentials,
  decodeCall,
  type Home,
  human,
  makeHome,
  readRecording,
  recordedAs,
  serve,
  texts,
  whenCall
} from "./service.ts"

/** The first one takes the longest. */
const numbers = {
  silent: "+15550100007",
  polite: "+15550100001",
  busy: "+15550100002",
  noAnswer: "+15550100003",
  failed: "+15550100004",
  voicemail: "+15550100005",
  menu: "+15550100006",
  hangsUp: "+15550100008",
  rateLimited: "+15550100009",
  bargesIn: "+15550100010",
  /** Only in the file given by `--callees`. */
  realVoice: "+15550100077",
  refused: "+15550100078"
}

const task = "Schedule an appointment for next Tuesday at 2 pm"

const Addresses = Schema.parseJson(Schema.Struct({ twilioApiUrl: Schema.String, realtimeUrl: Schema.String }))

const callees = {
  [numbers.realVoice]: human([{ play: "voices/dentist.wav" }, { listen: {} }, { say: "Goodbye." }, { wait: 20 }]),
  [numbers.refused]: { line: "refused", code: 21215 }
}

interface Ended {
  readonly code: number | string | null
  readonly text: string
}

interface Service {
  readonly home: Home
  readonly client: Client
  /** What `phone call` printed for a number, and its exit code. */
  readonly call: (number: string) => Effect.Effect<Ended>
}

const first = ({ calls }: HistoryPage) => calls[0]

class AllCalls extends Context.Tag("test/AllCalls")<AllCalls, Service>() {}

const layerAllCalls = Layer.scoped(
  AllCalls,
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "phone-e2e-" })
    yield* fs.makeDirectory(`${folder}/voices`)
    copyFileSync(fileURLToPath(new URL("../fixtures/dentist.wav", import.meta.url)), `${folder}/voices/dentist.wav`)
    yield* fs.writeFileString(`${folder}/callees.yaml`, stringify(callees))
    const account = yield* makeHome({ twilioApiUrl: "https://api.twilio.com", realtimeUrl: "wss://api.openai.com" })
    const args = ["--callees", `${folder}/callees.yaml`, "--calls-per-second", "50", "--config", account.config]
    const simulators = yield* start(folder, ["simulators", "--json", ...args])
    const ready = yield* lineOf(simulators, "the simulators", (line) => line.startsWith("{"))
    const home = yield* makeHome(yield* Schema.decode(Addresses)(ready), { ringTimeout: 5 })
    yield* serve(home)
    const client = yield* connect(home)
    const running = new Map<string, Fiber.Fiber<Ended>>()
    for (const number of Object.values(numbers)) {
      const calling = command(home, "call", number, "--task", task, "--request-id", number, "--json")
      const ended = Effect.map(calling, ({ code, out }) => ({ code, text: out.join("\n") }))
      running.set(number, yield* Effect.forkScoped(ended))
      // the silent one takes the longest: the others do not slow its start
      if (number === numbers.silent) yield* eventually("the first call", Effect.map(client.phone_history({}), first))
    }
    const call = (number: string) => {
      const fiber = running.get(number)
      return fiber === undefined ? Effect.dieMessage(`nobody has called ${number}`) : Fiber.join(fiber)
    }
    return { home, client, call }
  })
).pipe(Layer.provideMerge(NodeContext.layer), Layer.orDie)

/**
 * How the call to `number` ended: for a shell, for the database, and as a typed error for a client that asks for the same
 * request again. That the file says the same as the command and the database is checked for all alike.
 */
const outcomeOf = Effect.fnUntraced(function* (number: string) {
  const { call, client, home } = yield* AllCalls
  const { code, text } = yield* call(number)
  const printed = yield* decodeCall(text)
  const answered = printed.answeredAt !== undefined
  const stored = answered
    ? yield* whenCall(client, printed.id, "its recording", ({ recording }) => recording !== undefined)
    : yield* client.phone_status({ callId: printed.id })
  yield* recordedAs(home, stored)
  expect({ ...stored, recording: undefined }).toEqual({ ...printed, recording: undefined })
  expect(stored.endedAt).toBeDefined()
  const wav = yield* readRecording(home, printed.id)
  expect(wav === undefined).toBe(!answered)
  if (wav !== undefined) {
    // 16 bytes of audio a millisecond at 8 kHz, 16 bit, two channels, less what was over before the recording began
    expect(stored.recording).toBe(`${home.folder}/transcripts/${printed.id}.wav`)
    expect(wav.length / 16 / 1000).toBeGreaterThan(stored.duration - 2)
    expect((yield* readWav(wav)).length).toBeGreaterThan(0)
  }
  const again = yield* Effect.either(client.phone_call({ to: number, task, requestId: number }))
  const error = Either.isLeft(again) ? again.left : undefined
  expect(Either.isRight(again) ? again.right.id : "callId" in again.left && again.left.callId).toBe(stored.id)
  return { code, call: stored, error: error?._tag }
})

const reached = (answeredBy: string) => ({ status: "completed", answeredBy })

layer(layerAllCalls, { excludeTestServices: true, timeout: "90 seconds" })("phone call", (it) => {
  const at = (
    name: string,
    number: string,
    check: (ended: Effect.Effect.Success<ReturnType<typeof outcomeOf>>) => void
  ) => it.scoped(name, () => Effect.map(outcomeOf(number), check), 60_000)

  at("a busy line exits 3", numbers.busy, ({ call, code, error }) => {
    expect([code, error]).toEqual([3, "CallBusy"])
    expect(call).toMatchObject({ status: "busy", duration: 0, transcript: [] })
    expect(call.outcome).toMatchObject({ success: false, taskCompleted: false })
  })

  at("nobody answers within the ring timeout: exits 4", numbers.noAnswer, ({ call, code, error }) => {
    expect([code, error]).toEqual([4, "CallNoAnswer"])
    expect(call).toMatchObject({ status: "no-answer", duration: 0 })
    expect(call.outcome).toMatchObject({ success: false, taskCompleted: false })
  })

  at("a number that cannot be routed exits 5", numbers.failed, ({ call, code, error }) => {
    expect([code, error]).toEqual([5, "CallFailed"])
    expect(call).toMatchObject({ status: "failed", duration: 0, error: { type: "CallFailed" } })
  })

  at("a country that the account may not call exits 5 with Twilio's code", numbers.refused, ({ call, code, error }) => {
    expect([code, error]).toEqual([5, "CallFailed"])
    expect(call).toMatchObject({ status: "failed", error: { type: "CallFailed", code: "21215" } })
  })

  at("Twilio's rate limit exits 5 with Twilio's code", numbers.rateLimited, ({ call, code, error }) => {
    expect([code, error]).toEqual([5, "RateLimited"])
    expect(call).toMatchObject({ status: "failed", error: { type: "RateLimited", code: "20429" } })
  })

  at("the polite receptionist books: exits 0, with evidence", numbers.polite, ({ call, code, error }) => {
    expect([code, error]).toEqual([0, undefined])
    expect(call).toMatchObject(reached("human"))
    expect(call.outcome).toMatchObject({ success: true, taskCompleted: true })
    // she speaks 0.3 s after the answer: on a slow machine her first words are over before the line is through
    expect(texts(call, "user")[0]).toMatch(/how can I help\?$/)
    expect(texts(call, "user")[1]).toBe("Yes, Tuesday at 2 pm works. See you then.")
    const agreed = call.transcript.findIndex(({ text }) => text.startsWith("Yes, Tuesday"))
    expect(call.outcome?.evidence).toContain(agreed)
    expect(texts(call, "assistant").join(" ")).toContain("AI assistant calling on behalf of John Doe")
  })

  at("a voicemail gets one message: exits 1", numbers.voicemail, ({ call, code, error }) => {
    expect([code, error]).toEqual([1, undefined])
    expect(call).toMatchObject(reached("voicemail"))
    expect(call.outcome).toMatchObject({ success: false })
    expect(texts(call, "assistant").filter((text) => text.includes("Please call back"))).toHaveLength(1)
  })

  at("a telephone menu is passed, and the person behind it books: exits 0", numbers.menu, ({ call, code, error }) => {
    expect([code, error]).toEqual([0, undefined])
    expect(call.status).toBe("completed")
    expect(texts(call, "user")).toContain("Appointments, this is Anna, how can I help?")
    expect(texts(call, "user")).toContain("Yes, Tuesday at 2 pm works. See you then.")
    expect(call.outcome).toMatchObject({ success: true })
  })

  at("who barges in on the opening is heard, and books: exits 0", numbers.bargesIn, ({ call, code, error }) => {
    expect([code, error]).toEqual([0, undefined])
    expect(call).toMatchObject(reached("human"))
    const cut = call.transcript.find(({ interrupted }) => interrupted === true)
    expect(cut?.role).toBe("assistant")
    expect(cut?.generated?.startsWith(cut.text)).toBe(true)
    expect(texts(call, "user")).toContain("Sorry, who is calling, please?")
  })

  at(
    "who hangs up in mid-conversation ends the call without success: exits 1",
    numbers.hangsUp,
    ({ call, code, error }) => {
      expect([code, error]).toEqual([1, undefined])
      expect(call.status).toBe("completed")
      expect(texts(call, "user").at(-1)).toBe("No, I have no time for this.")
      expect(call.outcome).toMatchObject({ success: false, taskCompleted: false })
    }
  )

  at("a callee of the file speaks with a real voice", numbers.realVoice, ({ call, code, error }) => {
    expect([code, error]).toEqual([1, undefined])
    expect(call.status).toBe("completed")
    expect(texts(call, "user")[0]).toBe("[speech]")
  })

  at("a callee who stays silent is asked once, then left: exits 1", numbers.silent, ({ call, code, error }) => {
    expect([code, error]).toEqual([1, undefined])
    expect(call.status).toBe("completed")
    expect(texts(call, "user")).toEqual([])
    expect(texts(call, "assistant").filter((text) => text.includes("still there"))).toHaveLength(1)
    expect(call.outcome).toMatchObject({ success: false, taskCompleted: false })
  })

  it.scoped("and phone history --json has them all", () =>
    Effect.gen(function* () {
      const { call, home } = yield* AllCalls
      yield* Effect.forEach(Object.values(numbers), call)
      const { code, out } = yield* command(home, "history", "--json", "--limit", "100")
      expect(code).toBe(0)
      const to = JSON.parse(out.join("\n")).calls.map((one: { readonly to: string }) => one.to)
      expect(to.sort()).toEqual(Object.values(numbers).sort())
      expect(out.join("\n")).not.toContain(credentials.authToken)
    })
  )
})
