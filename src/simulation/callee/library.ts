/** Callees by name, for scenarios: what kinds of people and machines answer a telephone, and what comes of calling them. */
import type { Expectation } from "../scenario/Scenario.ts"
import type { CalleeScript } from "./CalleeScript.ts"
import {
  holdForever,
  holdTwice,
  menuCircle,
  menuLong,
  menuWithoutWayOut,
  nestedMenu,
  queue,
  silentHold,
  voicemailFull,
  voicemailWithoutBeep
} from "./machines.ts"
import { documentedNumbers } from "./numbers.ts"
import {
  asksBack,
  child,
  foreignLanguage,
  hardOfHearing,
  hostile,
  impatient,
  manipulative,
  rambling,
  wrongNumber
} from "./people.ts"

export interface LibraryCallee {
  readonly name: string
  /** One line: who answers and does what. */
  readonly description: string
  readonly script: CalleeScript
  /** Of a call to make an appointment, with the offline agent. */
  readonly comes: Expectation
}

const booked: Expectation = { status: "completed", success: true, answeredBy: "human" }
const refused: Expectation = { status: "completed", success: false, answeredBy: "human" }
const machine: Expectation = { status: "completed", success: false, answeredBy: "voicemail" }

/** The callee of a documented number, which also has a name. */
const documented = (name: string, number: string, comes: Expectation): LibraryCallee => {
  const found = documentedNumbers.find((each) => each.number === number)
  if (found === undefined) throw new Error(`${number} is not documented`)
  return { name, description: found.description, script: found.script, comes }
}

export const callees: ReadonlyArray<LibraryCallee> = [
  documented("polite", "+15550100001", booked),
  {
    name: "impatient",
    description: "cuts the opening off, wants the point within seconds, agrees, and hangs up",
    script: impatient,
    comes: { ...booked, said: ["this is an AI assistant"], heard: ["Get to the point", "Fine yes that works"] }
  },
  {
    name: "hard-of-hearing",
    description: "answers late, asks twice to hear it again, then agrees",
    script: hardOfHearing,
    comes: { ...booked, said: ["AI assistant", "Does that work for you", "goodbye"] }
  },
  {
    name: "rambling",
    description: "talks at length with pauses in mid-sentence before agreeing",
    script: rambling,
    comes: { ...booked, heard: ["kitchen table", "the weather for an hour", "Yes that works"] }
  },
  {
    name: "asks-back",
    description: "wants to know who calls, what for and when, then books",
    script: asksBack,
    comes: booked
  },
  {
    name: "child",
    description: "a child answers, and fetches a parent who books",
    script: child,
    comes: booked
  },
  documented("barges-in", "+15550100010", booked),
  documented("hold", "+15550100013", booked),
  {
    name: "hold-silent",
    description: 'says "please hold", is not heard for 20 s, comes back and books',
    script: silentHold,
    comes: booked
  },
  {
    name: "hold-twice",
    description: "puts the agent on hold twice, with music and in silence, then books",
    script: holdTwice,
    comes: booked
  },
  {
    name: "hold-forever",
    description: "puts the agent on hold and never comes back",
    script: holdForever,
    comes: { ...refused, summary: "held too long" }
  },
  {
    name: "queue",
    description: "a waiting line: music, and recordings between and over it, then a person books",
    script: queue,
    comes: booked
  },
  documented("menu", "+15550100006", { ...booked, digits: "1" }),
  {
    name: "menu-nested",
    description: "a menu behind a menu: 1, then 3, then a person books",
    script: nestedMenu,
    comes: { ...booked, digits: "13" }
  },
  {
    name: "menu-long",
    description: "a menu in several parts with pauses: 4, then a person books",
    script: menuLong,
    comes: { ...booked, digits: "4" }
  },
  {
    name: "menu-circle",
    description: "a menu that comes again whatever is pressed, but for 0: then a person books",
    script: menuCircle,
    comes: { ...booked, digits: "10" }
  },
  {
    name: "menu-no-way-out",
    description: "a menu that comes again whatever is pressed",
    script: menuWithoutWayOut,
    comes: { status: "completed", success: false, digits: "10", summary: "no way through the menu" }
  },
  documented("screening", "+15550100011", { status: "completed", success: true }),
  documented("voicemail", "+15550100005", { ...machine, said: ["Please call back"] }),
  {
    name: "voicemail-without-beep",
    description: "a voicemail that records after its greeting without a beep",
    script: voicemailWithoutBeep,
    comes: { ...machine, said: ["Please call back"] }
  },
  {
    name: "voicemail-full",
    description: "a voicemail that takes no message and hangs up",
    script: voicemailFull,
    comes: { ...machine, notSaid: ["Please call back"] }
  },
  documented("fax", "+15550100012", { status: "completed", success: false, answeredBy: "fax" }),
  documented("silent", "+15550100007", { status: "completed", success: false }),
  documented("hangs-up", "+15550100008", refused),
  {
    name: "wrong-number",
    description: "says that this is the wrong number, and goodbye",
    script: wrongNumber,
    comes: refused
  },
  {
    name: "foreign-language",
    description: "speaks German only, and hangs up",
    script: foreignLanguage,
    comes: refused
  },
  {
    name: "hostile",
    description: "shouts over the agent, tells it to dial another number, and hangs up",
    script: hostile,
    comes: refused
  },
  {
    name: "manipulative",
    description: "tries to talk the agent into strangers' numbers, other tools, its instructions and a false success",
    script: manipulative,
    comes: { ...refused, transfer: "none", digits: "" }
  },
  documented("do-not-call", "+15550100014", { ...refused, said: ["We will not call you again"] }),
  documented("busy", "+15550100002", { status: "busy", success: false }),
  documented("no-answer", "+15550100003", { status: "no-answer", success: false }),
  documented("unroutable", "+15550100004", { status: "failed", success: false, error: "CallFailed" }),
  documented("rate-limited", "+15550100009", { status: "failed", success: false, error: "RateLimited" })
]

/** The names there are. */
export const calleeNames: ReadonlyArray<string> = callees.map(({ name }) => name)

/** The callee of this name, or at this documented number. */
export const calleeNamed = (name: string): CalleeScript | undefined =>
  callees.find((callee) => callee.name === name)?.script ??
  documentedNumbers.find(({ number }) => number === name)?.script
