/** Which responses run: one of the conversation at a time, any number beside it; who asked for them and who stops them. */
import type { Cancel } from "../../Timers.ts"
import type { Conversation, Item } from "./Conversation.ts"
import { toRemembered } from "./Conversation.ts"
import type { Desk } from "./Desk.ts"
import { millis, type UnansweredTurn } from "./Faults.ts"
import { itemFromClient } from "./Items.ts"
import type { Mind, Plan, Situation } from "./Mind.ts"
import type { ResponseParams, ToolChoice } from "./Protocol.ts"
import { ResponseRun } from "./ResponseRun.ts"
import { type Settings, voiceProblem } from "./Settings.ts"
import { type Tokens, textTokens, tokensOfAll } from "./Usage.ts"

export interface ResponsesOptions {
  readonly desk: Desk
  readonly conversation: Conversation
  readonly conversationId: string
  readonly mind: Mind
  readonly settings: () => Settings
  readonly unansweredTurn: UnansweredTurn
  /** A response of the conversation has ended, with so much audio that may still be playing. */
  readonly ended: (audioMs: number) => void
}

const tokensPerMinute = 15_000_000

const choiceOf = (choice: ToolChoice): Situation["toolChoice"] =>
  typeof choice === "string" ? choice : choice.type === "function" ? { name: choice.name } : "auto"

/** Holds a plan to the tool choice, as the server does: no calls at all, or at least the demanded one. */
const obey = (plan: Plan, { toolChoice, tools }: Situation): Plan => {
  if (toolChoice === "auto") return plan
  if (toolChoice === "none") return plan.filter((part) => !("call" in part))
  const name = toolChoice === "required" ? tools[0]?.name : toolChoice.name
  const calls = plan.filter((part) => "call" in part && (toolChoice === "required" || part.call === name))
  return calls.length > 0 || name === undefined ? calls : [{ call: name, input: {} }]
}

interface Running {
  readonly run: ResponseRun
  /** All that is left of it, at once. */
  readonly hurry: () => void
  stop: Cancel
}

export class Responses {
  readonly #options: ResponsesOptions
  readonly #running = new Map<string, Running>()
  #active: ResponseRun | undefined
  #count = 0
  #inputBefore: Tokens = { text: 0, audio: 0 }
  #remaining = tokensPerMinute
  #spoke = false
  #replyWaits = false

  constructor(options: ResponsesOptions) {
    this.#options = options
  }

  /** Assistant audio exists in this session: its voice is fixed. */
  get spoke(): boolean {
    return this.#spoke || [...this.#running.values()].some(({ run }) => run.audioMs > 0)
  }

  get active(): boolean {
    return this.#active !== undefined
  }

  /** The client asks for a response. */
  create(params: ResponseParams, eventId: string | null): void {
    const { desk, conversation, settings } = this.#options
    const aside = params.conversation === "none"
    if (this.#active !== undefined && !aside) {
      const message = `Conversation already has an active response in progress: ${this.#active.order.id}. Wait until the response is finished before creating a new one.`
      desk.refuse({ code: "conversation_already_has_active_response", message }, eventId, "response-while-active")
      return
    }
    const frozen = voiceProblem(settings().audio.output.voice, params.audio?.output?.voice, this.spoke)
    if (frozen !== undefined) return desk.refuse(frozen, eventId, "rejected-event")
    const context: Array<Item> = []
    for (const given of params.input ?? []) {
      const item =
        given.type === "item_reference"
          ? conversation.find(given.id)
          : itemFromClient(desk, given, settings().audio.input.format)
      if (item === undefined) {
        const param = "response.input"
        return desk.refuse({ code: "invalid_value", message: "Unknown item or audio.", param }, eventId, "unknown-item")
      }
      context.push(item)
    }
    this.#start(params, aside, params.input === undefined ? conversation.items : context)
  }

