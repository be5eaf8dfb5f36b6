/** How much of each item of the voice model has come, and how much of it was heard. Immutable; knows neither line nor clock. */
import { Growing } from "../Growing.ts"

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

/** Items by id, in the order in which their audio first came. */
export class Items implements Iterable<readonly [string, ItemAudio]> {
  static get none(): Items {
    return new Items(Growing.of())
  }

  readonly #items: Growing<ItemAudio>

  private constructor(items: Growing<ItemAudio>) {
    this.#items = items
  }

  get(itemId: string): ItemAudio | undefined {
    return this.#items.get(itemId)
  }

  has(itemId: string): boolean {
    return this.#items.has(itemId)
  }

  get size(): number {
    return [...this.#items].length
  }

  [Symbol.iterator](): Iterator<readonly [string, ItemAudio]> {
    return this.#items[Symbol.iterator]()
  }

  #with(itemId: string, audio: ItemAudio): Items {
    return new Items(this.#items.with(itemId, audio))
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
