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
  wait: /\b(hold on|hang on|hold the line|(put|place|putting|placing) you on hold|please hold|hold,? please|stay on the line|bear with me|be right (with you|back|there)|(almost|nearly) there|(don't|do not) (hang up|go away)|(let me|i'll|i will) (just |quickly )?(check|look|see|ask)|(let me|i'll|i will) (just |quickly )?(go )?(get|fetch|grab|find|pull up) (?!(this|that|it|these|those|you|back)\b)(?![^.!?]*\b(call|ring|phone|back)\b)\w+|(i'm|i am) (still |just )*(looking|checking)|(i will|i'll|let me|going to|try to) (just )?(connect|transfer) you|putting you through|(transferring|connecting) you|(i will|i'll|let me|going to) (just )?put you through)\b|\b(?<!\b(have|has|had|takes?|took|only|past|at|in|every) )one (moment|second|minute|sec)\b(?=[\s,]*($|[.!?…,;-]|please|while|i\b|let|sir|ma'?am|for (you|me)))|\b(just a|just one|wait a|half a|give me (just )?(a|one)) (moment|second|minute|sec)\b(?! (name|time|number|date|choice|option|past|later|ago))|\ba moment,? please\b|(^|[.,!?] ?)(just |give me |only )*(two|three|a few|(a )?couple of) (moments|seconds|secs|minutes)(,? please)?\s*($|[.!,])/i,
  queue:
    /\byour call is (very )?(important|valuable)|\b(number|caller|position) \w+ in (the |our )?(line|queue)|\byour (position|place) in (the|our) (queue|line)|\b(all|our) [^.!?]{0,30}(agents|representatives|operators|associates|advisors|lines|assistants|specialists) are (currently |still |all |now )*(busy|unavailable|assisting|helping|serving|engaged|on other|with other)\b(?! (on|until|till|this|next|today|tomorrow)\b)|\b(estimated|expected|approximate) (wait|hold|waiting)|\b(wait|hold|waiting) time is\b[^.!?]{0,30}\bminutes?|\bnext (available|free) (agent|representative|operator|associate|advisor|colleague|member|person)\b(?! (is|has)\b)|\b(calls?|you) will be answered (shortly|soon|in|by|as)|\b(continue to hold|remain on the line)\b|\b(calls?|wait|hold|volumes?)\b[^.!?]{0,30}\bhigher than (normal|usual)\b|\bhigher than (normal|usual) (call|wait|hold|volume)|\bin the order\b[^.!?]{0,20}\breceived\b/i,
  chatter:
    /\bdid you know\b|\b(visit|on|at|see) our (website|web site|app)\b|\bwww\b|\bpatience\b|\b(recorded|monitored)\b[^.!?]*\b(purposes|training|quality)\b|\bthank you for (calling|your call)\b|\bbe with you (shortly|soon|as soon)\b/i,
  menu: /\b(press|dial|push|hit|touch|select)\b (the )?(number |key |button )?(\d|zero|one|two|three|four|five|six|seven|eight|nine|star|pound|hash)\b(?! more\b)|(^|[,;:]|\b(please|now|then|or|and|you (can|may)))\s*(enter|key in|type in|dial) [^.!?]{0,40}\b(code|pin|digits|extension|pound|hash)\b|(^|[,;:]|\b(please|now|then|or|and))\s*(enter|key in|type in|dial) [^.!?]{0,40}\bnumber\b|\bfor (?:(?!\b(i|we|you|he|she|they|did|would|can)\b)[^.!?]){1,60}\b(say|press) /i,
  person:
    /\bhow (can|may) i help\b|\b(for|you) (holding|waiting)[,.!]? ?(this|how|my|i|what|are)\b|\b(hello|hi)\b|\b(keep|keeping|kept) you (on hold|waiting)\b|\b(this is|my name is|it's|i am|i'm) (?!being |not |an? (invalid|automated|recorded|recording)|invalid|incorrect|still )\w+|\bspeaking\b|\b(i am|i'm) back\b|\bstill there\b/i
}

const german: Phrases = {
  wait: /(einen|ein|kleinen|klitzekleinen) (moment|augenblick)|moment (mal|bitte)|augenblick,? bitte|(^|[.,!?] ?)((nur |noch )?(eine |'?ne |kleine )?(sekunde|minute)|(zwei|drei|ein paar) (sekunden|minuten|momente))(,? bitte)?\s*($|[.!,])|(bin|ich bin) (gleich|sofort) (wieder )?(da|zurück|bei ihnen|für sie da)|legen sie (bitte )?nicht auf|\bich (hole?|suche?) (?![^.!?]*\bab\b)\w+|\bwarten sie (bitte|kurz|mal|einen)|bleiben sie (bitte )?(dran|kurz dran)|\bich (schaue?|sehe?|gucke?|frage?) (da |mal |kurz |eben |schnell )*(nach|im|in|rein)|\bich verbinde|\bbitte warten|\bin die warteschleife/i,
  queue:
    /ihr anruf ist uns|\b(alle|unsere) [^.!?]{0,30}(mitarbeiter|plätze|leitungen|berater|kollegen)\p{L}* [^.!?]{0,40}(gespräch|besetzt|belegt|beschäftigt|telefon|anderen (kunden|anrufern))|warteschlange|nächste[rn]? freie[rn]? (mitarbeiter|platz|berater|kolleg|leitung|ansprechpartner)|(voraussichtliche|geschätzte|ungefähre) wartezeit|wartezeit[^.!?]{0,40}minute|bleiben sie (bitte )?(in der leitung|am apparat)|gleich (persönlich )?für sie da|sie werden (gleich |sofort |in kürze |nun )?verbunden/iu,
  chatter: /\bgeduld\b|wussten sie|unserer (website|webseite|internetseite)|aufgezeichnet/i,
  menu: /\bdrücken sie (?!mir|uns)|\b(wählen|tippen) sie (bitte |jetzt |dann |auf )*(die )?(\d|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|null|taste|ziffer)|\bdie (\d|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|null)\b[^.!?]{0,15}(drücken|wählen)|\bgeben sie (?!(bitte )?(mir|uns))[^.!?]{0,40}(nummer|pin|ziffern|zahl)|raute|sterntaste/i,
  person:
    /\b(hallo|guten tag|grüezi|servus)\b|was kann ich|wie kann ich|da bin ich wieder|noch dran|mein name|fürs warten/i
}

const french: Phrases = {
  wait: /\b(un|une) (petit |petite )?(instant|moment|minute|seconde)\b(?! (après|avant|de|libre))|ne quittez pas|patientez|\bje (vais )?(vérifie|regarde)|(mets|êtes) en attente|\bje vous (le |la )?passe\b|ne raccrochez pas|\bje reviens (tout )?de suite|\bje (vais|dois) (le |la |les |vous )?(chercher|demander|voir)\b/i,
  queue:
    /votre appel est|tous nos (conseillers|agents|opérateurs|collaborateurs)|file d.attente|temps d.attente (estimé|prévu)|temps d.attente[^.!?]{0,30}minute|(prochain|premier) (conseiller|agent|opérateur)|restez en ligne|\b(va|vont|allons|pouvons|peut|peuvent) (prendre|répondre à) votre appel/i,
  menu: /\b(tapez|appuyez sur|composez) (la touche |le )?(\d|un|deux|trois|quatre|cinq|six|sept|huit|neuf|zéro|étoile|dièse)\b(?! autre)|\bfaites (le )?(\d|zéro|étoile|dièse)|\bfaites le (un|deux|trois|quatre|cinq|six|sept|huit|neuf)|saisissez/i,
  person: /\ballô|\bbonjour\b|d.avoir patienté|que puis-je|me revoilà/i
}

const spanish: Phrases = {
  wait: /\bun (momento|momentito|segundo|minuto)\b(?! (más|después|antes|libre|fa|prima|dopo|libero))|\bespere\b|no cuelgue|\bdéjeme (ver|comprobar|mirar|revisar)|(pongo|dejo|está) en espera|\b(le|la) (paso|comunico)\b|(ahora|enseguida) (mismo )?(vuelvo|le atiend)|\bvoy a (buscar|mirar|preguntar|comprobar)/i,
  queue:
    /su llamada es|todos nuestros (agentes|operadores|asesores|representantes)|(número|posición|puesto|lugar|llamada)[^.!?]{0,30} en (la|nuestra) (cola|fila)|tiempo estimado de espera|tiempo de espera[^.!?]{0,30}minuto|permanezca en (la )?(línea|espera)|(próximo|primer) (agente|operador|asesor)|llamada será atendid|será atendid[oa] en /i,
  menu: /\b(pulse|presione|marque|oprima|digite) (el |la tecla )?(\d|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|cero|asterisco|almohadilla|numeral)|(introduzca|ingrese|marque) (su|el|la) [^.!?]{0,40}(número|código|pin\b|extensión|clave)/i,
  person: /\bhola\b|\bdígame\b|gracias por esperar|en qué puedo|sigue ahí/i
}

const italian: Phrases = {
  wait: /\bun (attimo|momento|secondo|minuto)\b(?! (más|después|antes|libre|fa|prima|dopo|libero))|\b(attenda|aspetti)\b|\b(mi faccia|mi lasci|fammi) (vedere|controllare)|la metto in attesa|(resti|rimanga|restate) in linea|glie(lo|la) passo|\btorno subito|non riattacchi|\bvado a (chiamare|prendere|cercare|vedere|chiedere)/i,
  queue:
    /(chiamata|telefonata) è (molto )?importante|tutti i nostri (operatori|agenti)|\b(lei è|siete|sei) in coda|(numero|posizione|chiamata)[^.!?]{0,30} in coda|tempo di attesa (stimato|previsto)|tempo di attesa[^.!?]{0,30}minut|primo operatore/i,
  menu: /\b(prema|premere|premi|digiti|digitare) (il )?(tasto )?(\d|uno|due|tre|quattro|cinque|sei|sette|otto|nove|zero|asterisco|cancelletto)|\b(inserisca|digiti) il /i,
  person: /\bpronto\b|\bbuongiorno\b|\beccomi\b|come posso|per l.attesa, /i
}

const dutch: Phrases = {
  wait: /(een|één) (moment|ogenblik|seconde|minuut)\b(?! (geleden|later|na|over|vrij))|ogenblikje|momentje|blijft? u? ?(even )?(hangen|aan de lijn)|zet u (even )?in de wacht\b|\bik (kijk|vraag|haal|pak|zoek) (het |dat |hem |haar )?even|ik verbind u|\bik (ben|kom) (zo|direct) (weer )?(terug|bij u)/i,
  queue:
    /uw (gesprek|telefoontje) is|al onze medewerkers|\bu (staat|bent) [^.!?]{0,20}in de wacht(rij)?\b|wachttijd[^.!?]{0,30}minu|(volgende|eerste) (beschikbare|vrije) (medewerker|collega)/i,
  menu: /\b(druk|toets|kies)( op)?( een)? (\d|één|een(?! (ander|dag|datum|tijd))|twee|drie|vier|vijf|zes|zeven|acht|negen|nul|ster|hekje)\b/i,
  person: /\bhallo\b|\bgoedemorgen\b|\bgoedemiddag\b|waarmee kan ik|voor het wachten|bent u er nog/i
}

const portuguese: Phrases = {
  wait: /\b(um|só um) (momento|momentinho|instante|minuto|minutinho|segundo)\b(?! (atrás|depois|antes|livre))|\baguarde\b|\bdeixe-me (ver|verificar)|(colocar|coloco|ponho) em espera|\bjá volto|não desligue|\bvou (chamar|buscar|verificar|perguntar)/i,
  queue:
    /su?a (chamada|ligação) é|todos os nossos (agentes|operadores|atendentes)|(número|posição|lugar|chamada)[^.!?]{0,30} na fila|tempo de espera (estimado|previsto)|tempo de espera[^.!?]{0,30}minuto|(permaneça|continue|fique) na linha|pelo (próximo|primeiro) (agente|atendente|operador)|(próximo|primeiro) (agente|atendente|operador) (disponível|livre)/i,
  menu: /\b(pressione|digite|tecle|disque|marque|prima) (o |a tecla )?(\d|um(?! (horário|outro|dia|novo))|dois|três|quatro|cinco|seis|sete|oito|nove|zero|asterisco|jogo da velha|cardinal)\b/i,
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

/** The only questions that ask us to wait; every other one wants an answer. */
const asksToWait =
  /\b((can|could|would|will) you (please |just )*(hold|wait|bear with me)( on)?( the line)?( for)?( just)?( a| one)?( moment| minute| second| sec)?|(put you on hold|you mind (holding|waiting))[^?]{0,20}|(können|könnten|würden) sie [^?]{0,30}warten|(pouvez|pourriez)-vous [^?]{0,20}(patienter|attendre)|(puede|podría) [^?]{0,20}esperar|(può|potrebbe) [^?]{0,20}(attendere|aspettare)|(kunt|zou) u [^?]{0,20}wachten|pod(e|eria) [^?]{0,20}(aguardar|esperar))(,? (please|bitte|por favor))?\s*\?$/i

const senseOfSentence = (sentence: string, onHold: boolean): Sense => {
  const asks = question.test(sentence)
  if (asks && asksToWait.test(sentence)) return "wait"
  if (!asks && says("queue", sentence)) return "queue"
  if (says("menu", sentence)) return onHold && says("wait", sentence) ? "queue" : "menu"
  if (!asks && says("wait", sentence)) return "wait"
  // politeness of a recording: "Did you know that …?"
  if (onHold && says("chatter", sentence) && !says("person", sentence)) return "queue"
  return asks || says("person", sentence) ? "person" : "words"
}

/** Where the last words stop that ask us to wait; 0: there are none. */
const endOfWait = (text: string): number =>
  Math.max(
    0,
    ...languages.flatMap(({ wait }) =>
      [...text.matchAll(new RegExp(wait, "gi"))].map(({ 0: { length }, index }) => index + length)
    )
  )

/** "Let me see. Okay. Tuesday at 2 pm works.": behind the words of waiting comes what we have waited for. */
const goesOn = (text: string): boolean =>
  (/[.,!;:…](.*)$/s.exec(text.slice(endOfWait(text)))?.[1]?.match(/[\p{L}\p{N}]+/gu) ?? []).length >= 3

/** How somebody begins who has what was asked for: "Bear with me. Yes, Tuesday works." */
const answers =
  /^(yes|yeah|yep|no|nope|okay|ok|so|well|right|all right|alright|got it|ja|nein|also|gut|oui|non|alors|bon|sí|bueno|sì|allora|sim|então|nee)\b/iu

/** Behind the words of waiting comes an answer, in the same breath. */
const hasAnswer = (text: string): boolean =>
  goesOn(text) &&
  text
    .slice(endOfWait(text))
    .split(/[.!?]+/)
    .slice(1)
    .some((sentence) => answers.test(sentence.trim()))

/**
 * What kind of words these are: of the last sentence that tells, since a recording that ends with a person's question is over.
 * `waitingFor`: who keeps us on hold. Then we are less easily believed to be talked to; but a person who looks something up tells us
 * in the same breath what they have found.
 */
export const senseOf = (text: string, waitingFor: "person" | "machine" | undefined): Sense => {
  const spoken = text.replace(/’/g, "'").trim()
  if (spoken === "") return "nothing"
  if (music.test(spoken)) return "music"
  const sentences = spoken.match(/[^.!?]+[.!?]*/g) ?? [spoken]
  const senses = sentences.map((sentence) => senseOfSentence(sentence.trim(), waitingFor !== undefined))
  const sense = senses.findLast((sense) => sense !== "words") ?? "words"
  const isOver = waitingFor === "person" ? goesOn(spoken) : waitingFor === undefined && hasAnswer(spoken)
  return sense === "wait" && isOver ? "words" : sense
}
