/**
 * The words by which one tells who has picked up, by language: data, and no decision. Patterns are for plain text: lower case,
 * no accents, straight apostrophes, "ss" for sharp s. Any language may answer any call, so all are tried at once.
 */

/** What a pattern of each kind means. */
export interface GreetingWords {
  /** Name and reason are asked for, as call screening of phones and carriers does. */
  readonly screening: ReadonlyArray<string>
  /** Said by nothing but call screening, and asks for nothing. */
  readonly screener?: ReadonlyArray<string>
  /** A mailbox that takes no message. */
  readonly full: ReadonlyArray<string>
  /** A tone is promised: only a machine has one. */
  readonly tone: ReadonlyArray<string>
  /** Said by nothing but a voicemail. */
  readonly machine: ReadonlyArray<string>
  /** Invites a message; with `absent` or `callBack` beside it a machine does so. */
  readonly leave: ReadonlyArray<string>
  readonly absent: ReadonlyArray<string>
  readonly callBack: ReadonlyArray<string>
  /** A business's recording that puts us through, or in a queue. */
  readonly recording: ReadonlyArray<string>
  /** We are asked to wait. */
  readonly waiting: ReadonlyArray<string>
  /** Said to somebody who listens. */
  readonly person: ReadonlyArray<string>
  /** Words of a greeting or an answer that is nothing else, such as "Hello?". */
  readonly hello: ReadonlyArray<string>
}

const en: GreetingWords = {
  screening: [
    "(state|say|record|give|leave|provide|tell me) your (full )?name (and|,|after|so)[^.!?]*(why|reason|connect|available|calling|purpose|put you through)",
    "(state|say|record) your name\\b",
    "reason (for|of) (your|the|this)? ?call",
    "why you('re| are) calling"
  ],
  screener: [
    "call is being screened",
    "(using|uses) (a )?(call )?screening",
    "screening service",
    "call (assist|screening)",
    "(see|check) if (this|the) person is available"
  ],
  full: [
    "(mailbox|voicemail|inbox|memory)( box)?[^.!?]* is (now )?full",
    "(?<!\\b(i|we|you|he|she|they) )(cannot|can't|can not|not able to|unable to|does not|doesn't) (accept|take|receive|record)( any| new| more)* messages?",
    "(?<!\\b(he|she) )takes no messages",
    "(voice ?mail|mailbox|voice messaging)[^.!?]* (has not|hasn't|is not|isn't|not) (yet )?(been )?(set ?up|activated|initiali[sz]ed)",
    "(has not|hasn't) (yet )?set up (a|their|his|her|the)? ?(voice ?mail|mailbox)"
  ],
  tone: ["(after|at|following|wait for|hear) (the|a) (sound of the )?(tone|beep|signal)\\b", "the beep"],
  machine: [
    "(reached|to|is) the (voice ?mail|mail ?box|voice message|answering machine)",
    "forwarded to (an automat\\w+ |a )?(voice|answering)",
    "voice ?mail (box )?(of|for)",
    "\\w+'s (voice ?mail|mailbox|answering machine)",
    "(automatic|automated) voice (message|messaging)",
    "record your message",
    "when you('re| are| have) (finished|done) recording",
    "you may hang up or press"
  ],
  leave: [
    "leave (me |us |him |her |them )?(a|your|the)[^.!?]{0,40} (message|number)\\b",
    "leave (a|your) message",
    "you know (what to do|the drill)"
  ],
  absent: [
    "(not|isn't|aren't) (available|at home|here|in)\\b",
    "unavailable",
    "(unable|not able) to (take|answer|come|get)",
    "(can't|cannot|can not|couldn't) (come|get|make it|take|answer|pick)",
    "away from (my|the|our) (phone|desk)",
    "(we're|we are|office is|offices are) (currently |now |presently )?closed",
    "you('ve| have) reached",
    "missed your call",
    "voice ?mail"
  ],
  callBack: [
    "(get|call|ring) (right )?(back to )?you (back|as|soon|when)",
    "get back to you",
    "(return|give you) (your|a) call",
    "call(ed)? you back"
  ],
  recording: [
    "your call is (very )?important",
    "next available (agent|representative|operator|associate|member)",
    "order (it|they|in which (it|they)) (was|were) received",
    "(agents|representatives|operators|lines|associates|advisors) are (currently |all )?(busy|assisting|helping|serving)",
    "calls? (may|will|might|can|is|are) (be |being )?(recorded|monitored)",
    "estimated (wait|hold)",
    "thank you for (calling|your patience)[^?]*(please hold|stay on the line|transfer)"
  ],
  waiting: [
    "hold on|hold the line|on hold|please hold|hold please|hold, please|stay on the line|bear with me|please wait|connect you|put you through",
    "let me (check|look|see)|(one|a) (moment|second|minute)",
    "let (them|him|her) know|(see|check) if (they|he|she|(this|the) person) "
  ],
  person: [
    "who('s| is| am i)? ?(this|that|calling|speaking|there)",
    "(any|some)(body|one) there",
    "are you (still )?there",
    "can you hear me",
    "(can|may|could|do) i help",
    "help you",
    "what('s| is) (this|it) (about|regarding)",
    "would you like|do you want|(can|may|shall|could|should) i (take|have|tell|give)",
    "leave[^.!?]{0,40} with me\\b",
    "who (are you|do you)"
  ],
  hello: ["hello|hi|hey|yes|yeah|yep|hiya|howdy|good (morning|afternoon|evening|day)|there|speaking|this is (she|he)"]
}

