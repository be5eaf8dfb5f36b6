/**
 * What waiting lines, menus and people who come back say, in the languages we know. Data, and the one question it answers: what
 * kind of words these are. All languages are tried: nobody knows in which a line answers.
 */

interface Phrases {
  /** Somebody asks us to wait. */
  readonly wait: RegExp
  /** A recording while we wait: only a machine says so. */
  readonly queue: RegExp
  /** What recordings say too, but people as well: counts only while we wait. */
  readonly chatter?: RegExp
  /** An option of a menu, or a number to be typed in. */
  readonly menu: RegExp
  /** Only somebody who talks to us says so; and every question. */
  readonly person: RegExp
}

const english: Phrases = {
  wait: /\b(hold on|hang on|hold the line|on hold|please hold|hold,? please|(can|could|would) you hold|stay on the line|bear with me|let me (just |quickly )?(check|look|see)|(i will|i'll|let me|to|try to) (connect|transfer) you|putting you through|put you through)\b|\b(one|just a|give me a|wait a|half a) (moment|second|minute|sec)\b|\ba moment,? please\b/i,
  queue:
    /\byour call is (very )?(important|valuable)|\b(number|caller|position) \w+ in (the |our )?(line|queue)|\byour (position|place) in (the|our) (queue|line)|\b(all|our) [^.!?]{0,30}(agents|representatives|operators|associates|advisors|lines|assistants|specialists) are (currently |still |all |now )*(busy|unavailable|assisting|helping|serving|engaged|on other|with other)|\b(estimated|expected|average|approximate|current) (wait|hold|waiting)|\bnext (available|free) (agent|representative|operator|associate|advisor|colleague|member|person)|\bwill be answered (shortly|soon|in|by|as)|\b(continue to hold|remain on the line)\b|\bhigher than (normal|usual)\b|\bin the order\b[^.!?]{0,20}\breceived\b/i,
  chatter:
    /\bdid you know\b|\b(visit|on|at|see) our (website|web site|app)\b|\bwww\b|\bpatience\b|\b(recorded|monitored)\b[^.!?]*\b(purposes|training|quality)\b|\bthank you for (calling|your call)\b|\bbe with you (shortly|soon|as soon)\b/i,
  menu: /\b(press|dial|push|hit|touch|select)\b (the )?(number |key |button )?(\d|zero|one|two|three|four|five|six|seven|eight|nine|star|pound|hash)\b|\b(enter|key in|type in|dial) [^.!?]{0,40}\b(number|code|pin|digits|extension|pound|hash)\b|\bfor [^.!?]{1,60}\b(say|press) /i,
  person:
    /\bhow (can|may) i help\b|\b(for|you) (holding|waiting)[,.!]? ?(this|how|my|i|what|are)\b|\b(hello|hi)\b|\b(this is|my name is|it's|i am|i'm) (?!being |a recording|an automated)\w+|\bspeaking\b|\b(i am|i'm) back\b|\bstill there\b/i
}

const german: Phrases = {
  wait: /(einen|ein|kleinen|klitzekleinen) (moment|augenblick)|moment (mal|bitte)|augenblick,? bitte|\bwarten sie (bitte|kurz|mal|einen)|bleiben sie (bitte )?(dran|kurz dran)|\bich (schaue?|sehe?|gucke?|frage?) (da |mal |kurz |eben |schnell )*(nach|im|in|rein)|\bich verbinde|\bbitte warten|warteschleife/i,
  queue:
    /ihr anruf ist uns|\b(alle|unsere) [^.!?]{0,30}(mitarbeiter|plätze|leitungen|berater|kollegen)\p{L}* (sind|sprechen|befinden|im)|warteschlange|nächste[rn]? freie|wartezeit|bleiben sie (bitte )?(in der leitung|am apparat)|gleich (persönlich )?für sie da|sie werden (gleich |sofort |in kürze |nun )?verbunden/iu,
  chatter: /\bgeduld\b|wussten sie|unserer (website|webseite|internetseite)|aufgezeichnet/i,
  menu: /\b(drücken|wählen|tippen) sie\b|\bdie (\d|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|null)\b[^.!?]{0,15}(drücken|wählen)|\bgeben sie [^.!?]{0,40}(nummer|pin|ziffern|zahl)|raute|sterntaste/i,
  person:
    /\b(hallo|guten tag|grüezi|servus)\b|was kann ich|wie kann ich|da bin ich wieder|noch dran|mein name|fürs warten/i
}

const french: Phrases = {
  wait: /\b(un|une) (petit |petite )?(instant|moment|minute|seconde)\b|ne quittez pas|patientez|\bje (vais )?(vérifie|regarde)|en attente|\bje vous (le |la )?passe\b/i,
  queue:
    /votre appel est|tous nos (conseillers|agents|opérateurs|collaborateurs)|file d.attente|temps d.attente|(prochain|premier) (conseiller|agent|opérateur)|restez en ligne|(prendre|répondre à) votre appel/i,
  menu: /\b(tapez|appuyez sur|composez|faites) (la touche |le )?(\d|un|deux|trois|quatre|cinq|six|sept|huit|neuf|zéro|étoile|dièse)|saisissez/i,
  person: /\ballô|\bbonjour\b|d.avoir patienté|que puis-je|me revoilà/i
}

const spanish: Phrases = {
  wait: /\bun (momento|momentito|segundo|minuto)\b|\bespere\b|\bdéjeme (ver|comprobar|mirar|revisar)|en espera|\b(le|la) (paso|comunico)\b/i,
  queue:
    /su llamada es|todos nuestros (agentes|operadores|asesores|representantes)|en (la|nuestra) (cola|fila)|tiempo (estimado )?de espera|permanezca en|no cuelgue|(próximo|primer) (agente|operador|asesor)|será atendid/i,
  menu: /\b(pulse|presione|marque|oprima|digite) (el |la tecla )?(\d|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|cero|asterisco|almohadilla|numeral)|(introduzca|ingrese|marque) (su|el) /i,
  person: /\bhola\b|\bdígame\b|gracias por esperar|en qué puedo|sigue ahí/i
}

const italian: Phrases = {
  wait: /\bun (attimo|momento|secondo|minuto)\b|\b(attenda|aspetti)\b|\b(mi faccia|mi lasci|fammi) (vedere|controllare)|la metto in attesa|glie(lo|la) passo/i,
  queue:
    /(chiamata|telefonata) è (molto )?importante|tutti i nostri (operatori|agenti)|in coda|tempo di attesa|(resti|rimanga|restate) in linea|primo operatore/i,
  menu: /\b(prema|premere|premi|digiti|digitare) (il )?(tasto )?(\d|uno|due|tre|quattro|cinque|sei|sette|otto|nove|zero|asterisco|cancelletto)|\b(inserisca|digiti) il /i,
  person: /\bpronto\b|\bbuongiorno\b|\beccomi\b|come posso|per l.attesa, /i
}

const dutch: Phrases = {
  wait: /(een|één) (moment|ogenblik|seconde|minuut)|ogenblikje|momentje|blijft? u? ?(even )?hangen|\bik (kijk|vraag) (het |dat )?even|ik verbind u/i,
  queue:
    /uw (gesprek|telefoontje) is|al onze medewerkers|in de wacht|wachttijd|aan de lijn|(volgende|eerste) (beschikbare|vrije)/i,
  menu: /\b(druk|toets|kies)( op)?( een)? (\d|één|een|twee|drie|vier|vijf|zes|zeven|acht|negen|nul|ster|hekje)\b/i,
  person: /\bhallo\b|\bgoedemorgen\b|\bgoedemiddag\b|waarmee kan ik|voor het wachten|bent u er nog/i
}

const portuguese: Phrases = {
  wait: /\b(um|só um) (momento|momentinho|instante|minuto|minutinho|segundo)\b|\baguarde\b|\bdeixe-me (ver|verificar)|em espera/i,
  queue:
    /su?a (chamada|ligação) é|todos os nossos (agentes|operadores|atendentes)|na fila|tempo de espera|na linha|(próximo|primeiro) (agente|atendente|operador)/i,
  menu: /\b(pressione|digite|tecle|disque|marque|prima) (o |a tecla )?(\d|um|dois|três|quatro|cinco|seis|sete|oito|nove|zero|asterisco|jogo da velha|cardinal)\b/i,
  person: /\b(olá|alô|bom dia|boa tarde)|obrigad[ao] por (esperar|aguardar)|em que posso/i
}

const languages = [english, german, french, spanish, italian, dutch, portuguese]

/** What transcribers write when they hear music: a word in brackets, notes, or both. */
const music =
  /^[\s[\](){}*♪♫♬🎵🎶.…~-]*((hold|upbeat|soft|gentle|background|phone|elevator) )*(music|musik|musique|música|musica|muziek|instrumental|jingle)?( (playing|plays|continues|fades))?[\s[\](){}*♪♫♬🎵🎶.…~-]*$/iu

export type Sense =
  /** No words. */
  | "nothing"
  | "music"
  /** Somebody asks us to wait. */
  | "wait"
  /** A recording of a waiting line. */
  | "queue"
  | "menu"
  /** Words for us, for all we know. */
  | "words"
  /** Words that only a person says, to us. */
  | "person"

const says = (kind: keyof Phrases, sentence: string): boolean =>
  languages.some((language) => language[kind]?.test(sentence) === true)

const question = /\?\s*$/

const senseOfSentence = (sentence: string, onHold: boolean): Sense => {
  if (says("queue", sentence)) return "queue"
  if (says("menu", sentence)) return onHold && says("wait", sentence) ? "queue" : "menu"
  if (says("wait", sentence)) return "wait"
  if (says("person", sentence)) return "person"
  if (onHold && says("chatter", sentence)) return "queue"
  return question.test(sentence) ? "person" : "words"
}

/**
 * What kind of words these are: of the last sentence that tells, since a recording that ends with a person's question is over.
 * `onHold`: we wait already, and are less easily believed to be talked to.
 */
export const senseOf = (text: string, onHold: boolean): Sense => {
  const spoken = text.replace(/’/g, "'").trim()
  if (spoken === "") return "nothing"
  if (music.test(spoken)) return "music"
  const senses = (spoken.match(/[^.!?]+[.!?]*/g) ?? [spoken]).map((sentence) => senseOfSentence(sentence, onHold))
  return senses.findLast((sense) => sense !== "words") ?? "words"
}
