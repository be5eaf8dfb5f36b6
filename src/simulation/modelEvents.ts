/** Events of the voice model's protocol as one line each: which are worth telling to people, and what matters in them. */

const callee = "conversation.item.input_audio_transcription.completed"

/** Leaves out the flow of pieces, and what only says again that something was noted. */
export const isWorthTelling = (type: string): boolean =>
  type === callee ||
  !/delta|\.added|content_part|rate_limits|conversation\.item|input_audio_buffer\.(append|committed)|output_item/.test(
    type
  )

export const text = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))

/** The words of an event, or its error or response; empty when it has none of them, else with a space before. */
export const detailOf = (event: object): string => {
  const found = Object.entries(event).flatMap(([key, value]) => {
    if (key === "transcript" || key === "text" || key === "arguments") return [`"${text(value)}"`]
    if (key === "error" || key === "response") return [text(value).slice(0, 160)]
    return []
  })
  return found.length === 0 ? "" : ` ${found.join(" ")}`
}

/** One thing that happened, `at` ms after the start: in seconds, with who did it, and what. */
export const lineOf = (at: number, who: string, what: string): string =>
  `${(at / 1000).toFixed(3).padStart(9)}  ${who}  ${what}`
