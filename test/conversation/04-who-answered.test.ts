/** 4. Who answered: the words of greetings, the tone behind them, the weighing of the evidence, and what it costs to listen. */
import { readFileSync } from "node:fs"
import { DateTime, FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import type { Fact } from "../../src/call/Fact.ts"
import { type Beep, hearFrame, noBeep } from "../../src/call/hearing/Beep.ts"
import { makeEars } from "../../src/call/hearing/Ears.ts"
import { readGreeting, type Speaker } from "../../src/call/hearing/Reading.ts"
import { limitsOf } from "../../src/call/Limits.ts"
import { awaitsBeep } from "../../src/call/talk/answerer/Machine.ts"
import { type Clue, fuse } from "../../src/call/talk/answerer/Verdict.ts"
import { begin } from "../../src/call/talk/Talk.ts"
import { EvidenceSource } from "../../src/domain/Evidence.ts"
import { AnsweredBy } from "../../src/domain/Outcome.ts"
import { decodeSample, encodeSample } from "../../src/simulation/audio/MuLaw.ts"
import { silence, speak } from "../../src/simulation/audio/SpokenText.ts"
import { beep, music, tone } from "../../src/simulation/audio/Tones.ts"
import type { AnsweringScript } from "../../src/simulation/callee/CalleeScript.ts"
import { verify } from "../../src/simulation/scenario/trial.ts"
import { configured } from "../call/support.ts"

const greetings: Readonly<Record<Speaker | "nobody", ReadonlyArray<string>>> = {
  voicemail: [
    "You have reached the Smith family. We are not at home. Please leave a message after the tone.",
    "Hi, this is Sam. I cannot come to the phone now. Please leave a message.",
    "Your call has been forwarded to an automatic voice message system. 5 5 5, 0 1 2, 3 4 5 6 is not available. At the tone, please record your message. When you have finished recording, you may hang up or press 1 for more options.",
    "Your call has been forwarded to voicemail. The person you're trying to reach is not available. At the tone, please record your message.",
    "The person you have called is not available right now. Please leave a message after the beep.",
    "Hey, it's Mike, I can't get to the phone right now, leave me a message and I'll get back to you. Thanks!",
    "Hi, you've reached Anna. Please leave your name and number and I'll call you back as soon as I can.",
    "Thank you for calling Smith Dental. Our office is currently closed. If this is an emergency, dial 911. Otherwise leave a message and we will return your call on the next business day.",
    "The Google subscriber you have called is not available. Please leave a message after the tone.",
    "Welcome to Verizon Wireless. The customer you are calling is unavailable. Please leave your message after the tone.",
    "You've reached the voicemail of Dr. Miller. I am away from my desk.",
    "Hi, this is Jane's voicemail. You know what to do.",
    "You have reached Acme Plumbing after hours. We are unable to take your call. Leave a brief message and a call back number.",
    "Hallo, hier ist die Mailbox von Peter Müller. Bitte hinterlassen Sie eine Nachricht nach dem Signalton.",
    "Guten Tag, Sie haben die Praxis Dr. Schmidt erreicht. Wir sind zurzeit nicht erreichbar. Bitte hinterlassen Sie eine Nachricht, wir rufen Sie zurück.",
    "Der angerufene Teilnehmer ist vorübergehend nicht erreichbar.",
    "Bonjour, vous êtes bien sur la messagerie vocale de Marie. Laissez-moi un message après le bip.",
    "Votre correspondant n'est pas disponible. Veuillez laisser un message après le signal sonore.",
    "Hola, soy Carlos. En este momento no puedo atender. Deje su mensaje después del tono.",
    "El buzón de voz de la persona que ha llamado está activado. Deje su mensaje.",
    "Risponde la segreteria telefonica di Mario Rossi. Lasciate un messaggio dopo il segnale acustico.",
    "Sua chamada está sendo encaminhada para a caixa postal. Deixe sua mensagem após o sinal.",
    "U bent verbonden met de voicemail van Jan. Spreek uw bericht in na de piep.",
    "Dit is het antwoordapparaat van de familie Jansen. We zijn er nu niet, spreek een bericht in."
  ],
  full: [
    "The mailbox is full and cannot accept any messages at this time. Goodbye.",
    "You have reached the voicemail of Sam. It is full and takes no messages. Goodbye.",
    "I'm sorry, but the person you called has a voice mailbox that has not been set up yet. Please try your call again later.",
    "The voicemail box of the person you are calling is full.",
    "Sorry, the memory is full.",
    "Die Mailbox ist voll.",
    "La messagerie de votre correspondant est pleine.",
    "El buzón está lleno.",
    "La casella vocale è piena.",
    "A caixa de mensagens está cheia.",
    "De voicemail van dit nummer is vol."
  ],
  screening: [
    "Thanks. I'll see if this person is available. Stay on the line.",
    "What is the reason for your call?",
    "This call is being screened. Please state your name and the reason for your call.",
    "Hi, if you record your name and reason for calling, I'll see if this person is available.",
    "Hi, the person you're calling is using a screening service from Google, and will get a copy of this conversation. Go ahead and say your name, and why you're calling.",
    "The Google subscriber you are calling is using a call screening service. Please say your name and why you're calling.",
    "Please state your name after the tone, and Google Voice will try to connect you.",
    "Hi, I'm the call assistant of Sam. Can you tell me your name and what you are calling about? What is the reason for your call?",
    "Hello. Before I try to connect you, please say your name and the purpose of your call.",
    "Please record your name after the tone, and then stay on the line.",
    "Bitte nennen Sie Ihren Namen und den Grund Ihres Anrufs.",
    "Veuillez indiquer votre nom et le motif de votre appel.",
    "Por favor diga su nombre y el motivo de su llamada.",
    "Dica il suo nome e il motivo della chiamata.",
    "Por favor, diga seu nome e o motivo da ligação.",
    "Noem uw naam en de reden van uw gesprek."
  ],
  recording: [
    "Thank you for calling Acme. Your call is important to us. Please stay on the line and your call will be answered in the order it was received.",
    "All of our agents are currently busy. Please hold for the next available representative.",
    "Thank you for calling Smith Dental. This call may be recorded for quality purposes.",
    "Thank you for calling Delta. Please hold.",
    "All calls are recorded for training purposes.",
    "Dieses Gespräch wird zu Schulungszwecken aufgezeichnet.",
    "Cette conversation peut être enregistrée.",
    "Esta llamada puede ser grabada.",
    "La chiamata potrebbe essere registrata.",
    "Esta ligação será gravada.",
    "Dit gesprek kan worden opgenomen.",
    "Ihr Anruf ist uns wichtig. Bitte bleiben Sie am Apparat.",
    "Alle Mitarbeiter sind zurzeit im Gespräch. Der nächste freie Mitarbeiter ist für Sie da.",
    "Tous nos conseillers sont occupés. Merci de patienter.",
    "Su llamada es muy importante para nosotros.",
    "Tutti i nostri operatori sono occupati.",
    "Sua ligação é muito importante para nós.",
    "Al onze medewerkers zijn in gesprek."
  ],
  person: [
    "Hello?",
    "Hello? Who is this?",
    "Yes?",
    "Hi.",
    "Doctor Smith's office, how can I help?",
    "Thank you for calling Smith Dental, this is Sarah speaking, how may I help you today?",
    "She's not available right now. Would you like to leave a message?",
    "Hello, hello, is anybody there?",
    "Good morning, Acme Plumbing, this is Bob, how can I help you?",
    "Who is calling, please?",
    "Hallo?",
    "Ja bitte?",
    "Wer ist da?",
    "Allô?",
    "Allô, oui, bonjour?",
    "Diga.",
    "¿Quién habla?",
    "Pronto?",
    "Pronto, chi parla?",
    "Alô?",
    "Quem fala?",
    "Hallo, met wie spreek ik?",
    "Can I take a message for him?",
    "Are you a robot? Who are you?",
    "The doctor is not available right now. If you leave your number with me, she will call you back.",
    "Ich bin am Dienstag nicht da, aber hinterlassen Sie gern eine Nachricht bei mir."
  ],
  nobody: [
    "This is Jane.",
    "Yes, Tuesday at 2 pm works. See you then.",
    "No, I have no time for this.",
    "Hi, this is Sam speaking.",
    "One moment please, I will put you on hold.",
    "Thank you. Please hold while I try to connect you.",
    "Smith Dental, Sarah speaking.",
    "Müller.",
    "Tuesday at two? No, sorry, it is full.",
    "He does not take messages.",
    "Did you leave a message after the beep?",
    "Do you know whether this call is being recorded?",
    "You left a message on John's voicemail yesterday, right?",
    "He is not in, can you leave your number?",
    "Ach, haben Sie gestern auf den Anrufbeantworter gesprochen?",
    "Est-ce que vous avez laissé un message après le bip ?",
    "¿Ha dejado un mensaje en el contestador?",
    "Ha lasciato un messaggio in segreteria?",
    "Deixou uma mensagem na caixa postal?",
    "Hebt u het antwoordapparaat ingesproken?",
    "Praxis Dr. Schmidt, Anna Weber, guten Tag."
  ],
  absent: [
    "The person you have called is not available.",
    "Smith Dental. We are not available right now.",
    "You have reached Jane.",
    "Please leave a message.",
    "So you know what to do.",
    "He is out, and I can't take messages for him."
  ]
}

describe("4.1 the words of whoever picks up", () => {
  for (const [speaker, texts] of Object.entries(greetings)) {
    it.each(texts)(`${speaker}: %s`, (text) => {
      expect(readGreeting(text).speaker ?? "nobody").toBe(speaker)
    })
  }

  it("a tone that is promised is noted, and that we are to wait", () => {
    expect(readGreeting("Leave a message after the tone.")).toMatchObject({ speaker: "voicemail", tone: true })
    expect(readGreeting("Thanks. Stay on the line.")).toMatchObject({ speaker: undefined, waiting: true })
    expect(readGreeting("Bitte bleiben Sie dran, ich verbinde.")).toMatchObject({ waiting: true })
  })

  it("name and reason are demanded by who says so, not by who asks, or thanks for them", () => {
    const demands = (text: string) => readGreeting(text).demands
    expect(demands("Sorry, I did not get that. Please say your name and the reason for calling.")).toBe(true)
    expect(demands("If you record your name and reason for calling, I'll see if this person is available.")).toBe(true)
    expect(demands("Thanks. I'll see if this person is available. Stay on the line.")).toBe(false)
    expect(demands("Yes? What is the reason for your call?")).toBe(false)
    expect(demands("Und was ist der Grund Ihres Anrufs?")).toBe(false)
  })

  it("any text is read, in no time", () => {
    const word = fc.constantFrom("leave", "a", "message", "hello", "is", "not", "available", "the", "tone", ",", ".")
    fc.assert(
      fc.property(
        fc.oneof(
          fc.fullUnicodeString({ maxLength: 3_000 }),
          fc.array(word, { maxLength: 600 }).map((words) => words.join(" "))
        ),
        (text) => {
          expect(readGreeting(text).words.length).toBeLessThanOrEqual(80)
        }
      )
    )
  })
})

const frames = (audio: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.floor(audio.length / 160) }, (_, index) => audio.subarray(index * 160, (index + 1) * 160))

