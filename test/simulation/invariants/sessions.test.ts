/** 7 and 8: what the model and Twilio are sent, in which order, and how often. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import type { WireSocket } from "../../../src/wire/Network.ts"
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

it("8: nothing goes to Twilio after its stop", async () => {
  const wrong = await breaks(8, { ...plain, callee: "rambling", faults: [{ stopMedia: { after: 2 } }] }, () => ({
    host: toTwilio({
      in: (text, pass) => {
        if (!isOf(text, "stop")) pass(text)
      }
    })
  }))
  expect(wrong).toMatch(/\d+ messages were sent to Twilio after its stop/)
})

it("8: nothing goes to a media socket that is closed", async () => {
  const wrong = await breaks(8, { ...plain, faults: [{ cutMedia: { after: 4 } }] }, () => ({
    host: (host) => ({
      ...host,
      webSocket: (handshake) =>
        Effect.map(host.webSocket(handshake), (decision) =>
          decision._tag === "Refuse"
            ? decision
            : {
                _tag: "Accept",
                run: (socket) =>
                  Effect.zipRight(
                    decision.run(socket),
                    Effect.delay(
                      Effect.sync(() => void socket.send(JSON.stringify({ event: "clear" }))),
                      "1 second"
                    )
                  )
              }
        )
    })
  }))
  expect(wrong).toContain("sent to Twilio after it had closed, the first of them: clear")
})

it("8: nothing goes to a model whose socket we have closed", async () => {
  const wrong = await breaks(8, plain, () => ({
    network: (network) => ({
      ...network,
      webSocket: (url, options) => {
        let opened: WireSocket | undefined
        // what is added before the socket is opened comes after its closing
        const again = Effect.addFinalizer(() =>
          Effect.sync(() => void opened?.send(JSON.stringify({ type: "input_audio_buffer.append", audio: "////" })))
        )
        return Effect.tap(Effect.zipRight(again, network.webSocket(url, options)), (socket) =>
          Effect.sync(() => {
            opened = socket
          })
        )
      }
    })
  }))
  expect(wrong).toContain("sent to the model after our own close, the first of them: input_audio_buffer.append")
})
