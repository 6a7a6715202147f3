/** What can go wrong with what a program prints, as data: the same input damages any output in the same way. */
import * as FastCheck from "effect/FastCheck"

const kinds = [
  "cut",
  "cut out",
  "twice",
  "a thousand times",
  "without separators",
  "other separators",
  "put in",
  "put over",
  "replaced",
  "far too long",
  "silent",
  "of another",
  "windows"
] as const

/** One damage; `at` and `length` are parts of the output, from 0 to 1. */
export interface Mutation {
  readonly kind: (typeof kinds)[number]
  readonly at: number
  readonly length: number
  readonly bytes: Uint8Array
  /** How it ends then; `null`: as it did. */
  readonly exit: number | "SIGKILL" | null
}

/** Random bytes, and those that mean something to a parser. */
const bytes = FastCheck.oneof(
  FastCheck.uint8Array({ maxLength: 200 }),
  FastCheck.string({ unit: "binary", maxLength: 60 }).map((text) => Buffer.from(text)),
  FastCheck.constantFrom(
    "\0",
    "\n",
    "\0\0",
    " ",
    "\t",
    "refs/heads/",
    "0".repeat(40),
    "\ufeff",
    "worktree ",
    "-1",
    "9".repeat(400)
  ).map((text) => Buffer.from(text)),
  FastCheck.constantFrom([0xc3], [0xed, 0xa0, 0x80], [0xff, 0xfe], [0x1b, 0x5d]).map((list) => Buffer.from(list))
)

const part = FastCheck.double({ min: 0, max: 1, noNaN: true })

export const mutation: FastCheck.Arbitrary<Mutation> = FastCheck.record({
  kind: FastCheck.constantFrom(...kinds),
  at: part,
  length: part,
  bytes,
  exit: FastCheck.oneof(
    { weight: 3, arbitrary: FastCheck.constant(null) },
    { weight: 1, arbitrary: FastCheck.constantFrom(0, 1, 2, 128, 129, 255, "SIGKILL" as const) }
  )
})

/** The damaged output; `other` is what the program prints to another question. */
export const damaged = (
  output: Uint8Array,
  other: Uint8Array,
  { at, bytes: more, kind, length }: Mutation
): Uint8Array => {
  const from = Math.floor(at * output.length)
  const to = Math.min(output.length, from + Math.ceil(length * (output.length - from)))
  switch (kind) {
    case "cut":
      return output.subarray(0, from)
    case "cut out":
      return Buffer.concat([output.subarray(0, from), output.subarray(to)])
    case "twice":
      return Buffer.concat([output, output])
    case "a thousand times":
      return Buffer.concat(Array.from({ length: 1000 }, () => output.subarray(from, Math.min(to, from + 1000))))
    case "without separators":
      return output.filter((byte) => byte !== 0)
    case "other separators":
      return output.map((byte) => (byte === 0 ? 10 : byte === 10 ? 0 : byte))
    case "put in":
      return Buffer.concat([output.subarray(0, from), more, output.subarray(from)])
    case "put over":
      return Buffer.concat([output.subarray(0, from), more, output.subarray(from + more.length)])
    case "replaced":
      return more
    case "far too long":
      return Buffer.concat([output, Buffer.alloc(256 * 1024, more.length === 0 ? "x" : more)])
    case "silent":
      return new Uint8Array(0)
    case "of another":
      return other
    case "windows":
      return Buffer.from(Buffer.from(output).toString("latin1").replaceAll("\n", "\r\n"), "latin1")
  }
}

/** For the message of a failed test. */
export const told = ({ at, bytes: more, exit, kind, length }: Mutation): string =>
  `${kind} at ${at.toFixed(3)} for ${length.toFixed(3)} with ${JSON.stringify(Buffer.from(more).toString("latin1").slice(0, 80))}, exit ${exit ?? "as before"}`
