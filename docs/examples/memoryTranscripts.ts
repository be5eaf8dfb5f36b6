/**
 * A repository of calls of one's own, here a `Map` in memory: what a host service writes to keep calls in its own database.
 * A real one writes the end in one transaction, and beside it whatever the service wants to do about it.
 */
import { DateTime, Effect, Layer, Option } from "effect"
import {
  type Call,
  type CallId,
  isTerminal,
  type NewCall,
  type PlacedTurn,
  type Question,
  Transcripts
} from "../../src/index.ts"

interface Kept {
  readonly asked: NewCall
  call: Call
  providerId?: string
  acknowledged: boolean
  readonly turns: Map<number, PlacedTurn>
  readonly questions: Map<number, Question>
  /** Ids of questions that the client knows. */
  readonly known: Set<number>
}

const isOpen = ({ answer, unanswered }: Question): boolean => answer === undefined && unanswered === undefined

/** The seconds of talking. */
const duration = ({ answeredAt, endedAt }: Call): number =>
  answeredAt === undefined || endedAt === undefined ? 0 : DateTime.distance(answeredAt, endedAt) / 1000

const recordOf = ({ call, questions, turns }: Kept): Call => ({
  ...call,
  ...(questions.size === 0 ? {} : { questions: [...questions.values()] }),
  duration: duration(call),
  transcript: [...turns.values()]
    .toSorted((a, b) => a.position - b.position)
    .map(({ turn }) => turn)
    .filter(({ text }) => text !== "")
})

const matches = (call: Call, search: string): boolean => {
  const text = JSON.stringify([call.to, call.task, call.context, call.outcome?.summary, call.transcript]).toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** `Transcripts` that last as long as the layer. */
export const layerMemoryTranscripts: Layer.Layer<Transcripts> = Layer.sync(Transcripts, () => {
  const kept = new Map<string, Kept>()
  const requests = new Map<string, CallId>()
  const optedOut = new Set<string>()

  /** Does something with a call, if there is one. Nothing here can fail; a database says `StoreUnavailable` when it does. */
  const change = (id: CallId, make: (entry: Kept) => void) =>
    Effect.sync(() => {
      const entry = kept.get(id)
      if (entry !== undefined) make(entry)
    })
  const all = () => [...kept.values()]
  const ended = ({ call }: Kept) => isTerminal(call.status)
  const at = DateTime.unsafeFromDate

  return Transcripts.of({
    insert: (asked) =>
      Effect.sync(() => {
        const known = asked.requestId === undefined ? undefined : requests.get(asked.requestId)
        if (known !== undefined) return known
        if (asked.requestId !== undefined) requests.set(asked.requestId, asked.id)
        const { context, from, id, startedAt, task, to } = asked
        const said = context === undefined ? {} : { context }
        const call: Call = {
          id,
          to,
          from,
          task,
          ...said,
          status: "queued",
          startedAt: at(startedAt),
          duration: 0,
          transcript: []
        }
        kept.set(id, { asked, call, acknowledged: false, turns: new Map(), questions: new Map(), known: new Set() })
        return id
      }),
    update: (id, { answeredAt, providerId, status, ...rest }) =>
      change(id, (entry) => {
        if (providerId !== undefined) entry.providerId = providerId
        entry.call = {
          ...entry.call,
          ...rest,
          ...(answeredAt === undefined ? {} : { answeredAt: at(answeredAt) }),
          // an end is for good
          ...(status === undefined || ended(entry) ? {} : { status })
        }
      }),
    putTurn: (id, turn) => change(id, ({ turns }) => turns.set(turn.position, turn)),
    end: (id, { endedAt, ...rest }) =>
      change(id, (entry) => {
        if (ended(entry)) return
        entry.call = { ...entry.call, ...rest, endedAt: at(endedAt) }
        for (const [id, asked] of entry.questions) {
          if (isOpen(asked)) entry.questions.set(id, { ...asked, unanswered: "withdrawn" })
        }
      }),
    putQuestion: (id, asked) => change(id, ({ questions }) => questions.set(asked.id, asked)),
    closeQuestion: (id, questionId, closing) =>
      Effect.flatMap(DateTime.now, (now) =>
        change(id, ({ questions }) => {
          const asked = questions.get(questionId)
          if (asked === undefined || !isOpen(asked)) return
          questions.set(questionId, { ...asked, ...closing, ...("answer" in closing ? { answeredAt: now } : {}) })
        })
      ),
    // a WAV file; this service has no use for it
    putRecording: () => Effect.void,
    find: (id) => Effect.sync(() => Option.map(Option.fromNullable(kept.get(id)), recordOf)),
    metadata: (id) => Effect.sync(() => kept.get(id)?.asked.metadata ?? {}),
    byRequest: (requestId) => Effect.sync(() => Option.fromNullable(requests.get(requestId))),
    history: ({ cursor, limit, search }) =>
      Effect.sync(() => {
        const found = all()
          .toReversed()
          .map(recordOf)
          .filter((call) => search === undefined || matches(call, search))
        const from = cursor === undefined ? 0 : found.findIndex(({ id }) => id === cursor) + 1
        const calls = found.slice(from, from + Math.min(Math.max(limit, 0), 1_000))
        const last = calls.at(-1)
        return from + calls.length < found.length && last !== undefined ? { calls, cursor: last.id } : { calls }
      }),
    completions: (client) =>
      Effect.sync(() =>
        all()
          .filter((entry) => entry.asked.client === client && ended(entry) && !entry.acknowledged)
          .slice(0, 50)
          .map((entry) => ({ call: recordOf(entry), metadata: entry.asked.metadata ?? {} }))
      ),
    acknowledge: (client, ids) =>
      Effect.sync(() => {
        for (const entry of all()) {
          if (entry.asked.client === client && ended(entry) && ids.includes(entry.call.id)) entry.acknowledged = true
        }
      }),
    openQuestions: (client) =>
      Effect.sync(() =>
        all()
          .filter(({ asked }) => asked.client === client)
          .flatMap((entry) =>
            [...entry.questions.values()]
              .filter((question) => isOpen(question) && !entry.known.has(question.id))
              .map((question) => ({ question, call: recordOf(entry), metadata: entry.asked.metadata ?? {} }))
          )
      ),
    acknowledgeQuestions: (client, refs) =>
      Effect.sync(() => {
        for (const { callId, questionId } of refs) {
          const entry = kept.get(callId)
          if (entry?.asked.client === client) entry.known.add(questionId)
        }
      }),
    // nothing outlives the process
    unfinished: Effect.succeed([]),
    usageSince: (since, to) =>
      Effect.sync(() => {
        const calls = all()
          .map(({ call }) => call)
          .filter(({ startedAt }) => startedAt.epochMillis >= since.getTime())
        return {
          toNumber: calls.filter((call) => call.to === to).length,
          total: calls.length,
          cost: calls.reduce((sum, { cost }) => sum + (cost?.total ?? 0), 0)
        }
      }),
    optOut: (number) => Effect.sync(() => void optedOut.add(number)),
    hasOptedOut: (number) => Effect.sync(() => optedOut.has(number))
  })
})
