/**
 * A voice model for tests of the call core: it says what the test has put into its mouth, in one burst, and keeps what it is
 * told. The audio of its n-th spoken item is bytes of the value n, so that a line can tell how much of which was played.
 */
import { Duration, Effect, Exit, Mailbox } from "effect"
import { ModelUnavailable, type RateLimited } from "../../src/domain/errors.ts"
import { Handover } from "../../src/Handover.ts"
import { makeTimers } from "../../src/Timers.ts"
import type { Brief, Opening, VoiceCommand, VoiceEvent, VoiceModel } from "../../src/VoiceModel.ts"

type Failure = NonNullable<Extract<VoiceEvent, { readonly _tag: "ResponseDone" }>["failure"]>

/** One response. `open`: it stays unfinished until `finish`. */
export interface Answer {
  readonly text?: string
  readonly ms?: number
  readonly tools?: ReadonlyArray<{ readonly name: string; readonly input?: unknown; readonly id?: string }>
  readonly open?: boolean
  readonly failure?: Failure
}

export interface FakeSession {
  readonly brief: Brief
  /** How it was asked for. */
  readonly opening: Opening
  readonly told: ReadonlyArray<{ readonly at: number; readonly command: VoiceCommand }>
  readonly commands: <Tag extends VoiceCommand["_tag"]>(tag: Tag) => ReadonlyArray<Extract<VoiceCommand, { _tag: Tag }>>
  /** Purposes of the responses in the conversation, in order. */
  readonly asked: () => ReadonlyArray<string>
  readonly heard: ReadonlyArray<string>
  readonly emit: (...events: ReadonlyArray<VoiceEvent>) => void
  /** Ends the response that was left open. */
  readonly finish: () => void
  /** The callee begins to speak, so many milliseconds into the session's audio; returns the item's id. */
  readonly starts: (inAudio?: number) => string
  readonly stops: (itemId: string, inAudio?: number) => void
  readonly writes: (itemId: string, text: string) => void
  /** All of it at once, for tests in which time does not matter. */
  readonly hears: (text: string) => string
  readonly lose: () => void
  readonly closed: () => boolean
}

export interface FakeModel {
  readonly service: VoiceModel["Type"]
  readonly sessions: ReadonlyArray<FakeSession>
  /** What it says, by purpose; the next of the list, or the last again and again. */
  readonly says: Record<string, Array<Answer>>
  readonly violations: ReadonlyArray<string>
  /** `frozen`: it answers nothing any more, not even a probe. */
  behaviour: {
    open: Effect.Effect<void, ModelUnavailable | RateLimited>
    silent: boolean
    frozen: boolean
    fallback: boolean
    lasts: Duration.DurationInput
  }
}

export const json = (value: unknown): string => JSON.stringify(value)

const placed = (inAudio: number | undefined) => (inAudio === undefined ? {} : { inAudio })

interface Running {
  readonly responseId: string
  readonly tag: string
  readonly itemId: string
  readonly answer: Answer
}

