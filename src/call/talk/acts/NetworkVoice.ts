/**
 * What the network's own voice says where no model is there to speak, in the language of the call (facts/twilio.md 6). Twilio
 * names languages with a country; of those we do not know, English is said.
 */
import type { Announcement } from "../../../Telephone.ts"

const english = {
  language: "en-US",
  wait: "One moment, please.",
  apology: "I am sorry, we have a technical problem and must end this call. Goodbye.",
  farewell: "Thank you. Goodbye."
}

const spoken: Readonly<Record<string, typeof english>> = {
  en: english,
  de: {
    language: "de-DE",
    wait: "Einen Moment, bitte.",
    apology: "Es tut mir leid, wir haben ein technisches Problem und müssen das Gespräch beenden. Auf Wiederhören.",
    farewell: "Vielen Dank. Auf Wiederhören."
  },
  fr: {
    language: "fr-FR",
    wait: "Un instant, s'il vous plaît.",
    apology: "Je suis désolé, nous avons un problème technique et devons mettre fin à cet appel. Au revoir.",
    farewell: "Merci. Au revoir."
  },
  es: {
    language: "es-ES",
    wait: "Un momento, por favor.",
    apology: "Lo siento, tenemos un problema técnico y debemos terminar esta llamada. Adiós.",
    farewell: "Gracias. Adiós."
  },
  it: {
    language: "it-IT",
    wait: "Un momento, per favore.",
    apology: "Mi dispiace, abbiamo un problema tecnico e dobbiamo terminare questa chiamata. Arrivederci.",
    farewell: "Grazie. Arrivederci."
  },
  pt: {
    language: "pt-PT",
    wait: "Um momento, por favor.",
    apology: "Peço desculpa, temos um problema técnico e temos de terminar esta chamada. Adeus.",
    farewell: "Obrigado. Adeus."
  },
  nl: {
    language: "nl-NL",
    wait: "Een ogenblik, alstublieft.",
    apology: "Het spijt me, we hebben een technisch probleem en moeten dit gesprek beëindigen. Tot ziens.",
    farewell: "Dank u. Tot ziens."
  }
}

/** Countries of these languages for which Twilio has a voice of its own. */
const regional: ReadonlySet<string> = new Set(["en-GB", "en-AU", "en-CA", "en-IN", "fr-CA", "es-MX", "pt-BR"])

/** `language` as it is configured, such as `de-CH`. */
export const networkSays = (what: "wait" | "apology" | "farewell", language: string): Announcement => {
  const found = spoken[language.split("-")[0] ?? ""] ?? english
  return { text: found[what], language: regional.has(language) ? language : found.language }
}
