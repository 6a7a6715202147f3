/** One run of calm: from the words of the command line to what is printed. */
import type { System } from "@calm/core/Ports"
import { isProblem, type Problem } from "@calm/domain/Problem"
import type { Outcome } from "@calm/domain/Verdict"
import type { Environment } from "@calm/process/Environment"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { logLevelIn } from "./Globals.ts"
import * as Help from "./Help.ts"
import { detailsOf } from "./internal/details.ts"
import * as Logging from "./internal/logging.ts"
import { Input } from "./Input.ts"
import { Invocation } from "./Invocation.ts"
import * as Output from "./Output.ts"
import * as Progress from "./Progress.ts"
import * as Screen from "./Screen.ts"
import type { Style } from "./Style.ts"
import type * as Tree from "./Tree.ts"
import * as Usage from "./Usage.ts"

/** What surrounds a run. */
export interface Surroundings {
  readonly mode: Output.Mode
  readonly environment: Layer.Layer<Environment>
  readonly input: Context.Tag.Service<typeof Input>
  /** The folder of the check scripts that belong to this calm, absolute. */
  readonly gates: string
  /** The folder of its role prompts, absolute. */
  readonly roles: string
  /** The folder of the bundle that runs, absolute, if calm runs from one. */
  readonly installed?: string | undefined
  /** What calm acts on the machine with, if that is not the machine's own. */
  readonly system?: Layer.Layer<System> | undefined
  /** Writes to stderr at once: progress and log. */
  readonly report: (text: string) => void
  /** The columns of the terminal that stderr is, as many as there are now; without it always those of its style. */
  readonly columns?: (() => number) | undefined
  /** Told the command that goes on with what is left, where a command is interrupted that leaves something. */
  readonly unfinished?: ((command: string) => void) | undefined
}

/**
 * Runs the command that the words mean. Every failure and every defect becomes an outcome; only an interruption passes
 * through, since what it amounts to depends on who interrupted.
 */
export const run = (
  tree: Tree.Group,
  argv: ReadonlyArray<string>,
  { columns, environment, gates, input, installed, mode, report, roles, system, unfinished }: Surroundings
): Effect.Effect<Output.Outcome> =>
  Effect.suspend(() => {
    const screen = Screen.make(mode.stderr, report, columns)
    return Effect.gen(function* () {
      const request = yield* Usage.parse(tree, argv)
      switch (request._tag) {
        case "Version":
          return Output.version(mode)
        case "Topic":
          return Output.help(mode, (yield* Effect.promise(request.topic)).page)
        case "Help":
          return Output.help(mode, yield* pageOf(request))
        case "Run": {
          const { common, given, leaf } = request
          const named = inProject(mode, common.project)
          const invocation = {
            path: given.path,
            project: common.project,
            json: mode.json,
            gates,
            roles,
            installed,
            system,
            tree,
            unfinished: (command: string) => Effect.sync(() => unfinished?.(command))
          }
          return yield* leaf.answer(given).pipe(
            Effect.provideService(Invocation, invocation),
            Effect.provideService(Input, input),
            Effect.provide(Layer.merge(environment, Progress.layer(mode.stderr, mode.quiet, screen))),
            Effect.flatMap((answer) => Effect.map(atPresent(named), (present) => Output.answer(present, answer))),
            // Here and not at the edge below, which does not know the project that the hints have to name.
            Effect.catchAllCause((cause) => failed(named, argv, cause))
          )
        }
      }
    }).pipe(
      // The outermost edge: beyond it nobody could tell the user what happened.
      Effect.catchAllCause((cause) => failed(mode, argv, cause)),
      Effect.provide(Logging.layer(logLevelIn(argv), mode, screen.write))
    )
  })

/** What is printed names the project that was named. */
const inProject = (mode: Output.Mode, project: string | undefined): Output.Mode => ({
  ...mode,
  stdout: { ...mode.stdout, project },
  stderr: { ...mode.stderr, project }
})

/** Times are told relative to the moment of printing. */
const atPresent = (mode: Output.Mode): Effect.Effect<Output.Mode> =>
  Effect.map(Clock.currentTimeMillis, (now) => ({ ...mode, stdout: { ...mode.stdout, now } }))

/** The help page of a node. A command must be loaded to be described, a group need not. */
const pageOf = Effect.fnUntraced(function* ({ node, path }: Extract<Usage.Request, { readonly _tag: "Help" }>) {
  if (node._tag === "Entry") {
    const leaf = yield* Usage.load(node)
    return (style: Style) => Help.leaf(path, node, leaf, style)
  }
  if (node.self === undefined) return (style: Style) => Help.group(path, node, style)
  const self = yield* Usage.load(node.self)
  return (style: Style) => Help.groupWithSelf(path, node, self, style)
})

const failed = (
  mode: Output.Mode,
  argv: ReadonlyArray<string>,
  cause: Cause.Cause<Problem>
): Effect.Effect<Output.Outcome> =>
  Either.match(Cause.failureOrCause(cause), {
    onLeft: (problem) =>
      Effect.zipRight(
        Effect.logDebug("The command failed.", cause),
        Effect.map(reasonsOf(problem), (reasons) => failure(mode, argv, problem, reasons))
      ),
    onRight: (unexpected) =>
      Cause.isInterruptedOnly(unexpected)
        ? Effect.failCause(unexpected)
        : Effect.as(Effect.logError("calm failed in an unexpected way.", unexpected), Output.defect(mode, argv))
  })

/** The conditions that are not met, of a refusal. What verdicts consist of is loaded for those alone. */
const reasonsOf = (problem: Problem): Effect.Effect<ReadonlyArray<Outcome>> =>
  isProblem(problem) && "outcomes" in problem
    ? Effect.map(
        Effect.promise(() => import("@calm/domain/Verdict")),
        ({ Outcome }) => (Schema.is(Schema.Array(Outcome))(problem.outcomes) ? problem.outcomes : [])
      )
    : Effect.succeed([])

const failure = (
  mode: Output.Mode,
  argv: ReadonlyArray<string>,
  problem: Problem,
  reasons: ReadonlyArray<Outcome>
): Output.Outcome =>
  // The types say so; a service built without them may still fail with something else.
  isProblem(problem)
    ? Output.failure(mode, {
        _tag: problem._tag,
        category: problem.category,
        message: problem.message,
        hint: problem.hint,
        reasons,
        details: detailsOf(problem)
      })
    : Output.defect(mode, argv)
