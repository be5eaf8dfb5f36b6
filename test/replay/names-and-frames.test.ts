/** What is hidden comes back as what it was, and a frame that was written down is the same frame again. */
import { describe, expect, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { mediaMessage } from "../../src/telephone/MediaMessages.ts"
import { frameMembers, frameText } from "../../src/wirelog/frames.ts"
import { Names } from "../../src/wirelog/Names.ts"

const own = { callId: "abcd1234", accountSid: `AC${"0f".repeat(16)}`, webhookHost: "https://phone.test/twilio-in" }
const other = { callId: "zyxw9876", accountSid: `AC${"1".repeat(32)}`, webhookHost: "http://127.0.0.1:18790" }
const token = FastCheck.stringMatching(/^[a-z0-9]{40}$/)
const plain = { hide: (text: string) => text, keepAudio: false }
const line = (members: string) => JSON.parse(`{${members}}`)

describe("names", () => {
  it("lead from one run to the same things of another", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.uniqueArray(token, { minLength: 2, maxLength: 6 }), (tokens) => {
        const ours = tokens.slice(0, tokens.length / 2)
        const theirs = tokens.slice(tokens.length / 2, 2 * ours.length + (tokens.length % 2))
        const text = (run: typeof own, token = "") =>
          `${run.webhookHost}/twilio/${run.callId}/${token}/voice ${run.accountSid}`
        const [here, there] = [new Names(own), new Names(other)]
        for (const [index, token] of ours.entries()) {
          const hidden = here.hide(text(own, token), "out")
          expect(hidden).toBe(`{host}/twilio/{call}/{token-${index + 1}}/voice {account}`)
          expect(there.reveal(hidden)).toBeUndefined()
          expect(there.hide(text(other, theirs[index]), "out")).toBe(hidden)
          expect(there.reveal(hidden)).toBe(text(other, theirs[index]))
        }
      })
    )
  })

  it("are not given to what comes from outside", () => {
    const names = new Names(own)
    expect(names.hide("x".repeat(40), "in")).toBe("{unknown}")
    expect(names.hide("a".repeat(40), "out")).toBe("{token-1}")
    expect(names.hide("a".repeat(40), "in")).toBe("{token-1}")
  })

  it("of a foreign token stay the same when the service says it on", () => {
    const names = new Names(own)
    const foreign = "f".repeat(40)
    expect(names.hideSecrets(`The password is ${foreign}.`)).toBe("The password is {unknown}.")
    expect(names.hide(JSON.stringify(`Task:\n${foreign}`), "out")).toBe('"Task:\\n{unknown}"')
    expect(names.hide("a".repeat(40), "out")).toBe("{token-1}")
    // what is a letter shorter is no token, also not with the letter of the line's end
    const word = JSON.stringify(`\n${"f".repeat(39)}`)
    expect(names.hide(word, "in")).toBe(word)
  })

  it("cover whole API keys, at the end of a sentence and at the beginning of a line, and no word that looks like one", () => {
    const names = new Names(own)
    expect(names.hideSecrets("Tell them sk-proj-abc.DEF_123.")).toBe("Tell them {key}.")
    expect(names.hide(JSON.stringify("Key:\nsk-proj-abcDEF123"), "out")).toBe('"Key:\\n{key}"')
    for (const text of ["a task-oriented-person", "risk-assessment", "sk-8"]) expect(names.hideSecrets(text)).toBe(text)
  })

  it("cover parts of API keys that error texts quote", () => {
    expect(new Names(own).hide("Incorrect API key provided: sk-proj-ab**************xyz.", "in")).not.toMatch(/sk-|xyz/)
  })
})

describe("frames", () => {
  it("without audio come back as they were", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(frameText(line(frameMembers(text, "in", plain)))).toBe(text)
      })
    )
  })

  it("with audio come back as long as they were, as silence or as sound", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.uint8Array({ minLength: 1, maxLength: 400 }),
        FastCheck.boolean(),
        (bytes, keepAudio) => {
          const text = mediaMessage("MZ1", bytes)
          const entry = line(frameMembers(text, "in", { ...plain, keepAudio }))
          const back = frameText(entry)
          expect(back.length).toBe(text.length)
          if (keepAudio) expect(back).toBe(text)
          else expect(entry.frame.media.payload).toBe("")
        }
      )
    )
    const silence = line(frameMembers(mediaMessage("MZ1", new Uint8Array(160).fill(0xff)), "in", plain))
    expect(silence.audio).toEqual({ bytes: 160, sound: false })
  })

  it("that are no JSON, or spread over lines, do not break the log's lines", () => {
    expect(line(frameMembers("no json", "in", plain))).toEqual({ is: "text", text: "no json" })
    expect(line(frameMembers(null, "in", plain))).toEqual({ is: "text", text: null })
    expect(frameMembers('{\n"a": 1\n}', "in", plain)).toBe('"is":"frame","frame":{"a":1}')
  })

  it("keep audio on its way in only", () => {
    const text = mediaMessage("MZ1", new Uint8Array(160))
    expect(line(frameMembers(text, "out", { ...plain, keepAudio: true })).frame.media.payload).toBe("")
  })
})
