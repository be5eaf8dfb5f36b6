/** Signatures are those of Standard Webhooks, so that anybody's verifier accepts them. */
import { createHmac } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { FastCheck, Redacted } from "effect"
import { keyOf, signatureHeaders } from "../../src/notify/signature.ts"
import { genuine } from "./world.ts"

describe("a signature", () => {
  it("is the one of the specification's own example", () => {
    const headers = signatureHeaders(Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1614265330,
      body: '{"test": 2432232314}'
    })
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    })
  })

  it("with a secret of plain text is made with the text itself", () => {
    const headers = signatureHeaders(Redacted.make("grüezi"), { id: "a", timestamp: 1, body: "b" })
    const mac = createHmac("sha256", "grüezi").update("a.1.b").digest("base64")
    expect(headers["webhook-signature"]).toBe(`v1,${mac}`)
  })

  it("covers id, time and body, whatever they are, for whatever secret", () => {
    const secrets = FastCheck.oneof(
      FastCheck.string({ minLength: 1 }).filter((text) => !text.startsWith("whsec_")),
      FastCheck.uint8Array({ minLength: 1 }).map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`)
    )
    const texts = FastCheck.string({ unit: "grapheme" })
    FastCheck.assert(
      FastCheck.property(secrets, FastCheck.nat(), texts, (secret, timestamp, body) => {
        const headers = signatureHeaders(Redacted.make(secret), { id: "call-ended-abcd1234", timestamp, body })
        expect(genuine({ headers, body }, secret)).toBe(true)
        expect(genuine({ headers, body: `${body}x` }, secret)).toBe(false)
        expect(genuine({ headers: { ...headers, "webhook-timestamp": `${timestamp + 1}` }, body }, secret)).toBe(false)
        expect(genuine({ headers: { ...headers, "webhook-id": "call-ended-abcd1235" }, body }, secret)).toBe(false)
      })
    )
  })

  it("needs base64 behind whsec_", () => {
    expect(keyOf("whsec_")).toBeUndefined()
    expect(keyOf("whsec_not base64!")).toBeUndefined()
    expect(keyOf("whsec_AQID")).toEqual(new Uint8Array([1, 2, 3]))
  })
})
