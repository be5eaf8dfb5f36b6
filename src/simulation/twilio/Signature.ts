/** Signs what the simulated Twilio sends (facts/twilio.md 5). Written anew, not taken from the SDK, so that each checks the other. */
import { createHmac } from "node:crypto"

/** A form in the order in which it is sent; a name may come again. */
export type Form = ReadonlyArray<readonly [string, string]>

const inByteOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The value of `X-Twilio-Signature` for a URL (without fragment) and the parameters of its body. */
export const sign = (authToken: string, url: string, form: Form): string => {
  const byName = new Map<string, Set<string>>()
  for (const [name, value] of form) byName.set(name, (byName.get(name) ?? new Set()).add(value))
  let data = url
  for (const name of [...byName.keys()].sort(inByteOrder)) {
    for (const value of [...(byName.get(name) ?? [])].sort(inByteOrder)) data += name + value
  }
  return createHmac("sha1", authToken).update(data, "utf8").digest("base64")
}
