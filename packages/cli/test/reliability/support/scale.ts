/** How much the suites of this folder try: all of it by `npm run test:full`, a part of it by `npm test`. */

/** Is everything tried? */
export const full: boolean = process.env["RELIABILITY"] === "full"

/** One of two sizes. */
export const scaled = <A>(part: A, all: A): A => (full ? all : part)

/**
 * At most so many of a list, spread over all of it; the whole list where everything is tried. The first and the last one
 * are always there (of one alone the first), and so is what must be, beyond that number.
 */
export const sample = <A>(
  list: ReadonlyArray<A>,
  most: number,
  must: (each: A) => boolean = () => false
): ReadonlyArray<A> => {
  if (full || list.length <= most) return list
  const step = (list.length - 1) / Math.max(1, most - 1)
  const spread = new Set(Array.from({ length: most }, (_, index) => Math.round(index * step)))
  return list.filter((each, index) => spread.has(index) || must(each))
}
