/** What the state of a talk is made of: the shapes of its parts. What is done with them stands where they are used. */
import type { PhoneNumber } from "../../domain/PhoneNumber.ts"
import type { Unanswered } from "../../domain/Question.ts"
import type { TransferResult } from "../../domain/Transfer.ts"
import type { VoiceEvent } from "../../VoiceModel.ts"
import type { SessionTerms } from "../Fact.ts"

/** Why the agent speaks. Also the first part of a response's tag. */
export type Purpose =
  | "opening"
  | "screening"
  | "reply"
  | "check-in"
  | "filler"
  | "wrap-up"
  | "goodbye"
  | "voicemail"
  | "holding"
  | "outcome"

export interface Response {
  readonly tag: string
  readonly purpose: Purpose
  readonly responseId?: string
  /** Its items so far, spoken or not. */
  readonly items: ReadonlyArray<string>
  /** Interrupted, or no longer wanted: what still comes of it is dropped. */
  readonly stale: boolean
  readonly spoke: boolean
  readonly calledTool: boolean
  /** It has called `ask_owner`. */
  readonly asked: boolean
}

export type ToolCall = Extract<VoiceEvent, { readonly _tag: "ToolCalled" }>
/** A session that is open and waits to take over. */
export interface Successor extends SessionTerms {
  readonly readyAt: number
}

/** How long the present session lasts, and what is done about that. */
export interface Renewal {
  readonly lasts: number
  readonly endsAt: number
  readonly successor?: "opening" | Successor
  /** It takes over as soon as it is there, whatever goes on. */
  readonly overdue: boolean
}

/** A question to the owner. */
export interface Asked {
  /** From 1. */
  readonly id: number
  readonly toolCallId: string
  readonly text: string
  readonly fate: "open" | "answered" | Unanswered
  readonly answer?: string
}

/** What happens as soon as everything said has been heard. */
export type Next =
  | { readonly _tag: "HangUp" }
  | { readonly _tag: "PressDigits"; readonly toolCallId: string; readonly digits: string }
  | { readonly _tag: "Transfer"; readonly toolCallId: string; readonly name: string; readonly to: PhoneNumber }

/** An attempt to hand the callee over to somebody who is named in the configuration. */
export interface HandOver {
  readonly toolCallId: string
  readonly name: string
  /** `undefined`: it rings there. */
  readonly result: TransferResult | undefined
}

/** A sound of the callee into our words, as long as it is open what it is. */
export interface Interjection {
  readonly since: number
  /** Its parts, by item: what their words mean, once they are known. `idle`: the callee does not want the word. */
  readonly sounds: ReadonlyMap<string, "idle" | "words" | "unknown" | undefined>
  /** The model has taken it for a turn of the callee. */
  readonly committed: boolean
  readonly stoppedAt: number | undefined
  /** It may be our own first words, come back: then we speak on meanwhile. */
  readonly echo: boolean
  /** How long we have spoken on so, before it had lasted longer than an echo can. */
  readonly spokenOver: number
  /** Something of ours was being heard when it began. */
  readonly hadWord: boolean
  /** Tools that the model has called meanwhile: they wait, for an interruption undoes them. */
  readonly tools: ReadonlyArray<ToolCall>
}

/** A silence in which the agent owed words. `modelLost`: its session was gone for a part of it. */
export interface Gap {
  readonly ms: number
  readonly modelLost: boolean
}
