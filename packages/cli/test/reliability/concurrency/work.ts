/** One process at its work: it does what it likes of the mix, again and again, and writes down what it was answered. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { choices, type Deed, deeds, type Me } from "./mix.ts"

/** What came of something: `done`, the code of a refusal, or `fault` where calm had no typed answer. */
export interface Outcome {
  readonly outcome: string
  /** What a success tells, or what was said of a failure. */
  readonly said: string
}

/** An answer, as it is written down. */
export const Answer = Schema.Struct({
  by: Schema.Literal("services", "command"),
  deed: Schema.String,
  key: Schema.String,
  outcome: Schema.String,
  said: Schema.String,
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
  only: Schema.NullOr(Schema.String)
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
  const end = (yield* Clock.currentTimeMillis) + task.seconds * 1000
  while (answers.length < task.least || (yield* Clock.currentTimeMillis) < end) {
    const [name, deed] = urn[yield* from.below(urn.length)] ?? []
    if (name === undefined || deed === undefined) continue
    const key = yield* deed.key(from, task)
    const [took, { outcome, said }] = yield* Effect.timed(perform(deed, key, task))
    answers.push({ by, deed: name, key, outcome, said, milliseconds: Duration.toMillis(took) })
  }
  return answers
})
