/** The threads of a search: so many try scenarios at once, and one that ends early costs no more than its scenario. */
import { Worker } from "node:worker_threads"
import { Data, Effect, Mailbox, Option, Schema, Stream } from "effect"
import { type Share, type Shrinking, Smallest, Tried } from "./share.ts"

/** A thread has ended without having told everything. */
export class ThreadEnded extends Data.TaggedError("ThreadEnded")<{ readonly message: string }> {}

const worker = new URL("./worker.ts", import.meta.url)
const shrinker = new URL("./shrinker.ts", import.meta.url)

/** A thread that tells `count` things; they come as a stream, and the thread ends with it. */
const thread = <A, I>(program: URL, workerData: Share | Shrinking, told: Schema.Schema<A, I>, count: number) =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const decode = Schema.decodeUnknownSync(told)
      const mailbox = yield* Mailbox.make<A, ThreadEnded>()
      const worker = yield* Effect.acquireRelease(
        Effect.sync(() => new Worker(program, { workerData })),
        (worker) => Effect.promise(() => worker.terminate())
      )
      let why: string | undefined
      worker.on("message", (message) => void mailbox.unsafeOffer(decode(message)))
      // what it had told before may still be on its way; the exit comes behind that
      worker.on("error", (error) => {
        why = String(error)
      })
      worker.on("exit", (code) => {
        mailbox.unsafeDone(Effect.runSyncExit(new ThreadEnded({ message: why ?? `exit code ${code}` })))
      })
      // what a simulated process left behind may keep the thread from ending by itself
      return Stream.take(Mailbox.toStream(mailbox), count)
    })
  )

/** Its scenario is the failure, the others of the share are tried by a new thread. */
const endedAt = (index: number, { message }: ThreadEnded): Tried => ({
  index,
  connected: 0,
  elapsed: 0,
  coverage: [],
  breaches: [{ invariant: 0, says: "the thread that tries it goes on to the end", what: message }]
})

/** Tries the scenarios of a share, on a thread of their own. `program` is what the thread runs. */
export const tryShare = (share: Share, program = worker): Stream.Stream<Tried> =>
  Stream.suspend(() => {
    let next = share.from
    return thread(program, share, Tried, share.to - share.from).pipe(
      Stream.tap(({ index }) =>
        Effect.sync(() => {
          next = index + 1
        })
      ),
      Stream.catchAll((error) => {
        const rest = { ...share, from: next + 1 }
        return Stream.concat(
          Stream.make(endedAt(next, error)),
          rest.from < rest.to ? tryShare(rest, program) : Stream.empty
        )
      })
    )
  })

/** So many scenarios are one thread's work; another thread takes the next ones. */
const shareSize = 250

/** Tries all scenarios from `from` to below `to`, by `jobs` threads at once. */
export const tryAll = ({ from, seed, to }: Share, jobs: number): Stream.Stream<Tried> =>
  Stream.range(0, Math.ceil((to - from) / shareSize) - 1).pipe(
    Stream.map((nth) => from + nth * shareSize),
    Stream.flatMap((start) => tryShare({ seed, from: start, to: Math.min(to, start + shareSize) }), {
      concurrency: jobs
    })
  )

/** The smallest scenario that breaks the same, looked for on a thread of its own. */
export const smallestOf = (shrinking: Shrinking): Effect.Effect<Smallest, ThreadEnded> =>
  Stream.runHead(thread(shrinker, shrinking, Smallest, 1)).pipe(
    Effect.flatMap(
      Option.match({ onNone: () => new ThreadEnded({ message: "it told nothing" }), onSome: Effect.succeed })
    )
  )
