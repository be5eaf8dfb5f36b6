/** What a response costs in tokens (facts 8.3): the whole conversation again as input, mostly cached, and its own output. */
import type { Item, Part } from "./Conversation.ts"

export interface Tokens {
  readonly text: number
  readonly audio: number
}

const none: Tokens = { text: 0, audio: 0 }
const add = (a: Tokens, b: Tokens): Tokens => ({ text: a.text + b.text, audio: a.audio + b.audio })
/** A text of usual English. */
export const textTokens = (text: string): number => Math.ceil(text.length / 4)

const ofPart = (part: Part): Tokens => {
  switch (part.type) {
    case "input_audio":
      return { text: 0, audio: Math.ceil(part.audio.ms / 100) }
    case "output_audio":
      return { text: textTokens(part.transcript ?? ""), audio: Math.ceil(part.audio.ms / 50) }
    case "input_image":
      return none
    default:
      return { text: textTokens(part.text), audio: 0 }
  }
}

export const tokensOf = (item: Item): Tokens => {
  if (item.type === "message") return item.content.map(ofPart).reduce(add, none)
  return { text: textTokens(item.type === "function_call" ? item.name + item.arguments : item.output), audio: 0 }
}

export const tokensOfAll = (items: ReadonlyArray<Item>): Tokens => items.map(tokensOf).reduce(add, none)

/** Caches hold blocks of 64 tokens. */
const block = (now: number, before: number): number => Math.floor(Math.min(now, before) / 64) * 64

/** `usage` of a response; `before` is the input of the response before it. */
export const usageOf = (input: Tokens, before: Tokens, output: Tokens) => {
  const cached = { text: block(input.text, before.text), audio: block(input.audio, before.audio) }
  const inputTokens = input.text + input.audio
  const outputTokens = output.text + output.audio
  return {
    total_tokens: inputTokens + outputTokens,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    input_token_details: {
      text_tokens: input.text,
      audio_tokens: input.audio,
      image_tokens: 0,
      cached_tokens: cached.text + cached.audio,
      cached_tokens_details: { text_tokens: cached.text, audio_tokens: cached.audio, image_tokens: 0 }
    },
    output_token_details: { text_tokens: output.text, audio_tokens: output.audio }
  }
}