export const makeFakeModel = (): FakeModel => {
  const sessions: Array<FakeSession> = []
  const violations: Array<string> = []
  let items = 0
  let responses = 0
  let calls = 0
  let callee = 0

  const open = Effect.fnUntraced(function* (brief: Brief, opening: Opening = {}) {
    yield* model.behaviour.open
    const clock = yield* Effect.clock
    const { after } = yield* makeTimers
    const events = new Handover(yield* Mailbox.make<VoiceEvent, ModelUnavailable | RateLimited>())
    const told: Array<{ readonly at: number; readonly command: VoiceCommand }> = []
    const heard: Array<string> = []
    let running: Running | undefined
    let closed = false

    const emit = (...news: ReadonlyArray<VoiceEvent>) => {
      for (const event of news) events.offer(event)
    }

    const finish = (status: "completed" | "cancelled" = "completed") => {
      if (running === undefined) return
      const { answer, itemId, responseId, tag } = running
      running = undefined
      if (answer.text !== undefined) emit({ _tag: "ItemDone", responseId, itemId, text: answer.text })
      if (status === "completed") {
        for (const { id, input, name } of answer.tools ?? []) {
          calls += 1
          const toolCallId = id ?? `tool${calls}`
          emit({
            _tag: "ToolCalled",
            responseId,
            toolCallId,
            name,
            input: typeof input === "string" ? input : json(input ?? {})
          })
        }
      }
      emit({
        _tag: "ResponseDone",
        responseId,
        tag,
        status: answer.failure === undefined ? status : "failed",
        ...(answer.failure === undefined ? {} : { failure: answer.failure }),
        usage: 0.01
      })
    }

    const respond = (command: Extract<VoiceCommand, { readonly _tag: "Respond" }>) => {
      const { aside, tag } = command
      if (running !== undefined && aside === undefined) {
        violations.push(`${tag} was asked for while ${running.tag} was running`)
        emit({ _tag: "Refused", code: "conversation_already_has_active_response", message: "wait", tag })
        return
      }
      const purpose = tag.split("#")[0] ?? ""
      const list = model.says[purpose] ?? []
      const answer = (list.length > 1 ? list.shift() : list[0]) ?? { text: "Okay.", ms: 500 }
      responses += 1
      const responseId = `response${responses}`
      const spoken = answer.text !== undefined
      if (spoken) items += 1
      const itemId = `item${items}`
      const before = running
      running = { responseId, tag, itemId, answer }
      emit({ _tag: "ResponseStarted", responseId, tag })
      if (answer.text !== undefined) {
        emit({ _tag: "ItemStarted", responseId, itemId }, { _tag: "Text", responseId, itemId, text: answer.text })
        const bytes = new Uint8Array((answer.ms ?? 0) * 8).fill(items)
        for (let at = 0; at < bytes.length; at += 2_400) {
          emit({ _tag: "Audio", responseId, itemId, contentIndex: 0, bytes: bytes.slice(at, at + 2_400) })
        }
      }
      if (answer.open !== true) finish()
      if (aside !== undefined) running = before
    }

    const session: FakeSession = {
      brief,
      opening,
      told,
      heard,
      commands: (tag) => told.flatMap(({ command }) => (is(command, tag) ? [command] : [])),
      asked: () =>
        told.flatMap(({ command }) =>
          command._tag === "Respond" && command.aside === undefined ? [command.tag.split("#")[0] ?? ""] : []
        ),
      emit,
      finish: () => finish(),
      starts: (inAudio) => {
        callee += 1
        const itemId = `callee${callee}`
        emit({ _tag: "SpeechStarted", itemId, ...placed(inAudio) })
        return itemId
      },
      stops: (itemId, inAudio) =>
        emit({ _tag: "SpeechStopped", itemId, ...placed(inAudio) }, { _tag: "CalleeSpoke", itemId }),
      writes: (itemId, text) => emit({ _tag: "CalleeText", itemId, text, failed: false }),
      hears: (text) => {
        const itemId = session.starts()
        session.stops(itemId)
        session.writes(itemId, text)
        return itemId
      },
      lose: () => events.end(Exit.fail(new ModelUnavailable({ message: "The socket was closed (1011)." }))),
      closed: () => closed
    }
    sessions.push(session)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
      })
    )
    return {
      fallback: model.behaviour.fallback,
      lasts: Duration.decode(model.behaviour.lasts),
      hear: (payload: string) => {
        heard.push(payload)
        return !closed
      },
      send: (command: VoiceCommand) => {
        if (command._tag === "Probe") {
          if (!closed && !model.behaviour.frozen) emit({ _tag: "Alive" })
          return !closed
        }
        told.push({ at: clock.unsafeCurrentTimeMillis(), command })
        if (model.behaviour.frozen) return !closed
        if (command._tag === "Respond" && !model.behaviour.silent) respond(command)
        // never within the command: what the model has said before is heard first
        if (command._tag === "Cancel") after(0, () => running?.responseId === command.responseId && finish("cancelled"))
        return !closed
      },
      follow: (report: (event: VoiceEvent) => void) => events.follow(report)
    }
  })

  const model: FakeModel = {
    service: { open },
    sessions,
    violations,
    says: {
      opening: [{ text: "Hello, this is an AI assistant.", ms: 2_000 }],
      goodbye: [{ text: "Thank you, goodbye.", ms: 1_000 }],
      "check-in": [{ text: "Are you still there?", ms: 1_000 }],
      "wrap-up": [{ text: "We must come to an end.", ms: 1_000 }],
      voicemail: [{ text: "Please call back.", ms: 3_000 }],
      holding: [{ text: "One moment, please.", ms: 800 }],
      outcome: [{ text: json({ success: false, summary: "Nothing was agreed.", evidence: [] }) }]
    },
    behaviour: { open: Effect.void, silent: false, frozen: false, fallback: false, lasts: "60 minutes" }
  }
  return model
}

const is = <Tag extends VoiceCommand["_tag"]>(
  command: VoiceCommand,
  tag: Tag
): command is Extract<VoiceCommand, { _tag: Tag }> => command._tag === tag
