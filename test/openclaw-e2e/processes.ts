/** Programs of the test in processes of their own, in a folder that is thrown away, and looking again until something is seen. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("../..", import.meta.url))

/** Looks until there is something; otherwise fails with what was waited for. */
export const eventually = async <A>(
  what: string,
  look: () => A | undefined | Promise<A | undefined>,
  seconds = 60
): Promise<A> => {
  const end = performance.now() + seconds * 1_000
  while (performance.now() < end) {
    const seen = await look()
    if (seen !== undefined) return seen
    await pause(50)
  }
  throw new Error(`${what} never came`)
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}

export interface Running {
  /** What it wrote, both streams. */
  readonly output: () => string
  readonly exited: Promise<number | NodeJS.Signals | null>
  /** Sends the signal and waits for the end. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

const children = new Set<ChildProcess>()
const folders = new Set<string>()

export const temporaryFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `phone-openclaw-${name}-`))
  folders.add(folder)
  return folder
}

const killGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals) => {
  if (pid !== undefined) process.kill(-pid, signal)
}

/** Nothing of the test stays: to be called when it is over. */
export const cleanUp = async (): Promise<void> => {
  const living = [...children].filter((child) => child.exitCode === null && child.signalCode === null)
  const ended = living.map((child) => once(child, "exit"))
  for (const child of living) killGroup(child, "SIGKILL")
  await Promise.all(ended)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** `node <args>` with this environment and nothing else of ours. */
export const start = (args: ReadonlyArray<string>, cwd: string, env: Readonly<Record<string, string>>): Running => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    // a process group of its own: openclaw starts itself again as its own child
    detached: true,
    env: { PATH: process.env.PATH, NO_COLOR: "1", ...env }
  })
  children.add(child)
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)))
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? signal))
  )
  return {
    output: () => output,
    exited,
    stop: async (signal = "SIGTERM") => {
      child.kill(signal)
      await exited
    }
  }
}
