/** Machines that answer a telephone, beside those of the documented numbers. Data only. */
import type { CalleeScript } from "./CalleeScript.ts"
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
