/** Whether credentials look like what they should be. They are neither sent anywhere nor shown. Pure. */
import { Redacted } from "effect"
import type { PhoneConfigValues } from "../../Config.ts"
import { type Finding, ok, skipped, warning } from "./Finding.ts"

export const credentials = (config: PhoneConfigValues): ReadonlyArray<Finding> => {
  if (config.provider === "simulated") return [skipped("credentials", "the simulated line needs none")]
  const token = /^[0-9a-f]{32}$/.test(Redacted.value(config.authToken))
  const key = /^sk-[\w-]{20,}$/.test(Redacted.value(config.openaiApiKey))
  return [
    ok("accountSid", "has the right form"),
    token
      ? ok("authToken", "has the right form")
      : warning(
          "authToken",
          "is not 32 hex digits",
          "copy the Auth Token from the Twilio console, not an API key's secret"
        ),
    key
      ? ok("openaiApiKey", "has the right form")
      : warning("openaiApiKey", 'does not look like "sk-…"', "copy a key from platform.openai.com/api-keys")
  ]
}
