/** Each documented number of the simulated world ends as the documentation says: status, error, answerer, outcome. */
import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import { documentedNumbers } from "../../src/simulation/callee/numbers.ts"
import { alwaysHolds, type Finished, spoken, story } from "./world.ts"

const booked = "assistant: Thank you, goodbye."

interface Expected {
  readonly status: Finished["call"]["status"]
  /** Tag of what `Calls.await` fails with. */
  readonly error?: string
  readonly answeredBy?: Finished["call"]["answeredBy"]
  readonly success: boolean
  /** What else is special about it. */
  readonly also?: (finished: Finished) => void
}

const expected: Readonly<Record<string, Expected>> = {
  "+15550100001": {
    status: "completed",
    answeredBy: "human",
    success: true,
    also: ({ call }) => {
      expect(spoken(call)).toEqual([
        "user: Hello, Doctor Smith's office, how can I help?",
        "assistant: Hello, this is an AI assistant calling. Book an appointment for Tuesday at 2 pm.",
        "user: Yes, Tuesday at 2 pm works. See you then.",
        booked
      ])
      expect(call.outcome?.evidence).toEqual([2])
      expect(call.recording).toBe(`/transcripts/${call.id}.wav`)
    }
  },
  "+15550100002": { status: "busy", error: "CallBusy", success: false },
  "+15550100003": { status: "no-answer", error: "CallNoAnswer", success: false },
  "+15550100004": {
    status: "failed",
    error: "CallFailed",
    success: false,
    also: ({ call }) => expect(call.error).toMatchObject({ type: "CallFailed", code: "404" })
  },
  "+15550100005": {
    status: "completed",
    answeredBy: "voicemail",
    success: false,
    also: ({ call, legs }) => {
      const message =
        "Hello, this is an AI assistant calling. Book an appointment for Tuesday at 2 pm. Please call back. Goodbye."
      expect(call.transcript.at(-1)?.text).toBe(message)
      expect(legs[0]?.heard.at(-1)?.text).toBe(message)
    }
  },
  "+15550100006": {
    status: "completed",
    answeredBy: "human",
    success: true,
    also: ({ legs }) => expect(legs[0]?.digits).toBe("1")
  },
  "+15550100007": {
    status: "completed",
    answeredBy: "human",
    success: false,
    also: ({ call }) =>
      expect(spoken(call).slice(1)).toEqual([
        "assistant: Hello, are you still there?",
        "assistant: Thank you, goodbye."
      ])
  },
  "+15550100008": {
    status: "completed",
    answeredBy: "human",
    success: false,
    also: ({ call }) => expect(spoken(call).at(-1)).toBe("user: No, I have no time for this.")
  },
  "+15550100009": {
    status: "failed",
    error: "RateLimited",
    success: false,
    also: ({ legs, posts, result }) => {
      expect(Either.getLeft(result)).toMatchObject({ value: { service: "twilio" } })
      expect(legs).toEqual([])
      expect(posts.length).toBeGreaterThan(1)
      expect(posts.map(({ answer }) => answer)).toEqual(posts.map(() => 429))
    }
  },
  "+15550100010": {
    status: "completed",
    answeredBy: "human",
    success: true,
    also: ({ call }) => {
      expect(call.transcript[1]).toMatchObject({ role: "assistant", interrupted: true })
      expect(spoken(call)[2]).toBe("user: Sorry, who is calling, please?")
    }
  },
  "+15550100011": { status: "completed", success: true },
  "+15550100012": { status: "completed", answeredBy: "fax", success: false },
  "+15550100013": { status: "completed", answeredBy: "human", success: true },
  "+15550100014": {
    status: "completed",
    answeredBy: "human",
    success: false,
    also: ({ call }) => expect(call.outcome?.nextSteps).toEqual(["Do not call this number again."])
  },
  "+15550100015": {
    status: "completed",
    answeredBy: "human",
    success: true,
    // nobody is there to be asked
    also: ({ call }) => {
      expect(call.questions).toBeUndefined()
      expect(spoken(call)).toContain("assistant: I am sorry, I do not know the date of birth. Can we go on without it?")
    }
  }
}

describe("documented numbers", () => {
  it("all have an expectation here", () => {
    expect(documentedNumbers.map(({ number }) => number)).toEqual(Object.keys(expected))
  })

  for (const { description, number } of documentedNumbers) {
    it(`${number}: ${description}`, async () => {
      const { also, answeredBy, error, status, success } = expected[number] ?? { status: "queued", success: false }
      const finished = await story({}, (world) => world.call({ to: number }))
      const { call, result } = finished
      expect(call.status).toBe(status)
      expect(Either.isLeft(result) ? result.left._tag : undefined).toBe(error)
      if (answeredBy !== undefined) expect(call.answeredBy).toBe(answeredBy)
      expect(call.answeredAt === undefined).toBe(status !== "completed")
      expect(call.duration > 0).toBe(status === "completed")
      expect(call.outcome).toMatchObject({ success, taskCompleted: success })
      also?.(finished)
      alwaysHolds(finished)
    })
  }
})
