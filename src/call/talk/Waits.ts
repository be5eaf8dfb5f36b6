/** What keeps us from talking with anybody, as data: being on hold (`Hold.ts`), and voice menus (`Menus.ts`). */

export interface Hold {
  /** Who keeps us waiting, as far as was heard last; `undefined`: nobody does. */
  readonly by: "person" | "machine" | undefined
  readonly since: number
  /** Milliseconds of holding before that. */
  readonly used: number
}

export const noHold: Hold = { by: undefined, since: 0, used: 0 }

export const isOnHold = ({ hold }: { readonly hold: Hold }): boolean => hold.by !== undefined

/** A prompt of a menu that was heard, by its words. */
interface Prompt {
  readonly words: ReadonlySet<string>
  readonly times: number
  /** How often keys had been pressed by then. */
  readonly presses: number
}

export interface Menu {
  /** What was heard last was a menu, or may be a part of one. */
  readonly speaking: boolean
  /** Since when we are among menus without a person; `undefined`: we are not. */
  readonly since: number | undefined
  /** Milliseconds among menus before that, and how often keys were pressed there. */
  readonly spent: number
  readonly presses: number
  readonly pressedAt: number
  readonly prompts: ReadonlyArray<Prompt>
  /** The model knows that it goes round in circles, since it last pressed keys. */
  readonly warned: boolean
}

export const noMenu: Menu = {
  speaking: false,
  since: undefined,
  spent: 0,
  presses: 0,
  pressedAt: Number.NEGATIVE_INFINITY,
  prompts: [],
  warned: false
}
