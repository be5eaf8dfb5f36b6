/** Runs TwiML on an answered call: fetches documents, does their verbs one after the other (facts/twilio.md 3.1, 6). */
import { Effect, Either, Option, Queue } from "effect"
import { bodyText } from "../../wire/Network.ts"
import { speak } from "../audio/SpokenText.ts"
import { dial } from "./dial.ts"
import { pressDigits } from "./digits.ts"
import type { Callback, Source } from "./orders.ts"
import type { PhoneLine } from "./PhoneLine.ts"
import { startRecording } from "./recordings.ts"
import type { Form } from "./Signature.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"
import { connectStream } from "./streamConnection.ts"
import { baseForm, request } from "./Webhooks.ts"
import type { World } from "./World.ts"
import { type Element, parseXml } from "./Xml.ts"

const maxDocumentBytes = 64 * 1024
const maxSay = 4096

/** A document, and the URL that relative ones in it are read against. */
interface Page {
  readonly base: string | undefined
  readonly verbs: ReadonlyArray<Element>
}

/** What is done next: nothing (`undefined`: the call is hung up), or another document. */
type Next = Source | undefined

interface Stage {
  readonly world: World
  readonly call: SimulatedCall
  readonly line: PhoneLine
}

const methodOf = (text: string | undefined): Callback["method"] => (text?.toUpperCase() === "GET" ? "GET" : "POST")

const resolve = (url: string, base: string | undefined) => (URL.canParse(url, base) ? new URL(url, base).href : url)

const callbackAt = ({ attributes }: Element, name: string): Callback | undefined => {
  const url = attributes[name]
  return url === undefined || url === "" ? undefined : { url, method: methodOf(attributes[`${name}Method`]) }
}

const fetchOf = (url: string, method: string | undefined, base: string | undefined, extra: Form = []): Source => ({
  _tag: "Fetch",
  url: resolve(url, base),
  method: methodOf(method),
  extra,
  fallback: undefined
})

interface Fault {
  readonly code: number
  readonly message: string
}

const fault = (code: number, message: string): Either.Either<never, Fault> => Either.left({ code, message })

const parse = (twiml: string, base: string | undefined): Either.Either<Page, Fault> =>
  Either.match(parseXml(twiml), {
    onLeft: (why) => fault(12100, `Document parse failure: ${why}`),
    onRight: ({ children, name }) =>
      name === "Response" ? Either.right({ base, verbs: children }) : fault(12102, "The root is not <Response>")
  })

const fetchPage = Effect.fnUntraced(function* ({ call, world }: Stage, source: Callback & { readonly extra: Form }) {
  const form = [...baseForm(world, call), ...source.extra]
  const answer = yield* request(world, call, "twiml", source, form)
  if (Option.isNone(answer)) return fault(11200, `${source.url} cannot be fetched`)
  const { body, headers, status } = answer.value
  if (status < 200 || status > 299) return fault(11200, `${source.url} answered ${status}`)
  if (body.length > maxDocumentBytes) return fault(11750, `${source.url} answered more than 64 kB`)
  if (!/^(text|application)\/xml\b/.test(headers["content-type"] ?? "")) {
    return fault(12300, `${source.url} answered content type ${headers["content-type"] ?? "(none)"}`)
  }
  return parse(bodyText(answer.value), source.url)
})

const load = Effect.fnUntraced(function* (stage: Stage, source: Source) {
  if (source._tag === "Inline") return parse(source.twiml, undefined)
  const page = yield* fetchPage(stage, source)
  if (Either.isRight(page) || source.fallback === undefined) return page
  stage.call.alert(stage.world.now(), page.left.code, page.left.message)
  const extra: Form = [
    ["ErrorCode", String(page.left.code)],
    ["ErrorUrl", source.url]
  ]
  return yield* fetchPage(stage, { ...source.fallback, extra })
})

