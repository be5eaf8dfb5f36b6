/** The account that is simulated. */

/** What kind of account is simulated. */
export interface AccountOptions {
  /** A trial calls verified numbers only (others: 21219). Default `Full`. */
  readonly type?: "Full" | "Trial"
  readonly status?: "active" | "suspended" | "closed"
  /** US dollars. Default 20. */
  readonly balance?: number
  /** Numbers of others whose owners have agreed, by a call, to be called or shown. */
  readonly verified?: ReadonlyArray<string>
  /** Whether calls can be made from `ownNumbers`. Default `true`. */
  readonly voice?: boolean
}

export interface Account extends Required<AccountOptions> {
  readonly sid: string
  /** `undefined`: any number is ours. */
  readonly ownNumbers: ReadonlyArray<string> | undefined
}

export const usualAccount: Required<AccountOptions> = {
  type: "Full",
  status: "active",
  balance: 20,
  verified: [],
  voice: true
}
