/** How much of each item of the voice model has come, and how much of it was heard. Immutable; knows neither line nor clock. */

/** Where a content part begins in its item, in milliseconds: the model forgets part by part (facts/openai-realtime.md 6). */
interface Part {
  readonly contentIndex: number
  readonly from: number
}

/** `received` and `heard` in milliseconds from the item's beginning; `heard` counts only what is proven, and never shrinks. */
export interface ItemAudio {
  readonly received: number
  readonly heard: number
  readonly parts: ReadonlyArray<Part>
}

/** The content part of an item in which this millisecond lies, and how far into it: what a truncation is told. */
export const partAt = ({ parts }: Pick<ItemAudio, "parts">, ms: number) => {
  const part = parts.findLast(({ from }) => from <= ms) ?? { contentIndex: 0, from: 0 }
  return { contentIndex: part.contentIndex, ms: Math.floor(ms - part.from) }
}

/** As many change at a time; more make the oldest of them settle. */
const few = 8

/**
 * Items by id. Ten times a second one of the last few changes: a change copies those, and not all that were ever said on the
 * call.
 */
export class Items implements Iterable<readonly [string, ItemAudio]> {
  static readonly none = new Items(new Map(), new Map())
  readonly #changing: ReadonlyMap<string, ItemAudio>
  readonly #settled: ReadonlyMap<string, ItemAudio>

  private constructor(changing: ReadonlyMap<string, ItemAudio>, settled: ReadonlyMap<string, ItemAudio>) {
    this.#changing = changing
    this.#settled = settled
  }

  get(itemId: string): ItemAudio | undefined {
    return this.#changing.get(itemId) ?? this.#settled.get(itemId)
  }

  has(itemId: string): boolean {
    return this.#changing.has(itemId) || this.#settled.has(itemId)
  }

  get size(): number {
    return new Map(this).size
  }

  *[Symbol.iterator](): Iterator<readonly [string, ItemAudio]> {
    yield* new Map([...this.#settled, ...this.#changing])
  }

  #with(itemId: string, audio: ItemAudio): Items {
    const changing = new Map(this.#changing).set(itemId, audio)
    return changing.size <= few
      ? new Items(changing, this.#settled)
      : new Items(new Map([[itemId, audio]]), new Map([...this.#settled, ...changing]))
  }

  /** `ms` more of this item have come. */
  receive(itemId: string, contentIndex: number, ms: number): Items {
    const { heard, parts, received } = this.get(itemId) ?? { heard: 0, parts: [], received: 0 }
    const known = parts.at(-1)?.contentIndex === contentIndex
    return this.#with(itemId, {
      heard,
      parts: known ? parts : [...parts, { contentIndex, from: received }],
      received: received + ms
    })
  }

  /** The item was heard up to here. */
  hear(itemId: string, upTo: number): Items {
    const item = this.get(itemId)
    if (item === undefined) return this
    const heard = Math.min(item.received, upTo)
    return heard <= item.heard ? this : this.#with(itemId, { ...item, heard })
  }
}
