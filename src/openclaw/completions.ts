/**
 * Tells each session the questions and the ends of its calls, once: asks the service for them, wakes the session, sees that
 * the session has taken the news, and only then acknowledges. What was not acknowledged comes again, after a restart of
 * either side too.
 */
import type { Answer, PhoneService } from "./PhoneService.ts"
import { type CompletionRecord, readCompletions } from "./records.ts"

export interface Sessions {
  /** Puts the news into the session's queue and has the session look at it. */
  readonly wake: (completion: CompletionRecord, sessionKey: string) => void
  /** Whether the news still lies in the session's queue, not taken by any turn. */
  readonly queued: (completion: CompletionRecord, sessionKey: string) => boolean
}

export interface Delivery {
  readonly service: PhoneService
  readonly sessions: Sessions
  /** Requests that a running tool call waits for: it tells their end itself. */
  readonly awaited: () => ReadonlySet<string>
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** The service cannot be asked, or can again (`undefined`). Told at every change. */
  readonly trouble: (message: string | undefined) => void
  readonly warn: (message: string) => void
}

/** Seconds that one look for news may wait for some. */
const longPoll = 25
/** Milliseconds between two looks while some news is not taken yet, and before asking again a service that does not answer. */
const soon = 500
const later = 3_000
/** Looks after which a session is woken again: the host may have put the first wake off, or dropped it. */
const wakeAgain = 120

interface Told {
  readonly completion: CompletionRecord
  looks: number
  /** There is no such session any more: nobody to tell. */
  lost: boolean
}

/** Tells news apart: a call may ask several times, and ends once. */
const keyOf = ({ call, question }: CompletionRecord) => (question === undefined ? call.id : `${call.id}#${question.id}`)

const why = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Runs until the signal is aborted, and then acknowledges what has been taken meanwhile. */
export const deliverCompletions = async (delivery: Delivery, signal: AbortSignal): Promise<void> => {
  const { awaited, service, sessions, sleep, trouble, warn } = delivery
  const told = new Map<string, Told>()
  let failing = false

  const noteTrouble = (answer: Answer) => {
    const message = answer._tag === "Answered" ? undefined : answer.message
    if (failing !== (message !== undefined)) trouble(message)
    failing = message !== undefined
  }

  /** Wakes where there is news. What cannot be told to anybody stays in the history, and is not kept coming. */
  const tell = (completion: CompletionRecord) => {
    const { call, sessionKey } = completion
    const key = keyOf(completion)
    const entry = told.get(key) ?? { completion, looks: 0, lost: sessionKey === undefined }
    const due = entry.looks % wakeAgain === 0
    entry.looks += 1
    told.set(key, entry)
    if (sessionKey === undefined || entry.lost || !due) return
    try {
      if (entry.looks === 1 || sessions.queued(completion, sessionKey)) sessions.wake(completion, sessionKey)
    } catch (error) {
      entry.lost = true
      warn(`What became of call ${call.id} could not be told to its session: ${why(error)}`)
    }
  }

  const taken = ({ completion, lost }: Told): boolean =>
    lost || completion.sessionKey === undefined || !sessions.queued(completion, completion.sessionKey)

  const acknowledge = async () => {
    const known = [...told.values()].filter(taken).map(({ completion }) => completion)
    if (known.length === 0) return
    const callIds = known.flatMap(({ call, question }) => (question === undefined ? [call.id] : []))
    const questions = known.flatMap(({ call, question }) =>
      question === undefined ? [] : [{ callId: call.id, questionId: question.id }]
    )
    const answer = await service.ask({ tag: "phone_ack", payload: ({ client }) => ({ client, callIds, questions }) })
    if (answer._tag === "Answered") for (const completion of known) told.delete(keyOf(completion))
  }

  let open = false
  while (!signal.aborted) {
    const wait = open ? 0 : longPoll
    const answer = await service.ask({
      tag: "phone_completions",
      payload: ({ client }) => ({ client, wait, questions: true }),
      wait: wait * 1_000,
      signal
    })
    if (signal.aborted) break
    noteTrouble(answer)
    const found = answer._tag === "Answered" ? readCompletions(answer.value) : []
    for (const completion of found) {
      if (!awaited().has(completion.requestId ?? "")) tell(completion)
    }
    // a question that nobody took in time is none any more
    const owed = new Set(found.map(keyOf))
    for (const [key, { completion }] of told) {
      if (answer._tag === "Answered" && completion.question !== undefined && !owed.has(key)) told.delete(key)
    }
    await acknowledge()
    open = found.length > 0 || told.size > 0
    if (answer._tag !== "Answered") await sleep(later, signal)
    else if (open) await sleep(soon, signal)
  }
  await acknowledge()
}