/** What is heard as beeps in a piece of audio, with some quiet around it that does not fit the frames. */
const beepsIn = (audio: Uint8Array): ReadonlyArray<Beep> => {
  const found: Array<Beep> = []
  let state = noBeep
  for (const frame of frames(Buffer.concat([silence(203), audio, silence(500)]))) {
    const [next, heard] = hearFrame(state, frame)
    state = next
    if (heard !== undefined) found.push(heard)
  }
  return found
}

const mixed = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  a.map((byte, index) => encodeSample(decodeSample(byte) + decodeSample(b[index] ?? 0xff)))

/** Hiss of a line, at the end of its mean; always the same. */
const hissing = (audio: Uint8Array, level: number): Uint8Array => {
  let seed = 1
  return audio.map((byte) => {
    seed ^= seed << 13
    seed ^= seed >>> 17
    seed ^= seed << 5
    return encodeSample(decodeSample(byte) + Math.round((seed / 0x80000000) * level))
  })
}

describe("4.2 the beep", () => {
  it("the simulators' beep is one, whatever stands before it", () => {
    expect(beepsIn(beep())).toHaveLength(1)
    expect(beepsIn(Buffer.concat([speak("Leave a message after the tone."), silence(100), beep()]))).toHaveLength(1)
  })

  it("any steady tone of 350 to 2100 Hz and 0.15 to 2 s is one, through the hiss of a line, and its pitch is told", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 350, max: 2_100 }),
        fc.integer({ min: 160, max: 1_980 }),
        fc.double({ min: 0.12, max: 0.9, noNaN: true }),
        fc.integer({ min: 0, max: 160 }),
        (hz, ms, level, offset) => {
          const audio = hissing(Buffer.concat([silence(100 + offset / 8), tone(hz, ms, level)]), 300)
          const [found] = beepsIn(audio)
          expect(Math.abs((found?.pitch ?? 0) - hz)).toBeLessThan(12)
          expect(Math.abs((found?.ms ?? 0) - ms)).toBeLessThan(45)
        }
      ),
      { numRuns: 200, seed: 1 }
    )
  })

  const others: Readonly<Record<string, Uint8Array>> = {
    speech: speak("Hello, you have reached Jane. Mmm. Aaaa."),
    "a real voice": readFileSync(new URL("../fixtures/dentist.wav", import.meta.url)).subarray(44),
    music: music(9_000),
    "special information tones": Buffer.concat([tone(913.8, 380, 0.4), tone(1370.6, 276, 0.4), tone(1776.7, 380, 0.4)]),
    "the answer of a fax": tone(2_100, 3_000, 0.4),
    "a click": tone(1_000, 80, 0.4),
    "a whisper of a tone": tone(1_000, 500, 0.005),
    "a dial tone": mixed(tone(350, 2_000, 0.3), tone(440, 2_000, 0.3)),
    ringing: mixed(tone(440, 2_000, 0.3), tone(480, 2_000, 0.3)),
    busy: mixed(tone(480, 500, 0.3), tone(620, 500, 0.3)),
    "a hum": tone(150, 500, 0.4),
    hiss: hissing(silence(3_000), 6_000)
  }
  it.each(Object.entries(others))("%s is none", (_, audio) => {
    expect(beepsIn(audio)).toEqual([])
  })

  it("no key of a telephone is one", () => {
    for (const low of [697, 770, 852, 941]) {
      for (const high of [1_209, 1_336, 1_477, 1_633]) {
        for (const ms of [100, 200, 500]) {
          expect(beepsIn(mixed(tone(low, ms, 0.3), tone(high, ms, 0.3)))).toEqual([])
        }
      }
    }
  })

  it("pieces of any length are cut to frames", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (cuts) => {
        const audio = Buffer.concat([silence(303), beep(), silence(500)])
        const found: Array<Fact> = []
        const hear = makeEars(
          (fact) => found.push(fact),
          () => true
        )
        let at = 0
        for (let index = 0; at < audio.length; index++) {
          const length = cuts[index % cuts.length] ?? 160
          hear(audio.subarray(at, at + length).toString("base64"))
          at += length
        }
        expect(found.filter(({ _tag }) => _tag === "BeepHeard")).toHaveLength(1)
      })
    )
  })
})

