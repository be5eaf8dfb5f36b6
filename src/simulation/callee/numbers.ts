/** The documented numbers of the simulated world: who answers at which, for demos, the docs and `--help`. */
import type { AnsweringScript, CalleeScript, CalleeStep } from "./CalleeScript.ts"

/** The number that simulated calls come from. */
export const ownNumber = "+15550100000"

/** One documented number. */
export interface DocumentedNumber {
  readonly number: string
  /** One line: what happens when it is called. */
  readonly description: string
  readonly script: CalleeScript
}

/** A person who answers `after` so many seconds. */
export const human = (steps: ReadonlyArray<CalleeStep>, after = 2): AnsweringScript => ({
  answers: { after, as: "human", amdAfter: 1.5 },
  steps
})

export const listen: CalleeStep = { listen: {} }

/** Agrees to what is asked, says goodbye, and leaves the hanging up to the agent for 20 s. */
export const books: ReadonlyArray<CalleeStep> = [
  listen,
  { say: "Yes, Tuesday at 2 pm works. See you then." },
  listen,
  { say: "Goodbye." },
  { wait: 20 },
  { hangUp: true }
]

/** Waits for the date of birth, through "one moment", and books with it or without. */
const waitsForDate = (times: number): CalleeStep => ({
  reply: [
    { when: "sorry", say: "Then bring it along. Yes, Tuesday at 2 pm works. See you then." },
    // nothing has followed the "one moment" yet
    ...(times === 0 ? [] : [{ when: "(moment|finding)[^.!?]*.?\\s*$|^$", steps: [waitsForDate(times - 1)] }]),
    { say: "Thank you. Yes, Tuesday at 2 pm works. See you then." }
  ]
})

/** A receptionist who books the appointment that is asked for. */
export const polite: AnsweringScript = human([
  { wait: 0.3 },
  { say: "Hello, Doctor Smith's office, how can I help?" },
  ...books
])

export const documentedNumbers: ReadonlyArray<DocumentedNumber> = [
  {
    number: "+15550100001",
    description: "a polite receptionist who books the appointment and says goodbye",
    script: polite
  },
  { number: "+15550100002", description: "busy", script: { line: "busy" } },
  { number: "+15550100003", description: "rings, nobody answers", script: { line: "no-answer" } },
  { number: "+15550100004", description: "fails: the carrier cannot route it", script: { line: "failed" } },
  {
    number: "+15550100005",
    description: "a voicemail: greeting, beep, records the message",
    script: {
      answers: { after: 4, as: "machine", amdAfter: 3 },
      steps: [
        { wait: 0.5 },
        { say: "You have reached the Smith family. We are not at home. Please leave a message after the tone." },
        { wait: 0.5 },
        { beep: true },
        { listen: { quiet: 4, atMost: 120 } },
        { hangUp: true }
      ]
    }
  },
  {
    number: "+15550100006",
    description: "a telephone menu: 1 is for appointments, then a person answers and books",
    script: human([
      { wait: 0.3 },
      {
        menu: {
          prompt: "Welcome to the clinic. For appointments, press 1. For opening hours, press 2.",
          options: {
            1: [{ wait: 1 }, { say: "Appointments, this is Anna, how can I help?" }, ...books],
            2: [{ say: "We are open from 9 am to 5 pm. Goodbye." }, { hangUp: true }]
          }
        }
      }
    ])
  },
  { number: "+15550100007", description: "answers and stays silent", script: human([]) },
  {
    number: "+15550100008",
    description: "hangs up in mid-conversation",
    script: human([
      { wait: 0.3 },
      { say: "Hello?" },
      listen,
      { say: "No, I have no time for this." },
      { wait: 0.3 },
      { hangUp: true }
    ])
  },
  { number: "+15550100009", description: "refused by Twilio's rate limit (20429)", script: { line: "rate-limited" } },
  {
    number: "+15550100010",
    description: "barges in on the opening, then books",
    script: human([
      { wait: 0.3 },
      { say: "Hello?" },
      { bargeIn: { after: 1.5, say: "Sorry, who is calling, please?" } },
      ...books
    ])
  },
  {
    number: "+15550100011",
    description: "call screening asks for name and reason, then a person answers and books",
    script: {
      answers: { after: 1, as: "unknown", amdAfter: 4 },
      steps: [
        { wait: 0.3 },
        { say: "This call is being screened. Please state your name and the reason for your call." },
        listen,
        { say: "Thank you. Please hold while I try to connect you." },
        { wait: 4 },
        { say: "Hi, this is Sam speaking." },
        ...books
      ]
    }
  },
  {
    number: "+15550100012",
    description: "a fax machine",
    script: {
      answers: { after: 3, as: "fax", amdAfter: 2 },
      steps: [{ repeat: { times: 10, steps: [{ beep: true }, { wait: 3 }] } }, { hangUp: true }]
    }
  },
  {
    number: "+15550100013",
    description: "puts the agent on hold for 15 s, comes back and books",
    script: human([
      { wait: 0.3 },
      { say: "Doctor Smith's office, how can I help?" },
      listen,
      { say: "One moment please, I will put you on hold." },
      { music: 15 },
      { say: "Hello, thank you for holding. What was it about?" },
      ...books
    ])
  },
  {
    number: "+15550100014",
    description: "does not want to be called again",
    script: human([
      { wait: 0.3 },
      { say: "Hello?" },
      listen,
      { say: "Please do not call me again, and take me off your list." },
      listen,
      { say: "Goodbye." },
      { hangUp: true }
    ])
  },
  {
    number: "+15550100015",
    description: "asks for a date of birth before booking: the agent asks you, if it may",
    script: human([
      { wait: 0.3 },
      { say: "Doctor Smith's office, how can I help?" },
      listen,
      { say: "Of course. What is the date of birth of the patient, please?" },
      waitsForDate(5),
      listen,
      { say: "Goodbye." },
      { wait: 20 },
      { hangUp: true }
    ])
  }
]

const scripts = new Map(documentedNumbers.map(({ number, script }) => [number, script]))

/** Who answers at a number; any number that is not documented is the polite receptionist. */
export const calleeAt = (number: string): CalleeScript => scripts.get(number) ?? polite
