/** All that was said on a call, by item id, in the order in which it was first known of. Immutable; what it means is `Turns.ts`'s. */
import type { Role } from "../../domain/Turn.ts"
import { Growing } from "../Growing.ts"

/** Said so far, kept under its item id. `position` is given when the first sound of it is heard. */
export interface Utterance {
  readonly position: number | undefined
  readonly role: Role
  readonly at: number
  readonly text: string
  /** No more text will come. */
  readonly complete: boolean
  /** Written to the store; an interrupted or heard turn does not change any more. */
  readonly stored: boolean
  readonly interrupted: boolean
  /** Letters that watchers have seen so far. */
  readonly shown?: number
  /** From the end of the callee's speech to its first sound, when it is what they waited for. */
  readonly latency?: number
}

const isSaying = ({ role, stored }: Utterance): boolean => role === "assistant" && !stored

export class Utterances implements Iterable<readonly [string, Utterance]> {
  static get none(): Utterances {
    return Utterances.of([])
  }

  readonly #all: Growing<Utterance>
  /** The few that are looked at ten times a second. */
  readonly #saying: ReadonlyMap<string, Utterance>

  private constructor(all: Growing<Utterance>, saying: ReadonlyMap<string, Utterance>) {
    this.#all = all
    this.#saying = saying
  }

  static of(entries: ReadonlyArray<readonly [string, Utterance]>): Utterances {
    return new Utterances(Growing.of(entries), new Map(entries.filter(([, said]) => isSaying(said))))
  }

  get(itemId: string): Utterance | undefined {
    return this.#all.get(itemId)
  }

  [Symbol.iterator](): Generator<readonly [string, Utterance]> {
    return this.#all[Symbol.iterator]()
  }

  /** Ours that are not stored yet. */
  get saying(): Iterable<readonly [string, Utterance]> {
    return this.#saying
  }

  *keys(): Generator<string> {
    for (const [itemId] of this.#all) yield itemId
  }

  *values(): Generator<Utterance> {
    for (const [, said] of this.#all) yield said
  }

  with(itemId: string, said: Utterance): Utterances {
    return new Utterances(this.#all.with(itemId, said), this.#sayingWith(itemId, said))
  }

  /** Copies everything. */
  without(itemId: string): Utterances {
    return Utterances.of([...this.#all.without(itemId)])
  }

  #sayingWith(itemId: string, said: Utterance): ReadonlyMap<string, Utterance> {
    if (isSaying(said)) return new Map(this.#saying).set(itemId, said)
    if (!this.#saying.has(itemId)) return this.#saying
    const saying = new Map(this.#saying)
    saying.delete(itemId)
    return saying
  }
}
