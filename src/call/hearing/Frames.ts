/** The callee's audio in frames of 20 ms, however long the pieces are in which it comes. */

/** How long a frame is, and how many bytes of mu-law that are. */
export const frameMs = 20
export const frameBytes = 160

const bytesOf = (base64: string): number => {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0
  return (base64.length / 4) * 3 - padding
}

/** Cuts base64 pieces of any length into frames of 20 ms. The frame is the same one each time. */
export const makeFrames = (hear: (frame: Uint8Array) => void): ((payload: string) => void) => {
  const frame = Buffer.alloc(frameBytes)
  let filled = 0
  const fill = (bytes: number): void => {
    filled += bytes
    if (filled < frameBytes) return
    filled = 0
    hear(frame)
  }
  return (payload) => {
    // as Twilio sends it: nothing is allocated
    if (bytesOf(payload) <= frameBytes - filled) return fill(frame.write(payload, filled, "base64"))
    const piece = Buffer.from(payload, "base64")
    for (let at = 0; at < piece.length; ) {
      const bytes = piece.copy(frame, filled, at, at + frameBytes - filled)
      at += bytes
      fill(bytes)
    }
  }
}
