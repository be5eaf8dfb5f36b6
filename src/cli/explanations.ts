/**
 * What the error codes of Twilio, of the carriers behind it and of OpenAI mean, and what to do about each: the one table,
 * for `phone doctor`, for calls that failed, and for docs/errors.md (facts/twilio.md 2, facts/openai-realtime.md 1.2, 4.7).
 */
export interface Explanation {
  readonly means: string
  readonly fix: string
}

type Table = Readonly<Record<string, Explanation>>

const checkPair = "copy Account SID and Auth Token of the same account again, from the front page of the Twilio console"
const openTheWay = "make sure that the service runs and that webhookHost leads to webhookPort"
const seeTunnel = "use a tunnel or proxy that passes WebSockets through, and keep it running"
const correctNumber = "write the number as + and country code, and check it by dialling it yourself"
const ours = "report it: Phone sent something that Twilio does not take"
const later = "try again in a minute; if it stays, look at status.twilio.com"

export const twilioCodes: Table = {
  10001: { means: "the Twilio account is not active", fix: "reactivate it in the Twilio console" },
  10004: {
    means: "the account has as many calls at once as it may",
    fix: "wait for one to end, or ask Twilio for more"
  },
  11200: { means: "Twilio got no usable answer from our webhook (an error, or none in 15 s)", fix: openTheWay },
  11205: { means: "Twilio could not connect to our webhook", fix: openTheWay },
  11210: { means: "the host name of webhookHost does not exist in the DNS", fix: "correct webhookHost" },
  11215: { means: "our webhook was redirected too often", fix: "set webhookHost to where the redirects end" },
  11220: { means: "TLS with webhookHost failed", fix: "give it a certificate that browsers accept" },
  11235: {
    means: "the certificate of webhookHost is not for this host name",
    fix: "correct certificate or webhookHost"
  },
  11236: { means: "the certificate of webhookHost has been revoked", fix: "install a new certificate" },
  11237: { means: "nobody that Twilio trusts has signed the certificate", fix: "install one of a public authority" },
  11750: {
    means: "what webhookHost answered is longer than 64 kB",
    fix: "see what stands between: it is not from Phone"
  },
  12100: {
    means: "what webhookHost answered is no XML",
    fix: "see what stands between, such as a tunnel's warning page"
  },
  12200: { means: "Twilio does not know an instruction in our answer", fix: ours },
  12300: { means: "webhookHost answered with another content type than XML", fix: "see what stands between" },
  13224: { means: "the number to transfer to is not valid", fix: "correct transferTo" },
  13225: { means: "Twilio blocks calls to the number to transfer to", fix: "choose another transferTo" },
  13227: {
    means: "the country of the number to transfer to is off in the account's voice geographic permissions",
    fix: "switch it on in the Twilio console: Voice, Settings, Geo permissions"
  },
  13805: { means: "a trial account's call has reached its 10 minutes", fix: "upgrade the Twilio account" },
  15002: {
    means: "Twilio's news of the call came too late, since we answered slowly",
    fix: "give the machine more room"
  },
  16101: { means: "the recording is too short to be kept", fix: "nothing: there was hardly a call" },
  20003: { means: "Twilio does not accept accountSid and authToken together", fix: checkPair },
  20005: { means: "the Twilio account is not active", fix: "reactivate it in the Twilio console" },
  20008: { means: "these are test credentials, which cannot make calls", fix: "use those of the live account" },
  20404: { means: "Twilio has no such thing in this account", fix: checkPair },
  20429: { means: "too many requests to Twilio at once", fix: "try again in a minute, with fewer calls at a time" },
  20500: { means: "something broke at Twilio", fix: later },
  20503: { means: "Twilio is not available at the moment", fix: later },
  21201: { means: "Twilio was given no number to call", fix: ours },
  21202: { means: "the number is a premium one", fix: "call another number" },
  21203: { means: "international calls are off for this account", fix: "switch them on in the Twilio console" },
  21205: {
    means: "webhookHost makes no valid URL for Twilio",
    fix: "correct webhookHost; Twilio takes no _ in host names"
  },
  21208: { means: "Twilio does not take our ring time-out", fix: "set ringTimeout within its bounds" },
  21210: {
    means: "phoneNumber is neither a number of this Twilio account nor verified there",
    fix: "set phoneNumber to a number from the Twilio console, or accountSid and authToken to those of its account"
  },
  21211: { means: "Twilio does not take the number to be called for one", fix: correctNumber },
  21212: { means: "phoneNumber is not a number that calls may come from", fix: "set phoneNumber to one of yours" },
  21213: { means: "Twilio was given no number to call from", fix: "set phoneNumber" },
  21214: {
    means: "the number cannot be reached by Twilio",
    fix: "try another number; if it is right, try again later"
  },
  21215: {
    means: "the country called is off in the account's voice geographic permissions",
    fix: "switch it on in the Twilio console: Voice, Settings, Geo permissions"
  },
  21216: { means: "Twilio blocks calls to this number (fraud, regulation)", fix: "call another number, or ask Twilio" },
  21217: { means: "the number does not look valid to Twilio", fix: correctNumber },
  21219: {
    means: "the account is a trial, which calls verified numbers only",
    fix: "verify the number in the Twilio console (Phone numbers, Verified caller IDs), or upgrade the account"
  },
  21220: { means: "the call is over, or not far enough, for what was asked", fix: "nothing, if the call has ended" },
  21234: { means: "Twilio does not take our values for answering machine detection", fix: ours },
  21608: {
    means: "the account is a trial, and the number is not verified",
    fix: "verify the number in the Twilio console (Phone numbers, Verified caller IDs), or upgrade the account"
  },
  22005: {
    means: "more calls are waiting than Twilio dials in a day",
    fix: "wait, or ask Twilio for more calls per second"
  },
  31900: { means: "the media stream failed, for a reason that Twilio does not know", fix: later },
  31901: { means: "the media stream took too long to connect to us", fix: openTheWay },
  31902: { means: "the media stream was refused", fix: openTheWay },
  31903: { means: "the connection of the media stream broke", fix: "keep tunnel and service running during calls" },
  31904: { means: "webhookHost could not be reached by the media stream", fix: openTheWay },
  31910: { means: "TLS failed for the media stream", fix: "give webhookHost a certificate that browsers accept" },
  31920: { means: "the media stream was not answered as a WebSocket", fix: seeTunnel },
  31921: { means: "the media stream was closed with an error by our side or the tunnel", fix: seeTunnel },
  31922: { means: "the media stream needs a wss: address", fix: "set webhookHost to an https: URL" },
  31923: { means: "the address of the media stream is no URL", fix: "correct webhookHost" },
  31924: { means: "what stands between us broke the rules of WebSockets", fix: seeTunnel },
  31930: { means: "we read the callee's audio too slowly; some was dropped", fix: "give the machine more room" },
  31931: { means: "more than 10 minutes of our audio were waiting to be played", fix: ours },
  31941: { means: "Twilio cannot stream what we asked for", fix: ours },
  31950: { means: "Twilio got a binary frame on the media stream", fix: ours },
  31951: { means: "Twilio got a message on the media stream that it does not know", fix: ours },
  32014: { means: "no audio came from the carrier for a minute", fix: "try again; if it stays, try another number" },
  32015: { means: "the call has reached Twilio's longest duration", fix: "nothing: it is 4 hours" },
  32016: {
    means: "the carrier took too long to put the call through",
    fix: "try again; if it stays, try another number"
  },
  32017: {
    means: "the carrier blocks calls from phoneNumber for its reputation",
    fix: "register the business with Twilio (Trust Hub), or use another number"
  },
  32018: { means: "our instructions for the call are longer than 4000 characters", fix: ours }
}

