/**
 * Twilio and the voice model as they were on a recorded call: a network whose answers come from the log, and the webhooks and
 * media streams that came in. Each event takes its cue from what the service does now, so that small changes of the service's
 * own timing do not matter; what the service asks and the log cannot answer is refused.
 */
import { Effect, FiberSet, Redacted } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { makeAddresses } from "../../telephone/Addresses.ts"
import {
  bodyText,
  HandshakeRefused,
  type Host,
  type Network,
  NetworkError,
  respond,
  respondJson,
  type WireRequest,
  type WireSocket
} from "../../wire/Network.ts"
import { socketPair } from "../../wire/SocketPair.ts"
import { answerHandshake, answerRequest, ownSocket } from "../../wire/serving.ts"
import type { Entry, EntryOf } from "../../wirelog/Entry.ts"
import { frameText } from "../../wirelog/frames.ts"
import { Names } from "../../wirelog/Names.ts"
import { pathOf } from "../../wirelog/outgoing.ts"
import type { RecordedCall } from "../../wirelog/readLog.ts"
import { sign } from "../twilio/Signature.ts"
import { Agenda } from "./Agenda.ts"
import { Cues } from "./Cues.ts"
import { MarkEchoes, markHistory } from "./MarkEchoes.ts"
import { clientNames, isProbe, makeMoments, markOf, momentOf, typeOf } from "./Moments.ts"
import { type Planned, planOf } from "./plan.ts"
import { makeProbeAnswers } from "./probes.ts"
import { soundLike } from "./soundLike.ts"

type Answer = EntryOf<"response" | "failed">
type Opening = EntryOf<"opened" | "refused" | "failed">

/** What the owner asked for in mid-call, again. */
export type Obey = (order: EntryOf<"order">) => Effect.Effect<void>

/** What Twilio takes for an answer that the log does not have. */
const unknownResource = Effect.delay(
  Effect.succeed(respondJson(404, { code: 20404, message: "The log has no answer to this.", status: 404 })),
  "40 millis"
)
const noSession = new NetworkError({ kind: "refused", message: "The log has no further session of the voice model." })

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The REST requests of the log by their moments, with their answers. */
const answersOf = (entries: ReadonlyArray<Entry>) => {
  const moments = makeMoments()
  const replies = new Map<number, Answer>()
  for (const entry of entries) {
    if (entry.on === "rest" && (entry.is === "response" || entry.is === "failed")) replies.set(entry.id ?? 0, entry)
  }
  const answers = new Map<string, { readonly at: number; readonly reply: Answer | undefined }>()
  for (const entry of entries) {
    const moment = entry.on === "rest" ? momentOf(moments, entry) : undefined
    if (moment === undefined || entry.is !== "request") continue
    answers.set(moment, { at: entry.t, reply: replies.get(entry.id) })
  }
  return answers
}

/** How the handshake of a socket of ours went, and how long that took; `undefined`: there was none. */
const openingOf = (entries: ReadonlyArray<Entry>, on: string) => {
  const open = entries.find((entry) => entry.on === on && entry.is === "open")
  if (open === undefined) return undefined
  const isOpening = (entry: Entry): entry is Opening => ["opened", "refused", "failed"].includes(entry.is)
  const reply = entries.find((entry): entry is Opening => entry.on === on && isOpening(entry))
  return { reply, after: (reply?.t ?? open.t) - open.t }
}