const de: GreetingWords = {
  screening: [
    "(nennen|sagen|sprechen) sie[^.!?]* namen[^.!?]*(grund|anliegen|warum|weshalb)",
    "grund (fur )?ihre[sn]? anruf"
  ],
  full: [
    "(mailbox|anrufbeantworter|speicher|postfach) ist voll",
    "(keine|keine weiteren) nachrichten (auf|ent|hinter)"
  ],
  tone: ["(nach|mit) dem (\\w*ton|piep\\w*|signal\\w*)", "signalton|pfeifton|piepton"],
  machine: [
    "mailbox (von|des|der)|sprachbox|anrufbeantworter|voice ?mail",
    "der (angerufene )?(teilnehmer|gesprachspartner)[^.!?]*(nicht|vorubergehend)"
  ],
  leave: ["hinterlass\\w*[^.!?]*nachricht", "nachricht(en)? hinterlass", "sprechen sie[^.!?]*nachricht"],
  absent: [
    "nicht (zu hause|erreichbar|da|ans? telefon|personlich|im haus)",
    "(konnen|kann)[^.!?]* nicht (ans|entgegen|annehmen)",
    "ausserhalb unserer",
    "geschlossen"
  ],
  callBack: ["(rufe?n?|melden?)[^.!?]* zuruck", "(melde|melden)[^.!?]* bei ihnen"],
  recording: [
    "ihr anruf ist uns wichtig",
    "nachste[rn]? frei\\w* (mitarbeiter|platz|berater)",
    "alle (\\w+ )?(platze|leitungen|mitarbeiter|berater)[^.!?]* (belegt|gesprach)",
    "wartezeit|warteschleife",
    "(anruf|gesprach|telefonat)e?[^.!?]* (aufgezeichnet|mitgeschnitten|aufgenommen)"
  ],
  waiting: [
    "(ein(en)?|nen) (moment|augenblick)|bleiben sie (bitte )?(dran|am apparat|in der leitung)|ich verbinde|bitte warten|moment bitte"
  ],
  person: [
    "wer (ist|spricht) (da|dort|denn)|wer sind sie|mit wem|worum geht|kann ich (ihnen )?(helfen|etwas)|was kann ich|horen sie mich|ist da jemand|mochten sie|(nachricht|nummer)[^.!?]{0,20} bei mir"
  ],
  hello: ["hallo|ja|guten (tag|morgen|abend)|gruss gott|servus|moin|bitte"]
}

const fr: GreetingWords = {
  screening: [
    "(dites|indiquez|enoncez|donnez|enregistrez)[^.!?]* votre nom[^.!?]*(raison|motif|objet|pourquoi)",
    "(raison|motif|objet) de votre appel"
  ],
  full: [
    "(messagerie|boite vocale|boite)[^.!?]* est pleine",
    "ne peut (plus |pas )?(recevoir|enregistrer)[^.!?]* message"
  ],
  tone: ["(apres|au) (le )?(bip|signal|top|tonalite)", "bip sonore"],
  machine: [
    "(messagerie|boite) vocale|repondeur|la messagerie de",
    "votre correspondant[^.!?]*(pas|indisponible|absent)"
  ],
  leave: ["laiss\\w+[^.!?]* message"],
  absent: [
    "(pas|actuellement) (disponible|absent|joignable|la)",
    "indisponible|absente?s?\\b",
    "ne (peux|pouvons|peut) pas (vous )?(repondre|prendre)",
    "(bureaux|cabinet)[^.!?]* ferme"
  ],
  callBack: ["(rappel\\w+|recontact\\w+)"],
  recording: [
    "(tous|toutes) nos (conseill\\w+|operat\\w+|lignes|agents|collaborat\\w+)[^.!?]*(occup|ligne)",
    "votre appel est important",
    "temps d'attente|un conseiller va",
    "(appel|conversation|communication)s?[^.!?]* enregistre"
  ],
  waiting: [
    "(un|une) (instant|moment|minute|seconde)|ne quittez pas|patient\\w+|restez en ligne|je vous (passe|mets en)"
  ],
  person: [
    "qui (est a l'appareil|est-ce|etes|parle)|c'est (qui|de la part)|de la part de qui|puis-je|je peux vous aider|vous m'entendez|il y a quelqu'un|voulez-vous|c'est pour quoi|(message|numero)[^.!?]{0,20} aupres de moi"
  ],
  hello: ["allo|bonjour|bonsoir|oui|salut"]
}

