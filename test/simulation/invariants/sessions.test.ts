/** 7 and 8: what the model and Twilio are sent, in which order, and how often. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { asking, breaks, instructs, isOf, menu, plain, toModel, toTwilio } from "./wrongs.ts"

const isToolAnswer = (text: string) => isOf(text, "function_call_output")

it("7: a second response is not asked for while one is active", async () => {
  const wrong = await breaks(7, plain, () => ({
    network: toModel({
      out: (text, pass) => {
        pass(text)
        if (isOf(text, "response.create")) pass(text)
      }
    })
  }))
  expect(wrong).toContain("response-while-active")
})

it("7: a tool is not answered twice", async () => {
  const wrong = await breaks(7, menu, () => ({
    network: toModel({
      out: (text, pass) => {
        pass(text)
        if (isToolAnswer(text)) pass(text)
      }
    })
  }))
  expect(wrong).toContain("was answered 2 times")
})

it("7: a tool is answered", async () => {
  const wrong = await breaks(7, menu, () => ({
    network: toModel({
      out: (text, pass) => {
        if (!isToolAnswer(text)) pass(text)
      }
    })
  }))
  expect(wrong).toContain("was never answered")
})

it("7: a tool runs once", async () => {
  const wrong = await breaks(7, menu, () => ({
    network: asking(instructs, (request, http) => Effect.zipRight(http(request), http(request)))
  }))
  expect(wrong).toContain("keys were pressed 2 times, the model asked for it 1 times")
})

it("8: no audio goes to a model that is not configured", async () => {
  const wrong = await breaks(8, plain, () => ({
    network: toModel({
      out: (text, pass, { say }) => {
        if (isOf(text, "session.update")) say(JSON.stringify({ type: "input_audio_buffer.append", audio: "////" }))
        pass(text)
      }
    })
  }))
  expect(wrong).toContain("audio-before-configured")
})

it("8: audio goes to the stream that there is", async () => {
  const wrong = await breaks(8, plain, () => ({
    host: toTwilio({ out: (text, pass) => pass(text.replace(/"streamSid":"\w+"/, '"streamSid":"MZ0"')) })
  }))
  expect(wrong).toContain("wrong streamSid")
})

it("8: Twilio understands what it is sent", async () => {
  const wrong = await breaks(8, plain, () => ({
    host: toTwilio({ out: (text, pass) => pass(text.replace('"event":"mark"', '"event":"mark","more":1')) })
  }))
  expect(wrong).toContain("Twilio alert 31951")
})