export const makeRecordedOutside = Effect.fnUntraced(function* (
  { entries, header }: RecordedCall,
  config: Pick<PhoneConfigValues, "accountSid" | "authToken" | "webhookHost">,
  obey: Obey
) {
  const clock = yield* Effect.clock
  const run = yield* FiberSet.makeRuntime()
  const names = new Names({ callId: header.callId, ...config })
  const addresses = makeAddresses(config.webhookHost)
  const moments = makeMoments()
  const answers = answersOf(entries)
  const agenda = new Agenda(clock)
  const plan = planOf(entries)
  const sockets = new Map<string, WireSocket>()
  const renamed = new Map<string, string>()
  let host: Host | undefined
  let sessions = 0
  /** Behind all that is in the log, at the same instant. */
  let order = entries.length

  const signed = (url: string, form: ReadonlyArray<readonly [string, string]>) => ({
    "x-twilio-signature": sign(Redacted.value(config.authToken), url, form)
  })
  const reveal = (text: string) => names.reveal(text) ?? ""

  /** A webhook that speaks of a stream or call which this run has not made is left out. */
  const callWebhook = (host: Host, { form, id, method, path }: EntryOf<"request">) =>
    Effect.gen(function* () {
      const local = names.reveal(path.slice(path.indexOf("/twilio/")))
      if (local === undefined) return
      const url = `${config.webhookHost}${local}`
      const fields = form.map(([name, value]) => [name, reveal(value)] as const)
      const body = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString()
      const response = yield* answerRequest(host, { method, url, headers: signed(url, fields), body })
      // tickets become known here
      names.hide(bodyText(response), "out")
      cues.happened(moments.answered(id))
    })

  const openStream = (host: Host, on: string) =>
    Effect.gen(function* () {
      const url = addresses.media.replace(/^ws/, "http")
      const decision = yield* answerHandshake(host, { url, headers: signed(addresses.media, []) })
      if (decision._tag === "Refuse") return
      const [ours, theirs] = socketPair()
      sockets.set(on, theirs)
      const start = entries.find((entry) => entry.on === on && entry.is === "frame" && typeOf(entry.frame) === "start")
      const sid = start?.is === "frame" ? (/"streamSid":"(\w+)"/.exec(JSON.stringify(start.frame))?.[1] ?? "") : ""
      const echoes = new MarkEchoes(agenda, markHistory(entries, on), sid, (frame) =>
        theirs.send(JSON.stringify(frame))
      )
      theirs.listen({
        message: (text) => {
          const payload = text === null ? undefined : /"payload":"([^"]*)"/.exec(text)?.[1]
          if (payload !== undefined) return echoes.audio(Buffer.byteLength(payload, "base64"))
          const frame = parse(text ?? "")
          heard(on, frame)
          order += 1
          if (typeOf(frame) === "clear") echoes.clear(order)
          else echoes.mark(markOf(frame) ?? "", order)
        },
        close: () => cues.happened(moments.close(on))
      })
      cues.happened(moments.open(on))
      yield* ownSocket(decision, ours)
    })

  /** The client hears its own names again, not those of the log. */
  const translated = (text: string): string =>
    renamed.size === 0 ? text : text.replace(/"[^"\\]*"/g, (quoted) => renamed.get(quoted) ?? quoted)

  const sendTo = (socket: WireSocket, entry: Entry): void => {
    if (entry.is === "frame") {
      const text = frameText(entry, soundLike)
      if (entry.audio !== undefined) socket.send(text)
      else socket.send(entry.on.startsWith("media") ? reveal(text) : translated(text))
    } else if (entry.is === "text") {
      if (entry.text !== null) socket.send(entry.text)
    } else if (entry.is === "close") {
      if (entry.code === 1006) socket.terminate()
      else socket.close(entry.code, entry.reason)
    }
  }

  const play = ({ entry }: Planned): void => {
    const socket = sockets.get(entry.on)
    if (entry.is === "order") run(obey(entry))
    else if (host !== undefined && entry.on === "webhook" && entry.is === "request") run(callWebhook(host, entry))
    else if (host !== undefined && entry.is === "open") run(openStream(host, entry.on))
    else if (socket !== undefined) sendTo(socket, entry)
  }
  const cues: Cues = new Cues(agenda, plan, play)

  /** A frame of the client. */
  const heard = (on: string, frame: unknown): void => {
    const moment = moments.frame(on, frame)
    if (moment === undefined) return
    const then = plan.names.get(moment) ?? []
    for (const [index, name] of clientNames(frame).entries()) {
      if (then[index] !== name) renamed.set(`"${then[index]}"`, `"${name}"`)
    }
    cues.happened(moment)
  }

  const exchange = (request: WireRequest) =>
    Effect.gen(function* () {
      const path = names.hide(pathOf(request.url), "out")
      const form = [...new URLSearchParams(request.body)].map(
        ([name, value]) => [name, names.hide(value, "out")] as const
      )
      const moment = moments.request(request.method, path, form)
      cues.happened(moment)
      const known = answers.get(moment)
      if (known === undefined) return yield* unknownResource
      if (known.reply === undefined) return yield* Effect.never
      yield* Effect.sleep(Math.max(0, known.reply.t - known.at))
      if (known.reply.is === "failed") return yield* new NetworkError(known.reply)
      const { body = "", headers, status } = known.reply
      return respond(status, reveal(body), headers)
    })

  const network: Network["Type"] = {
    http: (request) =>
      Effect.timeoutFail(exchange(request), {
        duration: request.timeout ?? "1 hour",
        onTimeout: () => new NetworkError({ kind: "timeout", message: "The log has no answer to this request." })
      }),
    webSocket: (_, { timeout }) =>
      Effect.gen(function* () {
        sessions += 1
        const on = `realtime-${sessions}`
        cues.happened(moments.open(on))
        const opening = openingOf(entries, on)
        if (opening === undefined) return yield* noSession
        const { after, reply } = opening
        if (reply === undefined) return yield* Effect.never
        yield* Effect.sleep(after)
        if (reply.is === "failed") return yield* new NetworkError(reply)
        if (reply.is === "refused") {
          const { body = "", headers = {}, status } = reply
          return yield* new HandshakeRefused({ status, headers, message: body })
        }
        const [ours, theirs] = socketPair()
        yield* Effect.addFinalizer(() => Effect.sync(ours.terminate))
        const answerTo = makeProbeAnswers(entries, on)
        theirs.listen({
          message: (text) => {
            const frame = parse(text ?? "")
            const answer = isProbe(frame) ? answerTo() : undefined
            if (answer !== undefined) theirs.send(answer)
            heard(on, frame)
          },
          close: () => cues.happened(moments.close(on))
        })
        sockets.set(on, theirs)
        return ours
      }).pipe(
        Effect.timeoutFail({
          duration: timeout,
          onTimeout: () => new NetworkError({ kind: "timeout", message: "In the log this socket did not open." })
        })
      )
  }

  return {
    network,
    /** Where webhooks and media streams go. */
    serve: (service: Host) => {
      host = service
    },
    /** Lets things come in from now on; never ends by itself. */
    run: Effect.suspend(() => {
      cues.begin()
      return agenda.run
    })
  }
})