const clue = (at: number, source: Clue["source"], says: Clue["says"], sure = true): Clue => ({
  at,
  source,
  says,
  sure,
  detail: ""
})

const anyClue: fc.Arbitrary<Clue> = fc.record({
  at: fc.integer({ min: 0, max: 60_000 }),
  source: fc.constantFrom(...EvidenceSource.literals),
  says: fc.constantFrom(...AnsweredBy.literals),
  sure: fc.boolean(),
  detail: fc.constant("")
})
const anyClues = fc.array(anyClue, { maxLength: 12 })

describe("4.3 the fused verdict", () => {
  it("does not depend on the order in which the evidence comes in", () => {
    fc.assert(
      fc.property(
        anyClues.chain((clues) =>
          fc.tuple(fc.constant(clues), fc.shuffledSubarray(clues, { minLength: clues.length }))
        ),
        ([clues, shuffled]) => {
          expect(fuse(shuffled)).toBe(fuse(clues))
        }
      )
    )
  })

  it("is no other for a piece of evidence that is given twice", () => {
    fc.assert(
      fc.property(fc.array(anyClue, { minLength: 1, maxLength: 12 }), (clues) => {
        expect(fuse([...clues, ...clues])).toBe(fuse(clues))
      })
    )
  })

  it("is never changed by the detector once words, the model or a conversation have told", () => {
    fc.assert(
      fc.property(
        anyClues,
        fc.constantFrom<Clue["source"]>("transcript", "tool", "conversation"),
        fc.constantFrom(...AnsweredBy.literals),
        fc.constantFrom(...AnsweredBy.literals),
        (clues, source, who, verdict) => {
          const told = [...clues, clue(61_000, source, who)]
          expect(fuse([...told, clue(62_000, "amd", verdict)])).toBe(fuse(told))
        }
      )
    )
  })

  it("is the conversation's, whatever else was there before it", () => {
    fc.assert(
      fc.property(anyClues, (clues) => {
        expect(fuse([...clues, clue(61_000, "conversation", "human")])).toBe("human")
      })
    )
  })

  it("is no machine for whoever converses, unless two of words, tone and model say so within 15 s", () => {
    const conversed = clue(5_000, "conversation", "human")
    const words = clue(18_000, "transcript", "voicemail")
    const tone = clue(21_000, "beep", "voicemail", false)
    const model = clue(22_000, "tool", "voicemail")
    for (const alone of [words, tone, model]) expect(fuse([conversed, alone])).toBe("human")
    expect(fuse([conversed, words, tone])).toBe("voicemail")
    expect(fuse([conversed, words, model])).toBe("voicemail")
    expect(fuse([conversed, tone, model])).toBe("voicemail")
    expect(fuse([conversed, clue(17_000, "tool", "voicemail"), words])).toBe("voicemail")
    expect(fuse([conversed, words, clue(40_000, "tool", "voicemail")])).toBe("human")
    expect(fuse([conversed, clue(18_000, "transcript", "voicemail", false), model])).toBe("human")
    // a till, and who then speaks of their voicemail
    expect(fuse([conversed, tone, clue(23_000, "transcript", "voicemail")])).toBe("human")
  })

  it("is not made of hints, unless two sources give the same one", () => {
    expect(fuse([clue(1, "amd", "voicemail", false)])).toBeUndefined()
    expect(fuse([clue(1, "transcript", "voicemail", false), clue(2, "transcript", "voicemail", false)])).toBeUndefined()
    expect(fuse([clue(1, "transcript", "voicemail", false), clue(2, "amd", "voicemail", false)])).toBe("voicemail")
  })

  it("weighs a hello more than the detector, and a beep behind a machine's words more than a hello", () => {
    const hello = clue(500, "transcript", "human")
    expect(fuse([hello, clue(3_000, "amd", "voicemail")])).toBe("human")
    expect(fuse([clue(100, "amd", "voicemail"), hello])).toBe("human")
    expect(fuse([hello, clue(3_000, "beep", "voicemail")])).toBe("human")
    expect(fuse([clue(300, "transcript", "voicemail", false), hello, clue(3_000, "beep", "voicemail")])).toBe(
      "voicemail"
    )
    expect(fuse([clue(100, "tool", "voicemail"), hello])).toBe("human")
    expect(fuse([hello, clue(600, "tool", "voicemail")])).toBe("voicemail")
  })
})