const es: GreetingWords = {
  screening: [
    "(diga|grabe|indique|deje)[^.!?]* su nombre[^.!?]*(motivo|razon|por que)",
    "(motivo|razon) de su llamada"
  ],
  full: ["(buzon|casilla)[^.!?]* (esta )?llen[oa]", "no (puede|acepta|admite)[^.!?]* mensajes"],
  tone: [
    "(despues|luego) de(l| la| oir)( el| la)? ?(tono|senal|pitido|bip)",
    "al oir (el tono|la senal)",
    "(oir|escuchar|escuche) (el tono|la senal)"
  ],
  machine: [
    "buzon de voz|contestador|correo de voz|casilla de (voz|mensajes)",
    "(persona|numero|abonado|cliente)[^.!?]* (no (esta|se encuentra) disponible|al que llama)"
  ],
  leave: ["(deje|deja|dejanos|dejenos|dejame|dejar)[^.!?]* mensaje"],
  absent: [
    "no (estoy|estamos|esta|se encuentra)[^.!?]{0,20}(disponible|en casa|aqui)?",
    "no (puedo|podemos|puede) (atender|contestar|responder|coger)",
    "fuera de (servicio|horario)|cerrad[oa]s?"
  ],
  callBack: ["(devol\\w+)[^.!?]* llamada|(llamar|llamare|llamaremos|contactaremos)"],
  recording: [
    "su llamada es (muy )?importante",
    "todos nuestros (agentes|operadores|asesores|ejecutivos)",
    "tiempo (estimado )?de espera",
    "en breve (le|sera) atend",
    "(llamada|conversacion)[^.!?]* (grabad[ao]|monitoread[ao])"
  ],
  waiting: ["un (momento|momentito|segundo|minuto)|espere|no cuelgue|permanezca en|le (paso|comunico)|aguarde"],
  person: [
    "quien (es|habla|llama)|de parte de quien|en que (puedo|le puedo)|le puedo ayudar|me (oye|escucha)|hay alguien|que desea|quiere dejar|(mensaje|recado|numero)[^.!?]{0,20} conmigo"
  ],
  hello: ["hola|diga|digame|bueno|alo|si|buenos dias|buenas( tardes| noches)?|aqui"]
}

const it: GreetingWords = {
  screening: [
    "(dica|registri|indichi|lasci)[^.!?]* (suo )?nome[^.!?]*(motivo|ragione|perche)",
    "motivo della (sua )?chiamata"
  ],
  full: ["(casella|segreteria)[^.!?]* e (piena|esaurita)", "non (puo|accetta)[^.!?]* messaggi"],
  tone: ["(dopo|al) (il )?(segnale|bip|tono)", "segnale acustico"],
  machine: [
    "segreteria (telefonica)?|casella vocale",
    "(cliente|utente|persona)[^.!?]* (chiamat[oa])[^.!?]* (non|momentaneamente)"
  ],
  leave: ["lasci\\w*[^.!?]* messaggio"],
  absent: [
    "non (sono|siamo|e)[^.!?]{0,30}(disponibil|raggiungibil|in casa|presente)",
    "non (posso|possiamo|puo) (rispondere|parlare)",
    "(uffici|studio)[^.!?]* chius[io]"
  ],
  callBack: ["(richiam\\w+|ricontatt\\w+)"],
  recording: [
    "(tutti i nostri|i nostri) (operatori|consulenti)[^.!?]*(occupat|impegnat)",
    "(sua|vostra) chiamata e importante",
    "(rimanga|restate|attenda|attendere) in linea",
    "tempo di attesa",
    "(chiamata|telefonata|conversazione)[^.!?]* registrat[ao]"
  ],
  waiting: ["un (attimo|momento|secondo|minuto)|attenda|attendere|resti in linea|rimanga in linea|le passo"],
  person: [
    "chi (parla|e|sei)|con chi parlo|posso (aiutar|esser)|mi sente|c'e qualcuno|come posso|desidera|vuole lasciare|(messaggio|numero)[^.!?]{0,20} (con|a) me\\b"
  ],
  hello: ["pronto|ciao|si|buongiorno|buonasera|salve"]
}

