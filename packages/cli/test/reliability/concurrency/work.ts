/** One process at its work: it does what it likes of the mix, again and again, and writes down what it was answered. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { choices, type Deed, deeds, type Me } from "./mix.ts"

/** What came of something: `done`, the code of a refusal, or `fault` where calm had no typed answer. */
export interface Outcome {
  readonly outcome: string
  /** What a success tells, or what was said of a failure. */
  readonly said: string
  /** The conditions that a refused move names. */
  readonly reasons: ReadonlyArray<string>
}

const Refused = Schema.Struct({
  outcomes: Schema.Array(Schema.Struct({ kind: Schema.String, summary: Schema.String }))
})

/** The conditions that a failure names, by its fields. */
export const reasonsOf = (fields: unknown): ReadonlyArray<string> =>
  Schema.is(Refused)(fields) ? fields.outcomes.map(({ kind, summary }) => `${kind}: ${summary}`) : []

/** Milliseconds on a clock that all processes of the machine share, and that nobody sets. */
const now = () => Number(process.hrtime.bigint()) / 1e6

/** An answer, as it is written down. */
export const Answer = Schema.Struct({
  by: Schema.Literal("services", "command"),
  deed: Schema.String,
  key: Schema.String,
  outcome: Schema.String,
  said: Schema.String,
  reasons: Schema.Array(Schema.String),
  began: Schema.Number,
  milliseconds: Schema.Number
})
export type Answer = typeof Answer.Type

const decode = Schema.decode(Schema.parseJson(Answer))

/** The answers that a process has written down, one a line. */
export const read = (lines: ReadonlyArray<string>) => Effect.forEach(lines, (line) => decode(line))

/** What a working process is told. */
export const Task = Schema.Struct({
  number: Schema.Int,
  merges: Schema.Int,
  seed: Schema.Int,
  /** How long it works, at least, */
  seconds: Schema.Number,
  /** and how many deeds it does, at least, however slow the machine is. */
  least: Schema.Int,
  /** The one deed to do; all of the mix where it is `null`. */
  only: Schema.NullOr(Schema.String),
  /** What it does after that: the deeds and what they are done to. */
  duties: Schema.Array(Schema.Tuple(Schema.String, Schema.String))
})
export type Task = typeof Task.Type

/** Works for as long as is said. */
export const work = Effect.fnUntraced(function* <R>(
  task: Task,
  by: Answer["by"],
  perform: (deed: Deed, key: string, me: Me) => Effect.Effect<Outcome, never, R>
) {
  const from = choices(Random.make(task.seed))
  // Each deed is in it as many times as it has shares.
  const urn = Object.entries(deeds)
    .filter(([name]) => task.only === null || name === task.only)
    .flatMap((entry) => Array.from({ length: entry[1].share }, () => entry))
  const answers: Array<Answer> = []
  const attempt = Effect.fnUntraced(function* (name: string, deed: Deed, key: string) {
    const began = now()
    const outcome = yield* perform(deed, key, task)
    answers.push({ by, deed: name, key, ...outcome, began, milliseconds: now() - began })
  })
  const end = (yield* Clock.currentTimeMillis) + task.seconds * 1000
  while (answers.length < task.least || (yield* Clock.currentTimeMillis) < end) {
    const [name, deed] = urn[yield* from.below(urn.length)] ?? []
    if (name !== undefined && deed !== undefined) yield* attempt(name, deed, yield* deed.key(from, task))
  }
  for (const [name, key] of task.duties) {
    const deed = deeds[name]
    if (deed !== undefined) yield* attempt(name, deed, key)
  }
  return answers
})
