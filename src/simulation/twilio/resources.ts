/** How calls and recordings look in REST answers: numbers as strings, explicit nulls, RFC 2822 dates (facts/twilio.md 1.1, 8). */
import type { Recording } from "./Recording.ts"
import { accountPath, rfc2822 } from "./restFormat.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"

const dateOf = (at: number | undefined) => (at === undefined ? null : rfc2822(at))

/** `(555) 123-0001` for North America; other numbers stay as they are. */
const formatted = (number: string) => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "($1) $2-$3")

const perMinute = 0.014
const subresources = [
  "notifications",
  "recordings",
  "payments",
  "events",
  "siprec",
  "streams",
  "transcriptions",
  "user_defined_message_subscriptions",
  "user_defined_messages"
]

const pascal = (name: string) => name.replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase())

export const renderCall = (accountSid: string, call: SimulatedCall) => {
  const path = `${accountPath(accountSid)}/Calls/${call.sid}`
  const minutes = Math.ceil(call.duration / 60)
  return {
    sid: call.sid,
    account_sid: accountSid,
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(call.updatedAt),
    parent_call_sid: null,
    to: call.parameters.to,
    to_formatted: formatted(call.parameters.to),
    from: call.parameters.from,
    from_formatted: formatted(call.parameters.from),
    phone_number_sid: "PN00000000000000000000000000000001",
    status: call.status,
    // observed: set while it still rings, so that it does not mean "answered"
    start_time: dateOf(call.startedAt),
    end_time: dateOf(call.endedAt),
    duration: call.endedAt === undefined ? (call.startedAt === undefined ? null : "0") : String(call.duration),
    price: call.priced && minutes > 0 ? (-minutes * perMinute).toFixed(5) : null,
    price_unit: "USD",
    direction: "outbound-api",
    answered_by: call.answeredBy ?? null,
    api_version: "2010-04-01",
    annotation: null,
    forwarded_from: null,
    group_sid: null,
    caller_name: "",
    queue_time: String(call.queueTime),
    trunk_sid: "",
    uri: `${path}.json`,
    subresource_uris: Object.fromEntries(subresources.map((name) => [name, `${path}/${pascal(name)}.json`]))
  }
}

export const renderRecording = (accountSid: string, call: SimulatedCall, recording: Recording) => {
  const path = `${accountPath(accountSid)}/Recordings/${recording.sid}`
  const completed = recording.status === "completed"
  return {
    sid: recording.sid,
    account_sid: accountSid,
    call_sid: call.sid,
    conference_sid: null,
    status: recording.status,
    channels: recording.channels,
    source: recording.source,
    error_code: null,
    duration: completed ? String(recording.seconds) : null,
    price: completed ? (-Math.ceil(recording.seconds / 60) * 0.0025).toFixed(5) : null,
    price_unit: "USD",
    api_version: "2010-04-01",
    date_created: rfc2822(recording.startedAt),
    date_updated: rfc2822(recording.updatedAt),
    start_time: rfc2822(recording.startedAt),
    encryption_details: null,
    media_url: `https://api.twilio.com${path}`,
    uri: `${path}.json`,
    subresource_uris: {
      add_on_results: `${path}/AddOnResults.json`,
      transcriptions: `${path}/Transcriptions.json`
    }
  }
}
