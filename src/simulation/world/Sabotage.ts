/**
 * A service that misbehaves on purpose: its ports and edges, each replaced by one that does wrong. Faults are what happens to
 * the service; sabotage is what it does itself, and the invariants must see it.
 */
import { FileSystem } from "@effect/platform"
import { type Context, Effect, Layer } from "effect"
import { Calls } from "../../Calls.ts"
import { Transcripts } from "../../Transcripts.ts"
import type { HostView, NetworkView } from "../Simulation.ts"

type Wrong<Port> = (right: Port) => Port

/** What is not given is as it should be. Each is called once in every life of the service. */
export interface Sabotage {
  /** What it asks of the network: REST requests, sockets to the model. */
  readonly network?: NetworkView
  /** What it answers to Twilio: webhooks, media sockets. */
  readonly host?: HostView
  /** What it writes down. */
  readonly store?: Wrong<Transcripts["Type"]>
  /** What it puts on the disk. */
  readonly files?: Wrong<FileSystem.FileSystem>
  /** What it tells whoever asks. */
  readonly calls?: Wrong<Calls["Type"]>
}

const asItShould = <A>(right: A): A => right

const replaced = <I, S>(tag: Context.Tag<I, S>, wrong: Wrong<S> = asItShould): Layer.Layer<I, never, I> =>
  Layer.effect(tag, Effect.map(tag, wrong))

/** Lays the wrong ports over the right ones. */
export const sabotaged = {
  store: <A, E, R>(layer: Layer.Layer<A | Transcripts, E, R>, { files, store }: Sabotage) =>
    replaced(Transcripts, store).pipe(Layer.provideMerge(layer), Layer.provide(replaced(FileSystem.FileSystem, files))),
  service: <A, E, R>(layer: Layer.Layer<A | Calls, E, R>, { calls }: Sabotage) =>
    Layer.provideMerge(replaced(Calls, calls), layer)
}