describe("4.3 the tone behind a conversation", () => {
  const clue = (at: number, source: Clue["source"], says: Clue["says"]): Clue => ({
    at,
    source,
    says,
    sure: true,
    detail: ""
  })
  const rules = {
    limits: limitsOf(configured()),
    language: "en",
    prepareOpening: true,
    voicemail: "leave-message",
    transferTo: {},
    questions: false,
    fallback: false
  } as const
  const talkOf = (clues: ReadonlyArray<Clue>) => ({
    ...begin(rules, 0),
    phase: "talking" as const,
    answeredAt: 0,
    clues
  })

  it("is listened for behind a machine's words, or a report of the model: we may have been put through to a voicemail", () => {
    const conversed = clue(5_000, "conversation", "human")
    expect(awaitsBeep(talkOf([]), 20_000)).toBe(true)
    expect(awaitsBeep(talkOf([conversed]), 20_000)).toBe(false)
    const through = [conversed, clue(18_000, "transcript", "voicemail")]
    expect(awaitsBeep(talkOf(through), 20_000)).toBe(true)
    expect(awaitsBeep(talkOf(through), 40_000)).toBe(false)
    expect(awaitsBeep(talkOf([conversed, clue(18_000, "tool", "voicemail")]), 20_000)).toBe(true)
    expect(fuse(through)).toBe("human")
    expect(fuse([...through, clue(20_000, "beep", "voicemail")])).toBe("voicemail")
  })

  it("is listened for behind any words, too, until they are known", () => {
    const talk = talkOf([clue(5_000, "conversation", "human")])
    expect(awaitsBeep({ ...talk, speaking: "item" }, 20_000)).toBe(true)
    expect(awaitsBeep({ ...talk, textsDue: new Set(["item"]) }, 20_000)).toBe(true)
  })
})