  /** The callee's turn has ended and is to be answered. */
  reply(): void {
    if (this.#active === undefined) this.#start({}, false, this.#options.conversation.items)
    else this.#replyWaits = this.#options.unansweredTurn === "queue"
  }

  /** The callee speaks: the response of the conversation stops; those beside it go on. */
  interrupt(): void {
    this.#replyWaits = false
    this.#active?.finish("cancelled", { type: "cancelled", reason: "turn_detected" })
  }

  /** The client wants a response stopped. One that was not announced yet cannot be. */
  cancel(id: string | undefined, eventId: string | null): void {
    const running = this.#running.get(id ?? this.#active?.order.id ?? "")
    if (running?.run.active === true && running.run.order.fault?._tag === "OutrunCancel") {
      this.#options.desk.tell({ response: running.run.order.nth })
      running.hurry()
    }
    if (running?.run.active !== true) {
      const message = "Cancellation failed: no active response found"
      this.#options.desk.refuse({ code: "response_cancel_not_active", message }, eventId)
    } else running.run.finish("cancelled", { type: "cancelled", reason: "client_cancelled" })
  }

  #start(params: ResponseParams, aside: boolean, items: ReadonlyArray<Item>): void {
    const { desk, conversation, conversationId, mind } = this.#options
    const settings = this.#options.settings()
    const modalities = params.output_modalities ?? settings.output_modalities
    const tools = params.tools ?? settings.tools
    const tag = params.metadata?.tag
    const situation: Situation = {
      instructions: settings.instructions,
      ...(params.instructions !== undefined && { responseInstructions: params.instructions }),
      ...(tag !== undefined && { tag }),
      tools: tools.flatMap((tool) =>
        tool.type === "function" ? [{ name: tool.name, parameters: tool.parameters ?? {} }] : []
      ),
      toolChoice: choiceOf(params.tool_choice ?? settings.tool_choice),
      items: items.map(toRemembered),
      aside: aside && modalities[0]
    }
    const instructed = textTokens(params.instructions ?? settings.instructions)
    const read = tokensOfAll(items)
    const input = { text: instructed + textTokens(JSON.stringify(tools)) + read.text, audio: read.audio }
    this.#count += 1
    const run = new ResponseRun(
      desk,
      {
        id: desk.id("resp"),
        conversation: aside ? null : { id: conversationId, items: conversation },
        plan: obey(mind(situation), situation),
        modalities,
        format: params.audio?.output?.format ?? settings.audio.output.format,
        voice: params.audio?.output?.voice ?? settings.audio.output.voice,
        maxTokens: params.max_output_tokens ?? settings.max_output_tokens,
        metadata: params.metadata ?? null,
        tag,
        nth: this.#count,
        fault: desk.faults.responses?.[this.#count],
        input,
        inputBefore: this.#inputBefore
      },
      (ended) => this.#ended(ended)
    )
    this.#inputBefore = input
    if (!aside) this.#active = run
    const steps = run.perform()
    const hurry = (): void => {
      entry.stop()
      while (!run.done && steps.next().done !== true);
    }
    const entry: Running = { run, hurry, stop: () => {} }
    this.#running.set(run.order.id, entry)
    const step = (): void => {
      entry.stop = () => {}
      const next = steps.next()
      if (next.done !== true && !run.done) entry.stop = desk.after(next.value, step)
    }
    step()
  }

  #ended(run: ResponseRun): void {
    const { desk, ended } = this.#options
    this.#running.get(run.order.id)?.stop()
    this.#running.delete(run.order.id)
    this.#spoke ||= run.audioMs > 0
    this.#remaining = Math.max(0, this.#remaining - run.order.input.text - run.order.input.audio)
    const tokens = { name: "tokens", limit: tokensPerMinute, remaining: this.#remaining, reset_seconds: 0.01 }
    desk.after(millis(desk.timing.rateLimits), () => desk.emit("rate_limits.updated", { rate_limits: [tokens] }))
    if (this.#active !== run) return
    this.#active = undefined
    if (this.#replyWaits) {
      this.#replyWaits = false
      this.#start({}, false, this.#options.conversation.items)
    } else ended(run.audioMs)
  }
}