/** What the network behind Twilio answers; Twilio passes it on as SipResponseCode. */
export const carrierCodes: Table = {
  403: { means: "the carrier forbids the call", fix: "try another number; ask Twilio if all are forbidden" },
  404: { means: "the number is not in service", fix: correctNumber },
  408: { means: "the carrier did not answer", fix: "try again later" },
  410: { means: "the number is gone", fix: "find out the new one" },
  480: { means: "the phone is off or out of reach", fix: "switch it on, and try again" },
  484: { means: "the number is incomplete", fix: correctNumber },
  486: { means: "the line is busy", fix: "end the other call, and try again" },
  487: { means: "the call was ended before it was answered", fix: "nothing" },
  488: { means: "the carrier could not agree with Twilio on the audio", fix: "try another number" },
  500: { means: "something broke at the carrier", fix: "try again later" },
  503: { means: "the carrier has no room for the call, or does not serve this number", fix: "try again later" },
  603: {
    means: "the callee, or a filter of theirs, declined",
    fix: "take the call, or allow phoneNumber on the phone"
  },
  607: { means: "the callee has marked calls from phoneNumber as unwanted", fix: "allow phoneNumber on the phone" },
  608: {
    means: "the carrier's spam filter rejected the call",
    fix: "register the business with Twilio (Trust Hub), or use another number"
  }
}

