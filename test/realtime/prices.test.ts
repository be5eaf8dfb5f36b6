/** What a response and a transcription cost, and which models we know. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { mapModel, takesReasoning } from "../../src/realtime/Models.ts"
import { responseCost, transcriptionCost } from "../../src/realtime/Pricing.ts"

/** The example of facts/openai-realtime.md 4.5, its cost in 8.4. */
const example = {
  input_token_details: {
    text_tokens: 700,
    audio_tokens: 240,
    cached_tokens: 512,
    cached_tokens_details: { text_tokens: 448, audio_tokens: 64 }
  },
  output_token_details: { text_tokens: 70, audio_tokens: 240 }
}

describe("prices", () => {
  it("a response by list price", () => {
    expect(responseCost("gpt-realtime-2.1", example)).toBeCloseTo(0.0238848, 10)
    expect(responseCost("gpt-realtime-1.5", example)).toBeCloseTo(0.0238848 - (70 * 8) / 1e6, 10)
    expect(responseCost("gpt-realtime-2.1-mini", example)).toBeCloseTo(
      (252 * 0.6 + 448 * 0.06 + 176 * 10 + 64 * 0.3 + 70 * 2.4 + 240 * 20) / 1e6,
      10
    )
    expect(responseCost("gpt-realtime-9", example)).toBe(responseCost("gpt-realtime-2.1", example))
  })

  it("what is missing costs nothing; cached tokens of no kind are text", () => {
    expect(responseCost("gpt-realtime-2.1", null)).toBe(0)
    expect(responseCost("gpt-realtime-2.1", { input_token_details: null, output_token_details: {} })).toBe(0)
    const text = { input_token_details: { text_tokens: 1000, cached_tokens: 400 } }
    expect(responseCost("gpt-realtime-2.1", text)).toBeCloseTo((600 * 4 + 400 * 0.4) / 1e6, 12)
  })

  const tokens = FastCheck.option(FastCheck.nat(200_000))
  it.prop(
    "never negative, and never less for caching less",
    [FastCheck.record({ text_tokens: tokens, audio_tokens: tokens, cached_tokens: tokens }), tokens],
    ([input, out]) => {
      const cost = (details: typeof input) =>
        responseCost("gpt-realtime-2.1", { input_token_details: details, output_token_details: { audio_tokens: out } })
      expect(cost(input)).toBeGreaterThanOrEqual(0)
      expect(cost({ ...input, cached_tokens: 0 })).toBeGreaterThanOrEqual(cost(input))
    }
  )

  it("transcription by the minute or by tokens, as its model is billed", () => {
    const minute = { seconds: 60 }
    expect(transcriptionCost("gpt-transcribe", minute)).toBeCloseTo(0.0045, 10)
    expect(transcriptionCost("whisper-1", { seconds: 30 })).toBeCloseTo(0.003, 10)
    expect(transcriptionCost("gpt-4o-transcribe", minute)).toBeCloseTo(0.006, 10)
    expect(transcriptionCost(null, minute)).toBe(0)
    const byTokens = {
      input_tokens: 640,
      input_token_details: { text_tokens: 40, audio_tokens: 600 },
      output_tokens: 100
    }
    expect(transcriptionCost("gpt-4o-transcribe", byTokens)).toBeCloseTo((40 * 2.5 + 600 * 6 + 100 * 10) / 1e6, 10)
    expect(transcriptionCost("gpt-4o-mini-transcribe", byTokens)).toBeCloseTo((40 * 1.25 + 600 * 3 + 100 * 5) / 1e6, 10)
    expect(transcriptionCost("whisper-1", byTokens)).toBeCloseTo(0.006, 10)
  })
})

describe("models", () => {
  it("previews are replaced, ending ones kept with a warning, others passed on", () => {
    expect(mapModel("gpt-4o-realtime-preview")).toMatchObject({
      model: "gpt-realtime-2.1",
      warning: expect.any(String)
    })
    expect(mapModel("gpt-4o-mini-realtime-preview-2024-12-17")).toMatchObject({ model: "gpt-realtime-2.1-mini" })
    for (const name of ["gpt-realtime", "gpt-realtime-2025-08-28", "gpt-realtime-mini-2025-12-15"]) {
      expect(mapModel(name)).toMatchObject({ model: name, warning: expect.stringContaining("2027-01-20") })
    }
    for (const name of ["gpt-realtime-2.1", "gpt-realtime-2.1-mini", "gpt-realtime-2", "gpt-realtime-1.5", "other"]) {
      expect(mapModel(name)).toEqual({ model: name })
    }
  })

  it("only the 2 family reasons", () => {
    const names = ["gpt-realtime-2", "gpt-realtime-2.1", "gpt-realtime-2.1-mini", "gpt-realtime-2-2026-05-07"]
    expect(names.filter(takesReasoning)).toEqual(names)
    const others = ["gpt-realtime", "gpt-realtime-1.5", "gpt-realtime-2025-08-28", "gpt-realtime-mini"]
    expect(others.filter(takesReasoning)).toEqual([])
  })
})
