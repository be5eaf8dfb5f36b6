/** What counts as evidence: the callee's words, with their numbers, dates and negations as they were said. */
import { FastCheck as fc } from "effect"
import { describe, expect, it } from "vitest"
import { shareOf } from "../../src/domain/Quote.ts"

const bears = (said: string, quote: string) => shareOf(quote, said) > 0

describe("4.12 a quote is evidence", () => {
  for (const [said, quote] of [
    ["Yes, Tuesday at two, that works.", "Tuesday at two works for us"],
    ["Yes, Tuesday at 2 pm works. See you then.", "tuesday at two p.m. works"],
    ["No problem, Tuesday works.", "Tuesday works"],
    ["No, Monday does not work, but Tuesday works fine.", "Tuesday works fine"],
    ["We can't do Monday.", "we cannot do Monday"],
    ["I don’t want that.", "I don't want that"],
    ["Your number is five five five, oh, 0123.", "Your number is 555"],
    ["It costs twenty five dollars.", "It costs 25 dollars"],
    ["Be there at 14:00.", "be there at 14"],
    ["Ja, Dienstag um 14 Uhr passt.", "Dienstag um 14 Uhr passt"]
  ] as const) {
    it(`"${quote}" is in "${said}"`, () => expect(bears(said, quote)).toBe(true))
  }

  for (const [said, quote] of [
    ["Tuesday does not work.", "Tuesday works"],
    ["No, Tuesday does not work for me.", "yes Tuesday works for me"],
    ["I don't think Tuesday works.", "I think Tuesday works"],
    ["I do not think Tuesday works.", "Tuesday works"],
    ["Dienstag passt mir nicht.", "Dienstag passt mir"],
    ["Yes, Tuesday at 3 pm works.", "Yes, Tuesday at 2 pm works"],
    ["Yes, Thursday at 2 pm works.", "Yes, Tuesday at 2 pm works"],
    ["Yes, Tuesday morning works.", "Yes, Tuesday afternoon works"],
    ["Tuesday at 2, or Wednesday at 3.", "Tuesday at 3"],
    ["Tuesday at 2, or Wednesday at 3.", "Wednesday at 2"],
    ["Your number is 555-0123.", "Your number is 555-0124"],
    ["[inaudible]", "inaudible"],
    ["Hello?", ""],
    ["", "Yes"]
  ] as const) {
    it(`"${quote}" is not in "${said}"`, () => expect(bears(said, quote)).toBe(false))
  }
})

const filler = fc.constantFrom("well", "yes", "we", "can", "do", "that", "for", "you", "the", "table", "works")
const fact = fc.constantFrom("Tuesday", "Friday", "2", "3", "seven", "June", "tomorrow")
const sentence = fc.array(fc.oneof({ weight: 3, arbitrary: filler }, fact), { minLength: 2, maxLength: 10 })

describe("4.12 whatever is said", () => {
  it("bears itself, in any case and with any punctuation at its end", () => {
    fc.assert(
      fc.property(sentence, (words) => {
        const said = words.join(" ")
        expect(shareOf(`${said.toUpperCase()}!`, said)).toBe(1)
      })
    )
  })

  it("bears nothing any more once a number or a day of the quote is another", () => {
    fc.assert(
      fc.property(sentence, fc.nat(), fact, fact, (words, at, one, other) => {
        fc.pre(one !== other)
        const put = (word: string) => words.toSpliced(at % words.length, 0, "at", word, "and").join(" ")
        const facts = (text: string) => text.split(" ").filter((word) => !/^[a-z]+$/.test(word) || word === "tomorrow")
        // without the other one nearby, which the quote might mean
        fc.pre(!facts(words.join(" ")).includes(other) && !words.includes("seven"))
        expect(bears(put(one), put(other))).toBe(false)
      })
    )
  })

  it("bears nothing any more once it is denied", () => {
    fc.assert(
      fc.property(sentence, fc.nat(), fc.constantFrom("not", "never", "don't", "nicht"), (words, at, denial) => {
        const denied = words.toSpliced(at % words.length, 0, denial).join(" ")
        expect(bears(denied, words.join(" "))).toBe(false)
        expect(bears(words.join(" "), denied)).toBe(false)
      })
    )
  })

  it("is judged in bounds, whatever text comes", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (quote, said) => {
        const share = shareOf(quote, said)
        expect(share === 0 || (share >= 0.6 && share <= 1)).toBe(true)
      })
    )
  })
})
