import { createRequire } from "node:module"
import { Either, FastCheck } from "effect"
import type twilioModule from "twilio"
import { expect, it } from "vitest"
import { parseXml } from "../../../src/simulation/twilio/Xml.ts"

const twilio: typeof twilioModule = createRequire(import.meta.url)("twilio")

it("reads whatever the TwiML builder of the SDK writes", () => {
  const text = FastCheck.fullUnicodeString().filter((value) => !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(value))
  FastCheck.assert(
    FastCheck.property(text, text, (said, value) => {
      const response = new twilio.twiml.VoiceResponse()
      response.say({ language: "en-US" }, said)
      response.connect().stream({ url: "wss://phone.test/media" }).parameter({ name: "n", value })
      const root = Either.getOrThrow(parseXml(response.toString()))
      expect(root.children.map(({ name }) => name)).toEqual(["Say", "Connect"])
      expect(root.children[0]?.text).toBe(said.trim())
      expect(root.children[1]?.children[0]?.children[0]?.attributes).toEqual({ name: "n", value })
    })
  )
})

it.each([
  "",
  "hello",
  "<a>",
  "<a></b>",
  "</a>",
  "<a/><b/>",
  "<a/>x",
  "<a b=c/>",
  "<a b='1' b='2'/>",
  "<a>&nope;</a>",
  "<a>&#x110000;</a>",
  "<a>5 & 6</a>",
  "<a",
  "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>"
])("%s is not well-formed", (xml) => {
  expect(Either.isLeft(parseXml(xml))).toBe(true)
})
