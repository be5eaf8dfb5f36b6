/**
 * What a listener says without wanting the word, by language, and whether a text is nothing but that. Data first: another
 * language is another entry. Knows no call.
 */

/** All in lower case, without punctuation. Whoever says them means: go on. */
interface Sounds {
  /** Mere listening. */
  readonly listening: ReadonlyArray<string>
  /** Agreement, which is an answer once something was asked. */
  readonly agreeing: ReadonlyArray<string>
  /** What is said into somebody's goodbye. */
  readonly parting: ReadonlyArray<string>
}

const everywhere = [
  "mhm",
  "mm",
  "mmm",
  "mm hm",
  "mmhm",
  "mhmm",
  "hm",
  "hmm",
  "hmhm",
  "aha",
  "ah",
  "oh",
  "uh",
  "um",
  "er"
]

/** The days on which people who part say that they will see each other. */
const days = {
  en: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow", "next week"],
  de: ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "morgen", "nächste woche"],
  fr: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "demain"],
  es: ["el lunes", "el martes", "el miércoles", "el jueves", "el viernes", "el sábado", "el domingo", "mañana"],
  it: ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica", "domani"]
}

const until = (language: keyof typeof days, ...sayings: ReadonlyArray<string>): ReadonlyArray<string> =>
  sayings.flatMap((saying) => days[language].map((day) => `${saying} ${day}`))

const languages: Readonly<Record<string, Sounds>> = {
  en: {
    listening: ["uh huh", "uhhuh", "i see", "go on"],
    agreeing: [
      ...["okay", "ok", "right", "yeah", "yep", "yup", "yes", "sure", "alright", "all right", "got it", "of course"],
      ...["exactly", "true", "good", "great", "fine", "very well", "understood", "perfect", "wonderful", "lovely"],
      ...["excellent", "absolutely", "certainly", "sounds good", "no problem", "will do"]
    ],
    parting: [
      ...["bye", "bye bye", "goodbye", "good bye", "thanks", "thank you", "many thanks", "thank you too", "you too"],
      ...["thank you so much", "thank you very much", "thanks a lot", "thanks again", "you re welcome", "likewise"],
      ...["see you", "see you then", "take care", "have a nice day", "have a good day", "have a good one", "cheers"],
      ...["then", "now", "for now", "talk soon", "talk to you soon", "speak soon", "see you soon", "see you later"],
      ...until("en", "see you", "see you on", "until", "talk to you", "talk to you on")
    ]
  },
  de: {
    listening: ["ach so", "achso", "ach ja", "tja"],
    agreeing: [
      ...["ja", "jaja", "ja ja", "genau", "okay", "ok", "gut", "alles klar", "klar", "stimmt", "richtig", "verstehe"],
      ...["ich verstehe", "in ordnung", "sehr gut", "gerne", "perfekt", "super", "prima", "wunderbar", "kein problem"],
      ...["mach ich", "wird gemacht", "alles gut"]
    ],
    parting: [
      ...["tschüss", "tschüs", "tschau", "ciao", "auf wiederhören", "auf wiedersehen", "wiederhören", "danke"],
      ...["vielen dank", "danke schön", "danke gleichfalls", "ebenso", "schönen tag", "schönen tag noch", "bis dann"],
      ...["ihnen auch", "danke ihnen", "danke ihnen auch", "gleichfalls", "bitte", "bitte schön", "dann", "bis bald"],
      ...["einen schönen tag", "machen sie s gut", "servus", "ade", ...until("de", "bis", "dann bis", "bis zum")]
    ]
  },
  fr: {
    listening: ["ah bon", "euh", "ben"],
    agreeing: [
      "oui",
      "ouais",
      "d accord",
      "okay",
      "ok",
      "bien",
      "très bien",
      "voilà",
      "c est ça",
      "bien sûr",
      "je vois",
      "parfait",
      "super",
      "pas de problème",
      "entendu"
    ],
    parting: [
      ...["au revoir", "merci", "merci beaucoup", "bonne journée", "à bientôt", "salut", "merci au revoir", "à vous"],
      ...["de même", "à vous aussi", "vous aussi", "je vous en prie", "alors", "merci à vous", ...until("fr", "à")]
    ]
  },
  es: {
    listening: ["ajá", "eh", "pues"],
    agreeing: [
      "sí",
      "si",
      "vale",
      "okay",
      "ok",
      "claro",
      "bueno",
      "bien",
      "muy bien",
      "de acuerdo",
      "exacto",
      "ya",
      "perfecto"
    ],
    parting: [
      ...["adiós", "gracias", "muchas gracias", "hasta luego", "chao", "igualmente", "buen día", "de nada", "a usted"],
      ...["gracias a usted", "pues", "entonces", "hasta pronto", "nos vemos", ...until("es", "hasta", "nos vemos")]
    ]
  },
  it: {
    listening: ["eh", "beh", "ah ecco"],
    agreeing: [
      "sì",
      "si",
      "okay",
      "ok",
      "certo",
      "va bene",
      "bene",
      "giusto",
      "esatto",
      "capisco",
      "d accordo",
      "perfetto"
    ],
    parting: [
      ...["arrivederci", "ciao", "grazie", "grazie mille", "buona giornata", "altrettanto", "a presto", "prego"],
      ...["a lei", "grazie a lei", "anche a lei", "allora", "ci vediamo", ...until("it", "a", "ci vediamo")]
    ]
  }
}

export type Kind = keyof Sounds

/** The words of a text, in lower case and without punctuation. */
export const wordsOf = (text: string): ReadonlyArray<string> => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** More words than this are a sentence. */
const most = 8

const isMadeOf = (words: ReadonlyArray<string>, phrases: ReadonlySet<string>): boolean =>
  words.length === 0 ||
  words.some((_, last) => phrases.has(words.slice(0, last + 1).join(" ")) && isMadeOf(words.slice(last + 1), phrases))

/**
 * Whether a text consists of words of these kinds alone. English is understood beside any language; a text with a question
 * mark is a question, whatever its words.
 */
export const isBackChannel = (text: string, language: string, kinds: ReadonlyArray<Kind>): boolean => {
  const words = wordsOf(text)
  if (words.length === 0 || words.length > most || kinds.length === 0 || /[?？]/.test(text)) return false
  const spoken = [languages[language.slice(0, 2).toLowerCase()], languages.en]
  return isMadeOf(
    words,
    new Set([...everywhere, ...spoken.flatMap((said) => kinds.flatMap((kind) => said?.[kind] ?? []))])
  )
}
