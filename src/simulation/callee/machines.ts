/** Machines that answer a telephone, beside those of the documented numbers. Data only. */
import type { CalleeScript, CalleeStep } from "./CalleeScript.ts"
import { books, human, listen } from "./numbers.ts"

export const voicemailWithoutBeep: CalleeScript = {
  answers: { after: 4, as: "machine", amdAfter: 3 },
  steps: [
    { wait: 0.5 },
    { say: "Hi, this is Sam. I cannot come to the phone now. Please leave a message." },
    { listen: { quiet: 4, atMost: 120 } },
    { hangUp: true }
  ]
}

/** Takes no message, and hangs up. */
export const voicemailFull: CalleeScript = {
  answers: { after: 4, as: "machine", amdAfter: 3 },
  steps: [
    { wait: 0.5 },
    { say: "You have reached the voicemail of Sam. It is full and takes no messages. Goodbye." },
    { wait: 2.5 },
    { hangUp: true }
  ]
}

export const nestedMenu: CalleeScript = human([
  { wait: 0.3 },
  {
    menu: {
      prompt: "Welcome to the clinic. For appointments, press 1. For billing, press 2.",
      options: {
        1: [
          { wait: 1 },
          {
            menu: {
              prompt: "To make an appointment, press 3. To cancel it, press 4.",
              options: {
                3: [{ wait: 1 }, { say: "Appointments, this is Anna, how can I help?" }, ...books],
                4: [{ say: "Your appointment is canceled." }, { hangUp: true }]
              }
            }
          }
        ],
        2: [{ say: "Billing is closed. Goodbye." }, { hangUp: true }]
      }
    }
  }
])

/** A person puts the call on hold without any music: nothing is heard for 20 s. */
export const silentHold: CalleeScript = human([
  { wait: 0.3 },
  { say: "Doctor Smith's office, how can I help?" },
  listen,
  { say: "Please hold." },
  { wait: 20 },
  { say: "Thank you for holding. What was it about?" },
  ...books
])

/** What the agent has said until here was said to nobody. */
const unheard: CalleeStep = { listen: { quiet: 0, atMost: 0.1 } }

/** A person puts the call on hold twice, with music and in silence. */
export const holdTwice: CalleeScript = human([
  { wait: 0.3 },
  { say: "Doctor Smith's office, how can I help?" },
  listen,
  { say: "One moment please, I will put you on hold." },
  { wait: 1 },
  { music: 12 },
  { wait: 0.4 },
  { say: "Hello, thank you for holding. Was it for this week?" },
  listen,
  { say: "Please hold the line, I have to ask." },
  { wait: 15 },
  unheard,
  { say: "So, I am back. What was it about again?" },
  ...books
])

/** A waiting line without a person for a minute: music, and recordings between and over it. */
export const queue: CalleeScript = human([
  { wait: 0.3 },
  { say: "Welcome to the clinic." },
  { wait: 0.7 },
  { say: "All of our agents are currently busy. Please stay on the line." },
  { wait: 0.3 },
  { music: 10 },
  { say: "Your call is important to us." },
  { music: 10 },
  { wait: 0.8 },
  { say: "You are number two in the queue. Did you know that you can also visit our website?" },
  { wait: 0.8 },
  { music: 12 },
  { wait: 0.5 },
  unheard,
  { say: "Appointments, this is Anna, how can I help?" },
  ...books
])

/** Music, and nobody comes. */
export const holdForever: CalleeScript = human([
  { wait: 0.3 },
  { say: "Doctor Smith's office, how can I help?" },
  listen,
  { say: "One moment please, I will put you on hold." },
  { wait: 0.5 },
  { music: 3600 }
])

/** The same prompt after every key; `ways` leads out of it. */
const circle = (prompt: string, ways: { readonly [digit: string]: ReadonlyArray<CalleeStep> }): CalleeStep => ({
  repeat: {
    times: 20,
    steps: [
      {
        menu: {
          prompt,
          options: Object.fromEntries(
            ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"].map((digit) => [digit, ways[digit] ?? [{ wait: 0.8 }]])
          )
        }
      }
    ]
  }
})

/** Whatever is pressed, the same menu comes again; only the operator at 0, whom it does not mention, leads out of it. */
export const menuCircle: CalleeScript = human([
  { wait: 0.3 },
  circle("Welcome to the clinic. For appointments, press 1. For billing, press 2.", {
    0: [{ wait: 1 }, { say: "Reception, this is Anna, how can I help?" }, ...books, { hangUp: true }]
  })
])

/** Nothing leads out of it. */
export const menuWithoutWayOut: CalleeScript = human([
  { wait: 0.3 },
  circle("Welcome to the clinic. For appointments, press 1. For billing, press 2.", {})
])

/** A long menu in several parts, with pauses in which an eager agent begins to speak. */
export const menuLong: CalleeScript = human([
  { wait: 0.3 },
  { say: "Welcome to the clinic. This call may be recorded for training purposes." },
  { wait: 0.8 },
  { say: "For billing, press 1." },
  { wait: 0.8 },
  { say: "For opening hours, press 2." },
  { wait: 0.8 },
  { say: "For prescriptions, press 3." },
  { wait: 0.8 },
  { say: "For appointments, press 4." },
  { expectDigits: { digits: "4" } },
  { wait: 1 },
  unheard,
  { say: "Appointments, this is Anna, how can I help?" },
  ...books
])