const pt: GreetingWords = {
  screening: [
    "(diga|grave|informe|deixe)[^.!?]* (seu |o )?(seu )?nome[^.!?]*(motivo|razao|por que)",
    "motivo d[ae] (sua )?(chamada|ligacao)"
  ],
  full: ["(caixa)[^.!?]* (esta )?cheia", "nao (pode|aceita|recebe)[^.!?]* (mensagens|recados)"],
  tone: ["(apos|depois d[eo]|ao ouvir) (o )?(sinal|bip|tom)"],
  machine: [
    "caixa (postal|de correio|de mensagens)|correio de voz|secretaria eletronica|atendedor",
    "(numero|pessoa|cliente|assinante)[^.!?]* (chamou|chamado|ligou|chamada)[^.!?]* (nao|indisponivel)"
  ],
  leave: ["deix\\w+[^.!?]* (mensagem|recado)"],
  absent: [
    "nao (estou|estamos|esta|se encontra)[^.!?]{0,20}(disponivel|em casa)?",
    "indisponivel",
    "nao (posso|podemos|pode) (atender|falar)",
    "fechad[oa]s?\\b|encerrad[oa]s?\\b"
  ],
  callBack: ["retorn\\w+|ligar(ei|emos)? de volta|devolv\\w+"],
  recording: [
    "(sua|a sua) (ligacao|chamada) e (muito )?importante",
    "todos os nossos (atendentes|operadores|assistentes)",
    "tempo de espera",
    "(chamada|ligacao|conversa)[^.!?]* gravad[ao]"
  ],
  waiting: [
    "um (momento|momentinho|minuto|segundo|instante)|aguarde|nao desligue|permaneca na linha|vou (passar|transferir)"
  ],
  person: [
    "quem (fala|e|esta)|com quem (eu )?falo|posso ajudar|em que posso|esta(s)? (me )?ouvindo|tem alguem|quer deixar|o que deseja|(mensagem|recado|numero)[^.!?]{0,20} comigo"
  ],
  hello: ["alo|ola|oi|sim|estou|esta la|bom dia|boa (tarde|noite)|pronto"]
}

const nl: GreetingWords = {
  screening: [
    "(zeg|noem|spreek|geef)[^.!?]* (uw|je) naam[^.!?]*(reden|waarom|waarvoor)",
    "reden van (uw|je|het) (gesprek|telefoontje|oproep)"
  ],
  full: ["(voicemail|mailbox|postbus)[^.!?]* is vol", "kan geen (nieuwe )?berichten"],
  tone: ["na de (\\w*toon|piep|pieptoon|bliep)"],
  machine: [
    "(de )?voice ?mail van|antwoordapparaat",
    "(persoon|abonnee|nummer)[^.!?]* (belt|gebeld)[^.!?]* (niet|momenteel)"
  ],
  leave: ["(spreek|laat)[^.!?]* (bericht|boodschap)[^.!?]* (in|achter)", "(bericht|boodschap) (in te spreken|achter)"],
  absent: [
    "niet (bereikbaar|aanwezig|thuis|beschikbaar|opnemen|aan de telefoon)",
    "(kan|kunnen)[^.!?]* niet (opnemen|te woord|beantwoorden)",
    "gesloten"
  ],
  callBack: ["bel(len)?[^.!?]* terug|terugbellen|contact met (u|je) op"],
  recording: [
    "(al onze|alle) (medewerkers|lijnen)[^.!?]* (bezet|in gesprek)",
    "wachttijd|wachtrij",
    "uw (gesprek|oproep) is belangrijk",
    "(gesprek|gesprekken|oproep)[^.!?]* (wordt|worden) opgenomen"
  ],
  waiting: ["(een|een klein) (moment|momentje|ogenblik)|blijf aan de lijn|blijft u aan|ik verbind|een momentje"],
  person: [
    "met wie|wie (is|bent|belt)|kan ik (u |je )?(helpen|iets)|waarmee kan|waar gaat het over|hoort u mij|is daar iemand|wilt u|(bericht|boodschap|nummer)[^.!?]{0,20} bij mij"
  ],
  hello: ["hallo|hoi|ja|goedemorgen|goedemiddag|goedenavond|goedendag|dag|zegt u het maar"]
}

/** By language code. */
export const greetingWords: Readonly<Record<string, GreetingWords>> = { en, de, fr, es, it, pt, nl }
