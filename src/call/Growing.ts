/**
 * An immutable map that grows for as long as a call lasts, while only its last few entries change. A change copies those, and
 * not all that there ever were. Entries come in the order in which they were first set, as in a `Map`.
 */

/** As many change at a time; one more, and all of them settle. */
const few = 8

export class Growing<V> implements Iterable<readonly [string, V]> {
  readonly #changing: ReadonlyMap<string, V>
  /** What is among the changing ones too is out of date here, and only keeps its place. */
  readonly #settled: ReadonlyMap<string, V>

  private constructor(changing: ReadonlyMap<string, V>, settled: ReadonlyMap<string, V>) {
    this.#changing = changing
    this.#settled = settled
  }

  static of<V>(entries: Iterable<readonly [string, V]> = []): Growing<V> {
    return new Growing(new Map<string, V>(), new Map(entries))
  }

  get(key: string): V | undefined {
    return this.#changing.get(key) ?? this.#settled.get(key)
  }

  has(key: string): boolean {
    return this.#changing.has(key) || this.#settled.has(key)
  }

  *[Symbol.iterator](): Generator<readonly [string, V]> {
    for (const [key, value] of this.#settled) yield [key, this.#changing.get(key) ?? value]
    for (const entry of this.#changing) if (!this.#settled.has(entry[0])) yield entry
  }

  with(key: string, value: V): Growing<V> {
    const changing = new Map(this.#changing).set(key, value)
    return changing.size <= few
      ? new Growing(changing, this.#settled)
      : new Growing(new Map(), new Map([...this.#settled, ...changing]))
  }

  /** Copies everything. */
  without(key: string): Growing<V> {
    const all = new Map(this)
    all.delete(key)
    return Growing.of(all)
  }
}
