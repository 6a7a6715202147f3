/** One command, everything about it in one place: what it takes, what it does, what it answers and how that looks. */
import type { Category, Problem } from "@calm/domain/Problem"
import type { Environment } from "@calm/process/Environment"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Fields from "./Fields.ts"
import type { Input as Stdin } from "./Input.ts"
import { Invocation } from "./Invocation.ts"
import type { Answer } from "./Output.ts"
import type { Argument, Option } from "./Parameter.ts"
import type { Progress } from "./Progress.ts"
import { plain, type Style } from "./Style.ts"
import * as Usage from "./Usage.ts"
import type { UsageError } from "./UsageError.ts"

/** What every command may use without asking for it. */
export type Base = Invocation | Environment | Progress | Stdin

type Arguments = Readonly<Record<string, Argument<unknown>>>
type Options = Readonly<Record<string, Option<unknown>>>

/** What a command is called with: the decoded values under the names they were declared with. */
export type Input<A extends Arguments, O extends Options> = {
  readonly [K in keyof A]: A[K] extends Argument<infer Value> ? Value : never
} & {
  readonly [K in keyof O]: O[K] extends Option<infer Value> ? Value : never
}

/** A command as the rest of the program sees it. */
export interface Leaf {
  readonly description: string | undefined
  readonly examples: ReadonlyArray<string>
  /** In the order they are typed. */
  readonly args: ReadonlyArray<Argument<unknown>>
  readonly options: ReadonlyArray<Option<unknown>>
  /** The schema of `data`. */
  readonly output: Schema.Schema.AnyNoContext
  /** Its answer may be no: printed either way, while the exit code tells why. */
  readonly question: boolean
  /** Reads the words, then does the work. Nothing heavy is built before the words are found good. */
  readonly answer: (given: Usage.Given) => Effect.Effect<Answer, UsageError | Problem, Base>
}

/** Declares a command. */
export const make = <
  const A extends Arguments,
  const O extends Options,
  Output,
  Encoded,
  E extends Problem = never,
  S = never,
  LE extends Problem = never
>(spec: {
  /** A paragraph below the summary in help. */
  readonly description?: string | undefined
  /** Whole command lines, the first of them the common case. */
  readonly examples: readonly [string, ...ReadonlyArray<string>]
  readonly args: A
  readonly options: O
  readonly output: Schema.Schema<Output, Encoded>
  readonly run: (input: Input<A, O>) => Effect.Effect<Output, E, NoInfer<S> | Base>
  /** The services of `run`, built for this command alone; `Layer.empty` where it needs none. */
  readonly layer: Layer.Layer<S, LE, Base>
  /** The answer for people. Colour through `Style`; a user's text through `Style.line` where it must stay on one line. */
  readonly render: (output: Output, style: Style) => string
  /** What an interruption leaves behind that is gone on with: by which command. `null`: nothing. */
  readonly left?: ((input: Input<A, O>) => Effect.Effect<string | null, never, NoInfer<S> | Base>) | undefined
  /** For a question: why the answer is no, `undefined` for yes. The answer is printed either way. */
  readonly exit?: ((output: Output) => Category | undefined) | undefined
  /** What a person should know beside the answer; printed on stderr. */
  readonly notices?: ((output: Output) => ReadonlyArray<string>) | undefined
  /** What `--quiet` leaves of the answer: an id, a path, for a list a line each; nothing where this is left out. */
  readonly quiet?: ((output: Output) => string) | undefined
  /** The list in the answer whose entries `--fields` cuts down. */
  readonly list?: Fields.ListKey<NoInfer<Encoded>> | undefined
}): Leaf => {
  const { list } = spec
  const fields = list === undefined ? [] : Fields.fieldsOf(spec.output, list)
  const leaving = Effect.fnUntraced(function* (input: Input<A, O>) {
    const { unfinished } = yield* Invocation
    const command = yield* spec.left?.(input) ?? Effect.succeed(null)
    if (command !== null) yield* unfinished(command)
  })
  const answered = Effect.fnUntraced(function* (input: Input<A, O>, asked: ReadonlyArray<string> | undefined) {
    const services = yield* Layer.build(spec.layer)
    const output = yield* spec.run(input).pipe(
      Effect.onInterrupt(() => leaving(input)),
      Effect.mapInputContext((base: Context.Context<Base>) => Context.merge(base, services))
    )
    // Encoded for those who read it as data: it takes as long as the rest. An answer that does not fit its own schema is our
    // fault, not the caller's.
    const { json } = yield* Invocation
    const data = json || asked !== undefined ? yield* Effect.orDie(Schema.encode(spec.output)(output)) : null
    const category = spec.exit?.(output)
    const notices = spec.notices?.(output) ?? []
    if (list !== undefined && asked !== undefined) {
      const picked = Fields.pick(data, list, asked)
      const text = (style: Style) => Fields.table(style, asked, picked.entries)
      return { data: picked.data, text, quiet: text(plain), category, notices }
    }
    const text = (style: Style) => spec.render(output, style)
    return { data, text, quiet: spec.quiet?.(output) ?? "", category, notices }
  }, Effect.scoped)
  return {
    description: spec.description,
    examples: spec.examples,
    args: Object.values(spec.args),
    options: [...Object.values(spec.options), ...(list === undefined ? [] : [Fields.option(fields)])],
    output: spec.output,
    question: spec.exit !== undefined,
    answer: Effect.fnUntraced(function* (given: Usage.Given) {
      const values = yield* Usage.values(given, spec.args, spec.options)
      const asked = yield* Fields.parse(given.options.get("fields"), fields, given.path)
      // `values` has decoded each key with the parameter declared under that key.
      return yield* answered(values as Input<A, O>, asked)
    })
  }
}