const newKey = "make a new key at platform.openai.com and set openaiApiKey, or OPENAI_API_KEY"
const addCredit = "add credit at platform.openai.com (Settings, Billing); a ChatGPT subscription is none"
const otherModel = 'set realtimeModel to one that your project may use, such as "gpt-realtime-2.1"'
const checkNetwork = "let this machine reach realtimeUrl: firewall, proxy, DNS"

export const openaiCodes: Table = {
  account_deactivated: { means: "the OpenAI account is deactivated", fix: "settle it with OpenAI" },
  beta_api_shape_disabled: {
    means: "the server speaks only the interface that Phone uses, but took us for an older one",
    fix: "set realtimeUrl to the server itself; a proxy adds an OpenAI-Beta header"
  },
  billing_hard_limit_reached: { means: "the budget of the OpenAI account is used up", fix: "raise the limit" },
  credit_balance_exhausted: { means: "the OpenAI account has no credit left", fix: addCredit },
  http_401: { means: "OpenAI does not accept the key", fix: newKey },
  http_403: {
    means: "OpenAI refuses this key, or connections from this country or network",
    fix: "use a key of a project that may use Realtime, from a supported country"
  },
  http_404: { means: "there is no Realtime server at this address", fix: "correct realtimeUrl" },
  http_429: { means: "OpenAI takes no more connections at the moment", fix: "wait a minute, and try again" },
  inference_rate_limit_exceeded: { means: "the model is overloaded", fix: "wait a minute, and try again" },
  insufficient_permissions: {
    means: "the key may not use the Realtime API",
    fix: "give it that permission, or make a key without restrictions"
  },
  insufficient_quota: { means: "the OpenAI account has no credit left", fix: addCredit },
  invalid_api_key: { means: "OpenAI does not know the key", fix: newKey },
  invalid_model: { means: "the model does not exist, or is not one for Realtime", fix: otherModel },
  missing_model: { means: "no model was asked for", fix: otherModel },
  model_not_found: { means: "the model is gone, or your project may not use it", fix: otherModel },
  network_broken: { means: "the connection to OpenAI broke", fix: checkNetwork },
  network_refused: { means: "OpenAI cannot be reached from this machine", fix: checkNetwork },
  network_timeout: { means: "OpenAI did not answer in time", fix: checkNetwork },
  rate_limit_exceeded: {
    means: "the project has used up its tokens or requests for this minute or day",
    fix: "wait, or raise the limits of the project at platform.openai.com"
  },
  server_error: { means: "something broke at OpenAI", fix: "try again; if it stays, look at status.openai.com" },
  session_expired: { means: "the session has reached its 60 minutes", fix: "nothing: Phone opens another one" },
  timeout: { means: "OpenAI did not get a session ready in time", fix: "try again; if it stays, check the network" },
  unauthorized: { means: "OpenAI does not accept the key", fix: newKey },
  unsupported_country_region_territory: {
    means: "OpenAI does not serve the country that this machine connects from",
    fix: "run Phone in a supported country"
  }
}

/** Twilio's codes have five digits, the carrier's three, OpenAI's are words: no code is in two tables. */
const all: ReadonlyMap<string, Explanation> = new Map(
  [twilioCodes, carrierCodes, openaiCodes].flatMap((table) => Object.entries(table))
)

/** `undefined` for a code that we know nothing about, and for none. */
export const explain = (code: string | undefined): Explanation | undefined =>
  code === undefined ? undefined : all.get(code)
