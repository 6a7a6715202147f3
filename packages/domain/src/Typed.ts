/** Words that somebody typed or a program handed over, as failures repeat them: who gave 100 kB need not get them back. */
import * as Schema from "effect/Schema"

/** The beginning of a text: so many characters at most, none of them cut in half. */
export const beginning = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…` : text

/** A word as it was given. What is printed of a very long one is its beginning. */
export const Typed = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (word) => word,
  encode: (word) => beginning(word, 500)
})

/** The same word in a sentence. */
export const inQuotes = (word: string): string => JSON.stringify(beginning(word, 80))
