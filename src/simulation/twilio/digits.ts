/** Keys pressed by Twilio: `w` waits half a second, `W` a second. */
import { Effect } from "effect"
import type { PhoneLine } from "./PhoneLine.ts"

/** Presses the keys one by one, until the callee has got the last. */
export const pressDigits = Effect.fnUntraced(function* (line: PhoneLine, keys: string) {
  for (const key of keys) {
    yield* Effect.sleep(key === "w" ? 500 : key === "W" ? 1000 : 200)
    if (key !== "w" && key !== "W") line.callee.dial(key)
  }
})
