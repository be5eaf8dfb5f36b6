/** G.711 mu-law as the call's own ears read it (ITU-T G.711): a byte's linear sample, by table. Decodes only. */

const bias = 0x84

/** The 16-bit linear sample of each mu-law byte. */
export const linear: Int16Array = Int16Array.from({ length: 256 }, (_, byte) => {
  const value = ~byte & 0xff
  const magnitude = ((((value & 0x0f) << 3) + bias) << ((value & 0x70) >> 4)) - bias
  return (value & 0x80) === 0 ? magnitude : -magnitude
})
