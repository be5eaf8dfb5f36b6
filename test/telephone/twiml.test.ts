import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import * as Twiml from "../../src/telephone/Twiml.ts"

const unescape = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&")

describe("TwiML", () => {
  it("is one document of the verbs that it is given", () => {
    const twiml = Twiml.document(
      Twiml.record("https://a.test/r"),
      Twiml.connect({
        url: "wss://a.test/media",
        statusCallback: "https://a.test/s",
        parameters: { call: "x", token: "y" }
      }),
      Twiml.pause(2)
    )
    expect(twiml).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response>' +
        '<Start><Recording channels="dual" trim="do-not-trim" recordingStatusCallback="https://a.test/r" recordingStatusCallbackEvent="completed absent"/></Start>' +
        '<Connect><Stream url="wss://a.test/media" statusCallback="https://a.test/s"><Parameter name="call" value="x"/><Parameter name="token" value="y"/></Stream></Connect>' +
        '<Pause length="2"/></Response>'
    )
  })

  it.prop("no text can break out of its place", [fc.string({ unit: "binary" })], ([text]) => {
    const escaped = Twiml.escapeXml(text)
    expect(escaped).not.toMatch(/[<>"']/)
    const kept = text.toWellFormed()
    // Only what XML cannot hold is lost.
    expect(kept.startsWith(unescape(escaped)) || kept.length > unescape(escaped).length).toBe(true)
  })

  it.prop("ordinary text comes through whole", [fc.string({ unit: "grapheme-ascii" })], ([text]) => {
    expect(unescape(Twiml.escapeXml(text))).toBe(text)
  })

  it("control characters, which XML cannot hold, are left out", () => {
    expect(Twiml.say({ text: "so\u0000rry\u0007", language: "en-GB" })).toBe(
      '<Say voice="alice" language="en-GB">sorry</Say>'
    )
  })
})
