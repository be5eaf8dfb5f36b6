/** Recordings of a call: which part of the line they hold, and the callbacks about them (facts/twilio.md 8). */
import { Effect } from "effect"
import { decodeSample, encodeSample } from "../audio/MuLaw.ts"
import { writeWav } from "../audio/Wav.ts"
import { tickBytes } from "../callee/CalleeLine.ts"
import type { RecordingOrder } from "./orders.ts"
import type { PhoneLine } from "./PhoneLine.ts"
import type { Recording } from "./Recording.ts"
import { accountPath, rfc2822 } from "./restFormat.ts"
import type { SimulatedCall } from "./SimulatedCall.ts"
import { notify } from "./Webhooks.ts"
import { newSid, type World } from "./World.ts"

const notifyRecording = (world: World, call: SimulatedCall, recording: Recording): void => {
  if (!recording.events.includes(recording.status)) return
  notify(world, call, "recording", recording.callback, [
    ["AccountSid", world.accountSid],
    ["CallSid", call.sid],
    ["RecordingSid", recording.sid],
    ["RecordingUrl", recording.url],
    ["RecordingStatus", recording.status],
    ...(recording.status === "completed" ? ([["RecordingDuration", String(recording.seconds)]] as const) : []),
    ["RecordingChannels", String(recording.channels)],
    ["RecordingStartTime", rfc2822(recording.startedAt)],
    ["RecordingSource", recording.source],
    ["RecordingTrack", "both"],
    ["ErrorCode", "0"]
  ])
}

/** Records from now to the end of the call. */
export const startRecording = Effect.fnUntraced(function* (
  world: World,
  call: SimulatedCall,
  line: PhoneLine,
  order: RecordingOrder
) {
  const sid = newSid(world, "RE")
  const recording: Recording = {
    ...order,
    sid,
    url: `https://api.twilio.com${accountPath(world.accountSid)}/Recordings/${sid}`,
    startedAt: world.now(),
    updatedAt: world.now(),
    from: line.calleeTrack.length,
    to: undefined,
    status: "in-progress",
    seconds: 0
  }
  call.recordings.push(recording)
  notifyRecording(world, call, recording)
  return recording
})

/** The call is over: its recordings stop here, and are ready some time later. */
export const finishRecordings = (world: World, call: SimulatedCall): void => {
  for (const recording of call.recordings) {
    recording.to = call.line?.calleeTrack.length ?? recording.from
    recording.seconds = Math.round((recording.to - recording.from) / (50 * tickBytes))
    recording.status = "processing"
    world.spawn(
      Effect.gen(function* () {
        yield* Effect.sleep(world.timing.recordingDelay)
        recording.status = "completed"
        recording.updatedAt = world.now()
        notifyRecording(world, call, recording)
      })
    )
  }
}

const mix = (a: Uint8Array, b: Uint8Array) =>
  a.map((byte, index) => encodeSample(decodeSample(byte) + decodeSample(b[index] ?? 0xff)))

/** The file: with two channels the callee is the first and the agent, as really played, the second. */
export const recordedWav = (call: SimulatedCall, recording: Recording, channels: 1 | 2): Uint8Array => {
  const callee = call.line?.calleeTrack.slice(recording.from, recording.to) ?? new Uint8Array()
  const agent = call.line?.agentTrack.slice(recording.from, recording.to) ?? new Uint8Array()
  return writeWav(channels === 2 ? [callee, agent] : [mix(callee, agent)])
}
