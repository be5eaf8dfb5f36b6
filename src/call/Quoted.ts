/**
 * Text from outside, as it stands in a prompt. Every line of it begins with a mark, and nothing that could pass for the end of
 * a line, or for a boundary of the model's own format, is left in it: so no text can begin a section of ours. Whether the model
 * believes what it reads there is another matter (docs/conversation.md 13).
 */

/** All that some reader takes for the end of a line. */
const lineEnds = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g

/** Joiners are letters of Persian and of Indian scripts, and hold emoji together; between anything else they only hide. */
const joiners =
  /(?<!\p{L}|\p{M}|\p{Extended_Pictographic})[\u200c\u200d]|[\u200c\u200d](?!\p{L}|\p{M}|\p{Extended_Pictographic})/gu

/** Control characters, and what is not seen: direction marks, tags, soft hyphens. */
const unseen = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}]/gu

/** `<|im_start|>`, `[INST]` and their kind: boundaries of turns in formats that models were trained on. They are pulled apart. */
const boundaries = /[<\uff1c](?=[|\uff5c])|[|\uff5c](?=[>\uff1e])|\[(?=\/?(?:INST|SYS)\])/giu

const clean = (text: string, longest: number): string =>
  (text.length > longest ? `${text.slice(0, longest)} […]` : text)
    .toWellFormed()
    .replace(lineEnds, "\n")
    .replace(joiners, "")
    .replace(unseen, "")
    .replace(boundaries, "$& ")
    .trim()

/** As lines that begin with `> `. `longest`: characters that count. */
export const quoted = (text: string, longest: number): string =>
  clean(text, longest)
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n")

/** As part of a sentence of ours. */
export const inline = (text: string, longest: number): string =>
  clean(text, longest)
    .replace(/\s+/g, " ")
    .replace(/^#+\s*/, "")
