/**
 * What must not stand in a wire log, or differs from run to run, under names that stay the same: the account, the service's
 * address, the call's id, and every token in the order in which it is first seen. The names lead back, for a replay.
 */

import type { Direction } from "./Entry.ts"

/** Line tokens and stream tickets (Entropy.ts); in JSON also right behind an "\n". */
const token = /(?:(?<![a-z0-9\\])|(?<=\\[bfnrt]))[a-z0-9]{40}(?![a-z0-9])/g
const account = /AC[0-9a-fA-F]{32}/g
/**
 * Error texts of OpenAI quote parts of keys, and owners put whole ones into a task. A full stop behind one is not part of it:
 * what the service makes of a text must be hidden as the text is.
 */
const apiKey = /(?:(?<!\w)|(?<=\\[bfnrt]))(sk|ek)[-_][\w*.-]{5,}[\w*]/g

export interface Own {
  readonly callId: string
  readonly accountSid: string
  /** The configuration's `webhookHost`. */
  readonly webhookHost: string
}

export class Names {
  readonly #tokens: Array<string> = []
  readonly #unknown = new Set<string>()
  readonly #own: Own
  readonly #host: string
  readonly #address: RegExp

  constructor(own: Own) {
    this.#own = own
    this.#host = own.webhookHost.replace(/^https?:\/\//, "")
    this.#address = new RegExp(`(https?|wss?)://${this.#host.replace(/[^\w]/g, "\\$&")}`, "g")
  }

  /** All tokens are made by the service, so only what goes `out` can show a new one; others are somebody else's. */
  hide(text: string, dir: Direction): string {
    return this.#hideSecrets(text, dir)
      .replace(account, "{account}")
      .replace(this.#address, (_, scheme: string) => (scheme.startsWith("ws") ? "{media-host}" : "{host}"))
      .replaceAll(this.#host, "{hostname}")
      .replaceAll(this.#own.callId, "{call}")
  }

  /** Of what was said about the call, by its owner or anybody else: keys and tokens, none of which is ours. */
  hideSecrets(text: string): string {
    return this.#hideSecrets(text, "in")
  }

  /** Back to the real things of this run; `undefined` when a token is meant that this run has not made. */
  reveal(text: string): string | undefined {
    let known = true
    const revealed = text
      .replaceAll("{call}", this.#own.callId)
      .replaceAll("{host}", this.#own.webhookHost)
      .replaceAll("{account}", this.#own.accountSid)
      .replace(/\{token-(\d+)\}/g, (_, number: string) => {
        const found = this.#tokens[Number(number) - 1]
        if (found === undefined) known = false
        return found ?? ""
      })
    return known ? revealed : undefined
  }

  #hideSecrets(text: string, dir: Direction): string {
    return text.replace(token, (found) => this.#nameOf(found, dir)).replace(apiKey, "{key}")
  }

  #nameOf(found: string, dir: Direction): string {
    const at = this.#tokens.indexOf(found)
    if (at === -1 && dir === "in") this.#unknown.add(found)
    // also when the service says it on: a task with a foreign token goes out as instructions
    if (this.#unknown.has(found)) return "{unknown}"
    return `{token-${at === -1 ? this.#tokens.push(found) : at + 1}}`
  }
}
