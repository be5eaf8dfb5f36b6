/** 4, 9 and 10: what the callee must not hear any more, and what must be heard to its end. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { simulatedCredentials } from "../../../src/config/simulated.ts"
import { silenceByte } from "../../../src/simulation/audio/MuLaw.ts"
import { callees } from "../../../src/simulation/callee/library.ts"
import { documentedNumbers } from "../../../src/simulation/callee/numbers.ts"
import type { Scenario } from "../../../src/simulation/scenario/Scenario.ts"
import { sign } from "../../../src/simulation/twilio/Signature.ts"
import type { Sabotage } from "../../../src/simulation/world/Sabotage.ts"
import {
  asking,
  breaks,
  hangsUp,
  interrupted,
  isOf,
  machine,
  nodding,
  type Passage,
  plain,
  toTwilio
} from "./wrongs.ts"

it("4: the line falls silent when the agent is interrupted", async () => {
  const wrong = await breaks(4, interrupted, () => ({
    host: toTwilio({
      out: (text, pass) => {
        if (!isOf(text, "clear")) pass(text)
      }
    })
  }))
  expect(wrong).toContain("was still heard")
})

it("4: what was cleared is not sent again", async () => {
  const wrong = await breaks(4, interrupted, () => {
    const sent: Array<string> = []
    return {
      host: toTwilio({
        out: (text, pass) => {
          pass(text)
          if (isOf(text, "media")) sent.push(text)
          if (isOf(text, "clear")) for (const again of sent.slice(-8)) pass(again)
        }
      })
    }
  })
  expect(wrong).toContain("was still heard")
})

/** After the `nth` clear these media messages never arrive, though their marks come back. */
const swallows = (nth: number, from: number, to: number) => (): Sabotage => {
  let clears = 0
  let sent = 0
  return {
    host: toTwilio({
      out: (text, pass) => {
        if (isOf(text, "clear")) {
          clears += 1
          sent = 0
        }
        if (isOf(text, "media")) sent += 1
        const isLost = clears === nth && isOf(text, "media") && sent > from && sent <= to
        if (!isLost) pass(text)
      }
    })
  }
}

it("5: a sentence that is taken up again leaves nothing out", async () => {
  const wrong = await breaks(5, nodding, swallows(1, 0, 5))
  expect(wrong).toContain("the callee heard")
})

it("9: a goodbye into which the callee says goodbye is heard to its end", async () => {
  const wrong = await breaks(9, nodding, swallows(2, 1, 100))
  expect(wrong).toContain("of the goodbye")
})

it("4: a sentence that was taken up again may be interrupted, and is not heard any more then", async () => {
  const scenario: Scenario = {
    ...nodding,
    callee: {
      answers: { after: 1, as: "human", amdAfter: 1.5 },
      steps: [
        { wait: 0.3 },
        { say: "Hello?" },
        { bargeIn: { after: 1.5, say: "Mhm." } },
        { bargeIn: { after: 0.8, say: "Stop, who is calling there, please?" } },
        { wait: 20 }
      ]
    }
  }
  const wrong = await breaks(4, scenario, () => {
    let clears = 0
    return {
      host: toTwilio({
        out: (text, pass) => {
          if (isOf(text, "clear")) clears += 1
          if (!(isOf(text, "clear") && clears === 2)) pass(text)
        }
      })
    }
  })
  expect(wrong).toContain("was still heard")
})

/** Believes that all is played as soon as it is sent. */
const hasty = (): Sabotage => ({
  host: toTwilio({
    out: (text, pass, { tell }) => {
      pass(text)
      if (isOf(text, "mark")) tell(text)
    }
  })
})

it("9: a goodbye is heard to its end", async () => {
  const wrong = await breaks(9, plain, hasty)
  expect(wrong).toContain("of the goodbye")
})

it("10: a message is played whole", async () => {
  const wrong = await breaks(10, machine, hasty)
  expect(wrong).toContain("the message was not played whole")
})

const takesMessages = callees.filter(({ comes }) => comes.answeredBy === "voicemail" && comes.said !== undefined)

it("10: each machine of the library that takes a message is one, by its name and by its number", async () => {
  const numbers = documentedNumbers.filter(({ script }) => takesMessages.some((callee) => callee.script === script))
  const named: ReadonlyArray<Scenario> = [
    ...takesMessages.map(({ name: callee }) => ({ ...plain, callee })),
    ...numbers.map(({ number: callee }) => ({ ...plain, callee })),
    ...numbers.map(({ number: to }) => ({ ...plain, call: { ...plain.call, to } }))
  ]
  expect(named.length).toBeGreaterThan(3)
  for (const scenario of named) expect(await breaks(10, scenario, hasty)).toContain("the message was not played whole")
})