/** How often the agent has introduced itself, and was heard to the end of it. */
const introductions = async (steps: AnsweringScript["steps"]): Promise<number> => {
  const { call } = await verify({
    call: { task: "Make an appointment for Tuesday at 2 pm." },
    callee: {
      answers: { after: 1, as: "unknown", amdAfter: 3 },
      steps: [
        { wait: 0.3 },
        ...steps,
        { listen: {} },
        { say: "Yes, Tuesday at 2 pm works. See you then." },
        { listen: {} },
        { wait: 10 }
      ]
    },
    expect: { success: true, answeredBy: "human" }
  })
  const said = call?.transcript.filter(({ interrupted, role }) => role === "assistant" && interrupted !== true)
  return (said ?? []).filter(({ text }) => text.includes("AI assistant")).length
}

describe("4.3 who comes behind a machine learns once who calls", () => {
  it("behind a recorded notice, into which the opening was said", async () => {
    const notice = { say: "Thank you for calling Smith Dental. This call may be recorded for quality purposes." }
    const person = { say: "Smith Dental, Anna speaking, how can I help?" }
    expect(await introductions([notice, { wait: 12 }, { listen: { atMost: 0 } }, person])).toBe(1)
  })

  it("behind call screening that asks twice and goes to see: two answers, one opening", async () => {
    const steps = [
      { say: "Please state your name and why you are calling." },
      { listen: {} },
      { say: "Sorry, I did not get that. Please say your name and the reason for calling." },
      { listen: {} },
      { say: "Thanks. I'll see if this person is available. Stay on the line." },
      { wait: 12 },
      { say: "Hello?" }
    ]
    expect(await introductions(steps)).toBe(3)
  })

  it.each(["Yes? What is the reason for your call?", "Hi, who is this? What's it about?"])(
    "behind call screening, asking: %s",
    async (question) => {
      const screening = { say: "Please state your name and why you are calling." }
      expect(await introductions([screening, { listen: {} }, { wait: 5 }, { say: question }])).toBe(2)
    }
  )
})

describe("4.4 the record", () => {
  it("keeps what spoke for whom, in order, in the database and in the file", async () => {
    const { call, file } = await verify({
      call: { task: "Remind John Doe of his appointment." },
      callee: "voicemail",
      expect: { answeredBy: "voicemail", answeredByEvidence: ["transcript", "beep"] }
    })
    const evidence = call?.answeredByEvidence ?? []
    expect(evidence.map(({ at }) => DateTime.toEpochMillis(at))).toEqual(
      evidence.map(({ at }) => DateTime.toEpochMillis(at)).toSorted((a, b) => a - b)
    )
    expect(evidence.find(({ source }) => source === "beep")?.detail).toMatch(/^(99\d|100\d) Hz, \d{3} ms$/)
    expect(file).toMatchObject({ answeredByEvidence: evidence.map(({ says, source }) => ({ says, source })) })
  })
})
