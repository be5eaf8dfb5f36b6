/** On hold: what puts us there, that nothing is said meanwhile, and how it ends, each in its time. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { senseOf } from "../../src/call/talk/lines/phrases.ts"
import { silence } from "../../src/simulation/audio/SpokenText.ts"
import { music } from "../../src/simulation/audio/Tones.ts"
import { ended, says, settle, story, talking, type World } from "../call/support.ts"

const musicBegins = (world: World) =>
  Effect.zipRight(
    Effect.sync(() => world.line().sounds(music(4_500))),
    settle
  )
const musicEnds = (world: World) =>
  Effect.zipRight(
    Effect.sync(() => world.line().sounds(silence(1_500))),
    settle
  )

const asked = (world: World) => world.session().asked()
const notes = (world: World) =>
  world
    .session()
    .commands("Note")
    .map(({ text }) => text)

describe("4.6 on hold", () => {
  story("somebody who asks us to wait is answered, and the model knows that it is on hold", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* says(world, "One moment, please.")
      expect(asked(world)).toEqual(["opening", "reply"])
      expect(notes(world)).toEqual([expect.stringContaining("You are on hold")])
    })
  )

  story("nothing is said to music, recordings, and what a transcriber makes of them", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* musicBegins(world)
      for (const text of ["", "[Music]", "♪♪", "Your call is important to us.", "You are number three in the queue."]) {
        yield* says(world, text)
        yield* Effect.sleep("30 seconds")
      }
      expect(asked(world)).toEqual(["opening"])
      expect(notes(world)).toHaveLength(1)
    })
  )

  story("a song with words is not answered: the music goes on", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* musicBegins(world)
      yield* says(world, "And I will always love you.", 6_000)
      yield* Effect.sleep("20 seconds")
      expect(asked(world)).toEqual(["opening"])
    })
  )

  story("who speaks when the music has stopped is answered as soon as the words are there", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* musicBegins(world)
      yield* Effect.sleep("20 seconds")
      const itemId = world.session().starts()
      yield* Effect.sleep("1 second")
      yield* musicEnds(world)
      world.session().stops(itemId)
      yield* settle
      expect(asked(world)).toEqual(["opening"])
      yield* Effect.sleep("300 millis")
      world.session().writes(itemId, "Reception.")
      yield* settle
      expect(asked(world)).toEqual(["opening", "reply"])
      expect(notes(world).at(-1)).toContain("no longer on hold")
      yield* Effect.sleep("2 seconds")
      // and from here on at once, without reading first
      const next = world.session().starts()
      yield* Effect.sleep("1 second")
      world.session().stops(next)
      yield* settle
      expect(asked(world)).toEqual(["opening", "reply", "reply"])
    })
  )

  story("words that are there before the end of the music is known are answered when it is", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* musicBegins(world)
      yield* says(world, "Reception.", 400)
      expect(asked(world)).toEqual(["opening"])
      yield* Effect.sleep("200 millis")
      yield* musicEnds(world)
      expect(asked(world)).toEqual(["opening", "reply"])
    })
  )

  story("words that cannot be had are left to the model after 1.5 s, but for those in music", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* musicBegins(world)
      const sung = world.session().starts()
      yield* Effect.sleep("1 second")
      world.session().stops(sung)
      yield* Effect.sleep("3 seconds")
      expect(asked(world)).toEqual(["opening"])
      yield* musicEnds(world)
      const said = world.session().starts()
      yield* Effect.sleep("1 second")
      world.session().stops(said)
      yield* Effect.sleep("1400 millis")
      expect(asked(world)).toEqual(["opening"])
      yield* Effect.sleep("200 millis")
      expect(asked(world)).toEqual(["opening", "reply"])
    })
  )

  story("music that a detector of speech takes for a voice without end does not silence the agent for ever", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      world.session().starts()
      yield* musicBegins(world)
      yield* Effect.sleep("299 seconds")
      expect(world.line().tags()).not.toContain("hangUp")
      yield* Effect.sleep("2 seconds")
      expect(world.line().tags()).toContain("hangUp")
      expect((yield* ended(world, id)).outcome?.summary).toContain("held too long")
    })
  )

  story(
    "the budget is one for the whole call: time in which we are talked with does not count",
    (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        yield* says(world, "Hold on, please.")
        yield* Effect.sleep("50 seconds")
        yield* says(world, "Hello, are you there?")
        yield* Effect.sleep("5 seconds")
        expect(asked(world)).toEqual(["opening", "reply", "reply"])
        for (let turn = 0; turn < 4; turn++) {
          yield* says(world, "Mhm, yes.")
          yield* Effect.sleep("8 seconds")
        }
        yield* says(world, "Please hold.")
        yield* Effect.sleep("8 seconds")
        expect(asked(world)).not.toContain("goodbye")
        yield* Effect.sleep("3 seconds")
        expect(asked(world).at(-1)).toBe("goodbye")
        yield* Effect.sleep("3 seconds")
        const { outcome, status } = yield* ended(world, id)
        expect(status).toBe("completed")
        expect(outcome?.summary).toContain("held too long")
        expect(outcome?.success).toBe(false)
      }),
    { config: { maxHold: 60 } }
  )

  story(
    "who comes back into that goodbye is talked with, and nothing of it is in the outcome",
    (world) =>
      Effect.gen(function* () {
        const id = yield* talking(world)
        yield* says(world, "Hold on, please.")
        yield* Effect.sleep("30200 millis")
        expect(asked(world).at(-1)).toBe("goodbye")
        yield* says(world, "I am back, sorry!")
        yield* Effect.sleep("2 seconds")
        expect(asked(world).at(-1)).toBe("reply")
        world.line().callerGone()
        expect((yield* ended(world, id)).outcome?.summary).not.toContain("held too long")
      }),
    { config: { maxHold: 30 } }
  )

  story("who has been talking with us is no waiting line for one sentence, but for two", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* says(world, "Yes, how can I help?")
      yield* Effect.sleep("5 seconds")
      yield* says(world, "We have Tuesday and Wednesday.")
      yield* Effect.sleep("5 seconds")
      yield* says(world, "For a table you are number three in line.")
      yield* Effect.sleep("5 seconds")
      expect(asked(world)).toEqual(["opening", "reply", "reply", "reply"])
      expect(notes(world)).toEqual([])
      yield* says(world, "Your call is important to us.")
      expect(notes(world)).toEqual([expect.stringContaining("You are on hold")])
    })
  )

  story("what the owner says is kept until somebody is back", (world) =>
    Effect.gen(function* () {
      const id = yield* talking(world)
      yield* musicBegins(world)
      yield* world.calls.say(id, "Ask about parking too.")
      yield* Effect.sleep("10 seconds")
      expect(asked(world)).toEqual(["opening"])
      expect(notes(world).at(-1)).toContain("parking")
    })
  )

  story("a session that takes over from a lost one knows that it is on hold, and says nothing", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      yield* musicBegins(world)
      world.session().lose()
      yield* Effect.sleep("5 seconds")
      expect(world.model.sessions).toHaveLength(2)
      expect(JSON.stringify(world.session().brief.memory)).toContain("You are on hold")
      expect(asked(world)).toEqual([])
    })
  )

  story("music behind a voicemail's greeting is no hold", (world) =>
    Effect.gen(function* () {
      yield* talking(world)
      world.line().emit({ _tag: "Machine", verdict: "machine-start" })
      yield* settle
      yield* musicBegins(world)
      yield* Effect.sleep("31 seconds")
      expect(asked(world)).toContain("voicemail")
    })
  )
})

describe("4.6 words of waiting lines", () => {
  for (const [text, sense] of [
    ["One moment, please.", "wait"],
    ["Sure, let me check the calendar.", "wait"],
    ["Can you hold?", "wait"],
    ["I'll be right with you.", "wait"],
    ["Let me just get the doctor for you.", "wait"],
    ["I will go find my calendar.", "wait"],
    ["Two seconds, please.", "wait"],
    ["Okay, just a couple of minutes.", "wait"],
    ["Almost there.", "wait"],
    ["It is difficult, so bear with me.Yes, Tuesday at 2 pm works. See you then.", "words"],
    ["Let me check. Okay, so Tuesday is free.", "words"],
    ["Einen Moment. Ja, Dienstag um zwei geht.", "words"],
    ["One moment, please. I will look for him.", "wait"],
    ["One moment. Okay.", "wait"],
    ["Don't hang up.", "wait"],
    ["I will get back to you on Tuesday.", "words"],
    ["Let me get this straight.", "words"],
    ["I'll get him to call you.", "words"],
    ["It takes two minutes from the station.", "words"],
    ["We open in a few minutes.", "words"],
    ["Einen Moment bitte.", "wait"],
    ["Sekunde.", "wait"],
    ["Ja, ich hole ihn mal.", "wait"],
    ["Bin gleich wieder da.", "wait"],
    ["Ich hole es am Dienstag ab.", "words"],
    ["Je vais le chercher.", "wait"],
    ["Voy a mirar la agenda.", "wait"],
    ["Torno subito.", "wait"],
    ["Ik ben zo terug.", "wait"],
    ["Vou verificar na agenda.", "wait"],
    ["Ne quittez pas.", "wait"],
    ["Un momento, por favor.", "wait"],
    ["Un attimo, per favore.", "wait"],
    ["Een ogenblikje.", "wait"],
    ["Só um momento.", "wait"],
    ["All of our agents are currently busy.", "queue"],
    ["You are number three in the queue.", "queue"],
    ["Thank you for holding. Your call will be answered shortly.", "queue"],
    ["The estimated wait time is five minutes.", "queue"],
    ["Zur Zeit sind alle Mitarbeiter im Gespräch. Bitte legen Sie nicht auf, Ihr Anruf ist uns wichtig.", "queue"],
    ["Tous nos conseillers sont en ligne.", "queue"],
    ["Su llamada es muy importante para nosotros.", "queue"],
    ["For appointments, press 1.", "menu"],
    ["Please enter your customer number, followed by the pound key.", "menu"],
    ["For sales, say sales.", "menu"],
    ["Für Termine drücken Sie die Eins.", "menu"],
    ["Pour un rendez-vous, tapez 1.", "menu"],
    ["Para citas, pulse uno.", "menu"],
    ["Per appuntamenti, prema uno.", "menu"],
    ["Voor afspraken, toets 1.", "menu"],
    ["Hello, thank you for holding. What was it about?", "person"],
    ["Thank you for holding, this is Anna.", "person"],
    ["One moment please.Hello, are you there?", "person"],
    ["For billing, press 2. Appointments, this is Anna, how can I help?", "person"],
    ["Hallo, sind Sie noch dran?", "person"],
    ["Yes, Tuesday at 2 pm works.", "words"],
    ["I have only a minute.", "words"],
    ["The doctor works in the second building.", "words"],
    ["The current wait is about 45 minutes, is that okay for you?", "person"],
    ["All our specialists are busy on Tuesday, but Wednesday at 3 pm is free.", "words"],
    ["Prices are higher than usual.", "words"],
    ["Call volumes are higher than usual.", "queue"],
    ["The next available associate is Tom.", "words"],
    ["Der nächste freie Termin ist am Dienstag um zwei, passt das?", "person"],
    ["Die Wartezeit für einen Termin beträgt drei Wochen.", "words"],
    ["Der nächste freie Mitarbeiter ist gleich für Sie da.", "queue"],
    ["Le temps d'attente est de trois semaines.", "words"],
    ["Je peux prendre votre appel demain.", "words"],
    ["Nous allons prendre votre appel dans un délai de cinq minutes.", "queue"],
    ["No cuelgue, ahora le digo.", "wait"],
    ["En la cola no hay nadie.", "words"],
    ["Resti in linea.", "wait"],
    ["Un momento fa ho visto che martedì va bene.", "words"],
    ["Met wie spreek ik aan de lijn?", "person"],
    ["De eerste vrije plek is dinsdag.", "words"],
    ["Quem está na linha?", "person"],
    ["Permaneça na linha.", "queue"],
    ["Sorry to keep you on hold, Tuesday at 2 pm works.", "person"],
    ["Would you like me to put you through to the doctor?", "person"],
    ["Could you hold for a moment, please?", "wait"],
    ["Können Sie bitte kurz warten?", "wait"],
    ["Can you wait until Tuesday?", "person"],
    ["Hold on, who is this?", "person"],
    ["I only have one minute past two on Tuesday.", "words"],
    ["Give me a second name for the booking.", "words"],
    ["It takes one moment, the system is slow.", "words"],
    ["Just one moment, please.", "wait"],
    ["One second, sir.", "wait"],
    ["May I put you on hold for a moment?", "wait"],
    ["Transferring you now.", "wait"],
    ["Alle unsere Mitarbeiter sprechen gerade mit anderen Kunden.", "queue"],
    ["U bent nummer drie in de wachtrij.", "queue"],
    ["This is the front desk.", "person"],
    ["Sorry for the noise here, did you say Tuesday?", "person"],
    ["For a first visit I would say we need an hour.", "words"],
    ["Can you enter the code that we sent you?", "person"],
    ["You can dial our mobile number.", "words"],
    ["If you know it, you may dial the extension at any time.", "menu"],
    ["Geben Sie mir bitte Ihre Telefonnummer.", "words"],
    ["Bitte geben Sie Ihre Kundennummer ein.", "menu"],
    ["Wählen Sie bitte einen anderen Tag.", "words"],
    ["Marque su fecha preferida.", "words"],
    ["Kies een andere dag.", "words"],
    ["Marque um horário.", "words"],
    ["Sorry, this is not a valid choice. Please try again.", "words"],
    ["[MUSIC PLAYING]", "music"],
    ["(upbeat music)", "music"],
    ["♪ ♪", "music"],
    ["  ", "nothing"]
  ] as const) {
    it(`"${text}" is ${sense}`, () => expect(senseOf(text, undefined)).toBe(sense))
  }

  for (const [text, waitingFor, sense] of [
    ["Let me see. Okay. Tuesday at 2 pm works. I have written it down.", "person", "words"],
    ["Ich schaue mal im Kalender, ja, Dienstag geht.", "person", "words"],
    ["One moment, please. I'm still looking.", "person", "wait"],
    ["Please stay on the line. Somebody will help you in a few minutes.", "machine", "wait"]
  ] as const) {
    it(`"${text}", of the ${waitingFor} for whom we wait, is ${sense}`, () =>
      expect(senseOf(text, waitingFor)).toBe(sense))
  }

  it("are told from those of people only while we wait, where both may say them", () => {
    const text = "Did you know that you can also visit our website?"
    expect([senseOf(text, undefined), senseOf(text, "machine")]).toEqual(["person", "queue"])
  })
})
