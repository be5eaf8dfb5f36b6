/** What is counted of the audio that Twilio sends, over all calls of this process. Each costs a few nanoseconds a frame. */
import { Metric } from "effect"

const counter = (name: string) => Metric.counter(name, { incremental: true })

/** Messages that could not be understood, or came where they do not belong. */
export const malformedMessages = counter("phone_media_malformed_total")

/** Pieces of audio that came, usually of 20 ms. */
export const receivedFrames = counter("phone_media_frames_total")

/** Milliseconds of audio that never came: jumps of the stream's own clock. */
export const missingAudio = counter("phone_media_missing_ms_total")

/** Frames that came more than `late` ms after their time, as the stream's quickest frame shows it. */
export const lateFrames = counter("phone_media_late_total")
export const late = 100
