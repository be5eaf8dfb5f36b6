import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { clearMessage, markMessage, mediaMessage, readMessage } from "../../src/telephone/MediaMessages.ts"

const sid = `MZ${"0".repeat(32)}`
const media = (payload: unknown, timestamp: unknown = "20") =>
  JSON.stringify({ event: "media", streamSid: sid, media: { track: "inbound", chunk: "1", timestamp, payload } })

describe("messages of a media stream", () => {
  it("are read as Twilio writes them", () => {
    expect(readMessage(media("////"))).toEqual({
      event: "media",
      streamSid: sid,
      media: { timestamp: 20, payload: "////" }
    })
    expect(readMessage(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" })).event).toBe(
      "connected"
    )
    expect(
      readMessage(JSON.stringify({ event: "dtmf", streamSid: sid, dtmf: { track: "inbound_track", digit: "5" } }))
    ).toEqual({ event: "dtmf", streamSid: sid, dtmf: { digit: "5" } })
  })

  it("a start without custom parameters is a start", () => {
    const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 }
    const text = JSON.stringify({ event: "start", streamSid: sid, start: { callSid: "CA1", mediaFormat } })
    expect(readMessage(text)).toMatchObject({ event: "start", start: { customParameters: {} } })
  })

  it("new events are unknown, broken ones malformed", () => {
    expect(readMessage('{"event":"warning"}').event).toBe("unknown")
    for (const text of [
      "",
      "null",
      "[]",
      "{",
      '{"event":"media"}',
      media("no base64!"),
      media("abc"),
      media("////", "-1"),
      media("////", 20),
      media(7)
    ]) {
      expect(readMessage(text).event, text).toBe("malformed")
    }
  })

  it.prop(
    "audio reads the same in whatever order its members come, right or wrong",
    [
      fc.oneof(fc.base64String(), fc.string()),
      fc.oneof(fc.nat().map(String), fc.string()),
      fc.constantFrom(sid, "MZ", "XX1")
    ],
    ([payload, timestamp, streamSid]) => {
      const audio = { track: "inbound", chunk: "7", timestamp, payload }
      const usual = JSON.stringify({ event: "media", sequenceNumber: "9", media: audio, streamSid })
      const other = JSON.stringify({ streamSid, event: "media", sequenceNumber: "9", media: audio })
      expect(readMessage(usual)).toEqual(readMessage(other))
    }
  )

  it.prop("nothing that arrives can throw", [fc.oneof(fc.string(), fc.json())], ([text]) => {
    expect(["unknown", "malformed", "connected"]).toContain(readMessage(text).event)
  })

  it.prop(
    "audio, marks and clears have exactly the documented keys",
    [fc.uint8Array(), fc.string()],
    ([audio, name]) => {
      expect(JSON.parse(mediaMessage(sid, audio))).toEqual({
        event: "media",
        streamSid: sid,
        media: { payload: Buffer.from(audio).toString("base64") }
      })
      expect(JSON.parse(markMessage(sid, name))).toEqual({ event: "mark", streamSid: sid, mark: { name } })
      expect(JSON.parse(clearMessage(sid))).toEqual({ event: "clear", streamSid: sid })
    }
  )

  it("a piece of a larger buffer is sent as that piece", () => {
    const piece = new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)
    expect(JSON.parse(mediaMessage(sid, piece)).media.payload).toBe(Buffer.from([2, 3, 4]).toString("base64"))
  })
})
