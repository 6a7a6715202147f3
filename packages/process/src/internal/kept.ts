/**
 * What is kept of an output: its first half and its last half, in memory that is bounded by the cap however much and
 * in however small pieces the program prints.
 */
export interface Kept {
  readonly push: (chunk: Uint8Array) => void
  /** The first half and the last half, joined. */
  readonly bytes: () => Uint8Array
  /** Something in the middle was left out. */
  readonly truncated: () => boolean
}

const firstSize = 4096

/** A buffer for at least `needed` bytes: doubled rather than grown by each chunk, and never above `limit`. */
const grown = (buffer: Uint8Array, used: number, needed: number, limit: number): Uint8Array => {
  if (needed <= buffer.length) return buffer
  const larger = new Uint8Array(Math.min(limit, Math.max(needed, buffer.length * 2, firstSize)))
  larger.set(buffer.subarray(0, used))
  return larger
}

export const make = (headLimit: number, tailLimit: number): Kept => {
  let head: Uint8Array = new Uint8Array(0)
  let headUsed = 0
  // The tail is a plain buffer until it has reached its limit and a ring from then on; `tailNext` is where the ring's
  // oldest byte stands and the next one goes.
  let tail: Uint8Array = new Uint8Array(0)
  let tailUsed = 0
  let tailNext = 0
  let dropped = false

  const pushTail = (chunk: Uint8Array): void => {
    const room = tailLimit - tailUsed
    const plain = chunk.subarray(0, room)
    if (plain.length > 0) {
      tail = grown(tail, tailUsed, tailUsed + plain.length, tailLimit)
      tail.set(plain, tailUsed)
      tailUsed += plain.length
    }
    const rest = chunk.subarray(plain.length)
    if (rest.length === 0) return
    dropped = true
    if (tailLimit === 0) return
    const last = rest.subarray(Math.max(0, rest.length - tailLimit))
    // What is skipped would have gone round the ring as a whole.
    tailNext = (tailNext + rest.length - last.length) % tailLimit
    const beforeWrap = last.subarray(0, tailLimit - tailNext)
    tail.set(beforeWrap, tailNext)
    tail.set(last.subarray(beforeWrap.length), 0)
    tailNext = (tailNext + last.length) % tailLimit
  }

  return {
    push: (chunk) => {
      const first = chunk.subarray(0, headLimit - headUsed)
      if (first.length > 0) {
        head = grown(head, headUsed, headUsed + first.length, headLimit)
        head.set(first, headUsed)
        headUsed += first.length
      }
      if (first.length < chunk.length) pushTail(chunk.subarray(first.length))
    },
    bytes: () => {
      const joined = new Uint8Array(headUsed + tailUsed)
      joined.set(head.subarray(0, headUsed))
      const oldest = tail.subarray(tailNext, tailUsed)
      joined.set(oldest, headUsed)
      joined.set(tail.subarray(0, tailNext), headUsed + oldest.length)
      return joined
    },
    truncated: () => dropped
  }
}

/** The first half and the last half of at most `cap` bytes. */
export const halves = (cap: number): Kept => {
  const limit = Math.max(0, Math.floor(cap))
  const head = Math.ceil(limit / 2)
  return make(head, limit - head)
}
