/** How long the process lives on for what it has written: a pipe takes 64 KiB at once, and the rest as its reader reads. */
import type { Writable } from "node:stream"

/** A stream that breaks takes nothing more: that is the end of what it had to say, too. */
const empty = (stream: Pick<Writable, "write">): Promise<void> =>
  new Promise((resolve) => {
    stream.write("", () => resolve())
  })

/** Ends when all that was written has been taken, or after `atMost` milliseconds. */
export const drained = async (streams: ReadonlyArray<Pick<Writable, "write">>, atMost?: number): Promise<void> => {
  const all = Promise.all(streams.map(empty))
  const enough = atMost === undefined ? [] : [new Promise((resolve) => setTimeout(resolve, atMost))]
  await Promise.race([all, ...enough])
}