it("10: a message is played once", async () => {
  const wrong = await breaks(10, machine, () => {
    const sent: Array<string> = []
    let media: Passage | undefined
    return {
      host: toTwilio({
        out: (text, pass, passage) => {
          media = passage
          pass(text)
          if (isOf(text, "media")) sent.push(text)
        }
      }),
      // says it all again before it hangs up
      network: asking(hangsUp, (request, http) =>
        Effect.suspend(() => {
          for (const again of sent) media?.say(again)
          return Effect.delay(http({ ...request, timeout: "1 minute" }), "30 seconds")
        })
      )
    }
  })
  expect(wrong).toContain("the message was played more than once")
})

/** Hears nothing of the callee: the tone, too, behind which it would begin anew. */
const deaf = toTwilio({
  in: (text, pass) => pass(isOf(text, "media") ? text.replace(/("payload":")([^"]*)/, silenced) : text)
})

const silenced = (_: string, before: string, payload: string) =>
  before + Buffer.alloc(Buffer.from(payload, "base64").length, silenceByte).toString("base64")

it.each<readonly [string, Scenario]>([
  ["", machine],
  [", whatever is said of who answers", { ...machine, faults: [{ detect: { as: "machine_start", after: 0.5 } }] }]
])("10: a message waits for the end of the greeting%s", async (_, scenario) => {
  const wrong = await breaks(10, scenario, () => ({
    host: (host) => ({
      ...deaf(host),
      http: (request) => {
        if (!request.url.endsWith("/voice")) return host.http(request)
        const callSid = new URLSearchParams(request.body).get("CallSid") ?? ""
        const url = request.url.replace("http://", "https://").replace(/voice$/, "amd")
        const form = [
          ["AccountSid", simulatedCredentials.accountSid],
          ["CallSid", callSid],
          ["AnsweredBy", "machine_end_beep"]
        ] as const
        // takes the first word of the greeting for its end
        const tooEarly = host.http({
          ...request,
          url,
          headers: { ...request.headers, "x-twilio-signature": sign(simulatedCredentials.authToken, url, form) },
          body: new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])).toString()
        })
        return Effect.zipRight(Effect.forkDaemon(Effect.delay(tooEarly, "1500 millis")), host.http(request))
      }
    })
  }))
  expect(wrong).toContain("before the greeting was over")
})

/** Hears nothing of the callee any more from so many frames of 20 ms on. */
const deafAfter = (frames: number) => (): Sabotage => {
  let heard = 0
  return {
    host: toTwilio({
      in: (text, pass) => {
        if (isOf(text, "media")) heard += 1
        pass(heard > frames && isOf(text, "media") ? text.replace(/("payload":")([^"]*)/, silenced) : text)
      }
    })
  }
}

it.each([
  ["the detector takes a pause for the end of the greeting", 3],
  ["the service takes a pause for the end of the greeting", 50]
])("10: a message is not said on over a greeting that goes on: %s", async (_, amdAfter) => {
  const pausing: Scenario = {
    call: { task: "Remind John Doe of his appointment on Tuesday at 2 pm." },
    callee: {
      answers: { after: 2, as: "machine", amdAfter },
      steps: [
        { wait: 0.4 },
        { say: "You have reached the voicemail of Bob Miller." },
        { wait: 4 },
        { say: "We can't come to the phone right now. Please leave your name and your number after the tone." },
        { wait: 0.5 },
        { listen: { atMost: 0 } },
        { beep: true },
        { wait: 30 },
        { hangUp: true }
      ]
    }
  }
  const wrong = await breaks(10, pausing, deafAfter(200))
  expect(wrong).toContain("the greeting went on for")
})

/** A machine that records for long, whatever it hears. */
const patientMachine: Scenario = {
  ...machine,
  callee: {
    answers: { after: 1, as: "machine", amdAfter: 3 },
    steps: [{ say: "We are not at home. Please leave a message after the tone." }, { beep: true }, { wait: 100 }]
  }
}

it("10: a message is left", async () => {
  const wrong = await breaks(10, patientMachine, () => {
    let knows = false
    return {
      host: toTwilio({
        out: (text, pass, { tell }) => {
          if (isOf(text, "clear")) knows = true
          // once it knows that a machine has answered it only believes that it speaks
          if (!knows || isOf(text, "clear")) pass(text)
          else if (isOf(text, "mark")) tell(text)
        }
      })
    }
  })
  expect(wrong).toContain("no message was left")
})
