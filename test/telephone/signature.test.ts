import { describe, expect, it } from "@effect/vitest"
import { Redacted } from "effect"
import { readForm, signedForm, signedHandshake } from "../../src/telephone/Signature.ts"

const token = Redacted.make("12345678901234567890123456789012")
const form = new URLSearchParams({
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
}).toString()
const url = "https://dial.example.test/voice/status?run=7"
const signature = "eu21LVcN4EW+lURcHTJKI5mViM0="

describe("a signature of Twilio's (facts/twilio.md 5)", () => {
  it("holds for a form, empty values included", () => {
    expect(signedForm(token, signature, url, readForm(form))).toBe(true)
    expect(signedForm(token, "AKAxEbwypxwqxDIlM24RqagukR8=", url, readForm(form))).toBe(false)
    expect(signedForm(token, "AKAxEbwypxwqxDIlM24RqagukR8=", url, readForm(form.replace("&ToCity=", "")))).toBe(true)
  })

  it("holds for repeated parameters, each value once, in order", () => {
    const repeated = readForm("K=b&K=a&A=1&K=b")
    expect(signedForm(token, "OeBeKvp3rtlcyvJKyEVl3a2OXKU=", "https://a.test/x", repeated)).toBe(true)
  })

  it("fails when anything is missing or changed", () => {
    expect(signedForm(token, undefined, url, readForm(form))).toBe(false)
    expect(signedForm(token, "", url, readForm(form))).toBe(false)
    expect(signedForm(token, signature, `${url}0`, readForm(form))).toBe(false)
    expect(signedForm(token, signature, url, readForm(form.replace("completed", "canceled")))).toBe(false)
    expect(signedForm(Redacted.make("other"), signature, url, readForm(form))).toBe(false)
  })

  it("covers a handshake over the wss URL, with or without a trailing slash, and over nothing else", () => {
    const media = "wss://dial.example.test/media/v1/twilio"
    expect(signedHandshake(token, "huJZT6wCtoLHRn2azbT5lJ1guLE=", media)).toBe(true)
    expect(signedHandshake(token, "r62GgNMkA3EJyksgaxPx0bOifZc=", media)).toBe(true)
    expect(signedHandshake(token, "g+bG9mr3LNWEXbP+b/0eZFwCnyo=", media)).toBe(false)
    expect(signedHandshake(token, undefined, media)).toBe(false)
  })
})