const connect = Effect.fnUntraced(function* ({ call, line, world }: Stage, verb: Element, base: string | undefined) {
  const stream = verb.children.find(({ name }) => name === "Stream")
  if (stream === undefined) return call.alert(world.now(), 12200, "<Connect> without <Stream>")
  const { name, track, url = "" } = stream.attributes
  if (track !== undefined && track !== "inbound_track") {
    return call.alert(world.now(), 31941, `track ${track} is not allowed under <Connect>`)
  }
  const parameters = stream.children.filter((child) => child.name === "Parameter")
  const absolute = base === undefined ? url : resolve(url, base.replace(/^http/, "ws"))
  yield* connectStream(world, call, line, {
    url: absolute,
    name,
    parameters: Object.fromEntries(parameters.map(({ attributes }) => [attributes.name ?? "", attributes.value ?? ""])),
    status: callbackAt(stream, "statusCallback")
  })
})

const start = Effect.fnUntraced(function* ({ call, line, world }: Stage, verb: Element) {
  for (const child of verb.children) {
    if (child.name !== "Recording") {
      call.alert(world.now(), 12200, `<Start><${child.name}> is not known`)
      continue
    }
    const events = child.attributes.recordingStatusCallbackEvent?.split(/[ ,]+/)
    yield* startRecording(world, call, line, {
      channels: child.attributes.channels === "mono" ? 1 : 2,
      callback: callbackAt(child, "recordingStatusCallback"),
      events: events ?? ["completed"],
      source: "StartCallRecordingAPI"
    })
  }
})

const say = ({ call, line, world }: Stage, text: string) => {
  if (text.length <= maxSay) return line.announce(speak(text))
  return Effect.sync(() => call.alert(world.now(), 13521, "<Say> is too long"))
}

const play = ({ call, line, world }: Stage, { attributes }: Element) => {
  const { digits } = attributes
  if (digits !== undefined && /^[0-9A-D*#wW]*$/.test(digits)) return pressDigits(line, digits)
  return Effect.sync(() => call.alert(world.now(), digits === undefined ? 12200 : 13430, "<Play> cannot be played"))
}

const pause = ({ attributes }: Element) => {
  const seconds = Number(attributes.length ?? 1)
  return Effect.sleep(Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 1000)
}

const perform = Effect.fnUntraced(function* (stage: Stage, { base, verbs }: Page): Effect.fn.Return<Next> {
  for (const verb of verbs) {
    const { action, method } = verb.attributes
    switch (verb.name) {
      case "Say":
        yield* say(stage, verb.text)
        break
      case "Play":
        yield* play(stage, verb)
        break
      case "Pause":
        yield* pause(verb)
        break
      case "Start":
        yield* start(stage, verb)
        break
      case "Hangup":
        return undefined
      case "Redirect":
        return fetchOf(verb.text, method, base)
      case "Connect":
        yield* connect(stage, verb, base)
        if (action !== undefined) return fetchOf(action, method, base)
        break
      case "Dial": {
        const extra = yield* dial(stage.world, stage.call, verb)
        if (action !== undefined) return fetchOf(action, method, base, extra)
        break
      }
      default:
        stage.call.alert(stage.world.now(), 12200, `<${verb.name}> is not known and skipped`)
    }
  }
  return undefined
})

/** Loads and performs one document. One that cannot be had is an alert, an apology to the callee, and the end. */
const performSource = Effect.fnUntraced(function* (stage: Stage, source: Source) {
  const page = yield* load(stage, source)
  if (Either.isRight(page)) return yield* perform(stage, page.right)
  stage.call.alert(stage.world.now(), page.left.code, page.left.message)
  yield* say(stage, "We are sorry, an application error has occurred. Goodbye.")
  return undefined
})

/** Runs the call's TwiML from `first` until it ends. An update by REST replaces what is running at once. */
export const runTwiml = Effect.fnUntraced(function* (stage: Stage, first: Source) {
  for (let next: Next = first; next !== undefined; ) {
    next = yield* Effect.raceFirst(performSource(stage, next), Queue.take(stage.call.replacements))
  }
})
