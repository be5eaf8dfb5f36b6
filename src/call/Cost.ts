/** What a call costs, estimated from list prices (facts/twilio.md 11, US destinations; the model's share comes priced). */
import type { Cost } from "../domain/Call.ts"

const perMinute = { line: 0.014, stream: 0.0044, recording: 0.0025 }
const machineDetection = 0.0075

const cents = (value: number): number => Math.round(value * 10_000) / 10_000

/**
 * US dollars. Twilio bills every started minute and nothing for calls that were not answered; `price`, once the network
 * tells it, replaces the estimate for the line alone. `model` is the sum over all responses, in US dollars.
 */
export const costOf = (call: {
  readonly answeredMs: number | undefined
  readonly recorded: boolean
  readonly price: number | undefined
  readonly model: number
}): Cost => {
  const minutes = call.answeredMs === undefined ? 0 : Math.max(1, Math.ceil(call.answeredMs / 60_000))
  const extras = minutes * (perMinute.stream + (call.recorded ? perMinute.recording : 0))
  const line = call.price ?? minutes * perMinute.line
  const telephone = cents(minutes === 0 ? (call.price ?? 0) : line + extras + machineDetection)
  const model = cents(call.model)
  return { telephone, model, total: cents(telephone + model) }
}
