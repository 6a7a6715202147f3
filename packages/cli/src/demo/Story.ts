/** The telling of the demo: each step is really done, must come out as told, and is written down in a line or two. */
import { TaggedError } from "@calm/domain/TaggedError"
import { unmet, Verdict } from "@calm/domain/Verdict"
import { isProblem, type Problem } from "@calm/domain/Problem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { Progress } from "../Progress.ts"

/** A step of the demo did not come out as told. */
export class DemoFailed extends TaggedError<DemoFailed>()("DemoFailed", {
  step: Schema.String,
  expected: Schema.String,
  found: Schema.String
}) {
  get category() {
    return "internal" as const
  }
  override get message() {
    return `The demo went wrong at: ${this.step}\nexpected: ${this.expected}\nfound: ${this.found}`
  }
  get hint() {
    return "calm demo --keep"
  }
}

/** One step as told. */
export const Told = Schema.Struct({
  kind: Schema.Literal("title", "work", "done", "refused"),
  /** The equivalent command; for work, what somebody did. */
  step: Schema.String,
  /** How it came out. */
  outcome: Schema.Array(Schema.String)
}).annotations({ identifier: "DemoStep" })
export type Told = typeof Told.Type

export class Story extends Context.Tag("@calm/cli/demo/Story")<
  Story,
  {
    readonly told: Effect.Effect<ReadonlyArray<Told>>
    readonly tell: (told: Told) => Effect.Effect<void>
  }
>() {}

const marks = { title: "", work: "·", done: "✓", refused: "✗" } as const

/** A step in lines, the first with its mark; short outcomes stand beside the step. */
export const lines = ({ kind, outcome, step }: Told): ReadonlyArray<string> => {
  if (kind === "title") return [step]
  const [first, ...others] = outcome
  const beside = first !== undefined && others.length === 0 && step.length + first.length < 100
  return [
    `${marks[kind]} ${step}${beside ? `  → ${first}` : ""}`,
    ...(beside ? [] : outcome).map((line) => `    ${kind === "refused" ? "refused: " : "→ "}${line}`)
  ]
}

export const layer: Layer.Layer<Story, never, Progress> = Layer.effect(
  Story,
  Effect.gen(function* () {
    const all = yield* Ref.make<ReadonlyArray<Told>>([])
    const progress = yield* Progress
    return {
      told: Ref.get(all),
      tell: (told) =>
        Ref.update(all, (before) => [...before, told]).pipe(
          Effect.andThen(Effect.forEach(lines(told), progress.step, { discard: true }))
        )
    }
  })
)

const tell = (told: Told) => Effect.flatMap(Story, (story) => story.tell(told))

/** A heading. */
export const title = (step: string) => tell({ kind: "title", step, outcome: [] })

/** Somebody's own work, between the commands. */
export const work = <A, E extends { readonly message: string }, R>(step: string, effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.mapError((error) => new DemoFailed({ step, expected: "success", found: error.message })),
    Effect.zipLeft(tell({ kind: "work", step, outcome: [] }))
  )

/** A command that must succeed, and what to say of its answer. */
export const done = <A, E extends Problem, R>(
  step: string,
  effect: Effect.Effect<A, E, R>,
  say: (answer: A) => string
) =>
  effect.pipe(
    Effect.mapError((error) => new DemoFailed({ step, expected: "success", found: describe(error).join("; ") })),
    Effect.tap((answer) => tell({ kind: "done", step, outcome: [say(answer)] }))
  )

/** A gate that must not pass, for these very checks. */
export const failing = <E extends Problem, R>(
  step: string,
  effect: Effect.Effect<{ readonly verdict: Verdict }, E, R>,
  checks: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const { verdict } = yield* Effect.mapError(
      effect,
      (error) => new DemoFailed({ step, expected: "a verdict", found: describe(error).join("; ") })
    )
    yield* sameChecks(
      step,
      checks,
      unmet(verdict).map((outcome) => outcome.check)
    )
    yield* tell({
      kind: "refused",
      step,
      outcome: unmet(verdict).map((outcome) => `${outcome.check}: ${outcome.summary}`)
    })
  })

/** A gate that must pass. */
export const passing = <E extends Problem, R>(
  step: string,
  effect: Effect.Effect<{ readonly verdict: Verdict }, E, R>
) =>
  Effect.gen(function* () {
    const { verdict } = yield* Effect.mapError(
      effect,
      (error) => new DemoFailed({ step, expected: "a pass", found: describe(error).join("; ") })
    )
    yield* sameChecks(
      step,
      [],
      unmet(verdict).map((outcome) => outcome.check)
    )
    const said = verdict.outcomes.map(
      ({ cached, check, status }) => `${check} ${status}${cached ? " (on record)" : ""}`
    )
    yield* tell({ kind: "done", step, outcome: [said.join(", ")] })
  })

const Refusal = Schema.Struct({ outcomes: Verdict.fields.outcomes })

/** A command that must be refused, for these very checks. */
export const refused = <A, E extends Problem, R>(
  step: string,
  effect: Effect.Effect<A, E, R>,
  checks: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const result = yield* Effect.either(effect)
    if (Either.isRight(result))
      return yield* new DemoFailed({ step, expected: `a refusal for ${checks.join(", ")}`, found: "it was done" })
    const outcomes = Schema.is(Refusal)(result.left) ? result.left.outcomes : []
    yield* sameChecks(
      step,
      checks,
      outcomes.map((outcome) => outcome.check)
    )
    yield* tell({ kind: "refused", step, outcome: describe(result.left) })
  })

const sameChecks = (step: string, expected: ReadonlyArray<string>, found: ReadonlyArray<string>) =>
  [...expected].sort().join(", ") === [...found].sort().join(", ")
    ? Effect.void
    : new DemoFailed({
        step,
        expected: expected.length === 0 ? "every condition met" : `not met: ${expected.join(", ")}`,
        found: found.length === 0 ? "every condition met" : `not met: ${found.join(", ")}`
      })

const describe = (error: Problem): ReadonlyArray<string> =>
  Schema.is(Refusal)(error)
    ? error.outcomes.map((outcome) => `${outcome.check}: ${outcome.summary}`)
    : [isProblem(error) ? error.message : String(error)]
