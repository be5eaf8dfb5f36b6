import { createRequire } from "node:module"
import { FastCheck } from "effect"
import type twilioModule from "twilio"
import { expect, it } from "vitest"
import { sign } from "../../../src/simulation/twilio/Signature.ts"

const twilio: typeof twilioModule = createRequire(import.meta.url)("twilio")
const token = "12345678901234567890123456789012"

it("signs the test vectors of facts/twilio.md 5", () => {
  expect(sign(token, "wss://dial.example.test/media/v1/twilio", [])).toBe("huJZT6wCtoLHRn2azbT5lJ1guLE=")
  const repeated = [
    ["K", "b"],
    ["K", "a"],
    ["K", "b"],
    ["A", "1"]
  ] as const
  expect(sign(token, "https://a.test/x", repeated)).toBe("OeBeKvp3rtlcyvJKyEVl3a2OXKU=")
  const status = {
    CallSid: "CA00000000000000000000000000000001",
    AccountSid: "AC00000000000000000000000000000001",
    From: "+15005550006",
    To: "+15551230001",
    CallStatus: "completed",
    CallDuration: "12",
    Duration: "1",
    SequenceNumber: "3",
    CallbackSource: "call-progress-events",
    Timestamp: "Sun, 22 Nov 2026 10:15:00 +0000",
    Direction: "outbound-api",
    ApiVersion: "2010-04-01",
    ToCity: ""
  }
  const url = "https://dial.example.test/voice/status?run=7"
  expect(sign(token, url, Object.entries(status))).toBe("eu21LVcN4EW+lURcHTJKI5mViM0=")
})

it("what it signs, the SDK of Twilio takes for genuine", () => {
  FastCheck.assert(
    FastCheck.property(FastCheck.dictionary(FastCheck.string({ minLength: 1 }), FastCheck.string()), (form) => {
      FastCheck.pre(!Object.hasOwn(form, "__proto__"))
      const signature = sign(token, "https://phone.test/status", Object.entries(form))
      expect(twilio.validateRequest(token, signature, "https://phone.test/status", form)).toBe(true)
      const changed = { ...form, More: "x" }
      expect(twilio.validateRequest(token, signature, "https://phone.test/status", changed)).toBe(
        Object.hasOwn(form, "More") && form.More === "x"
      )
    })
  )
})
