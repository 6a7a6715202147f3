/**
 * The demo: the main job, for real, in a throwaway repository with a home folder of its own. The real git, database and
 * check scripts; the same services as the commands.
 */
import * as Traced from "@calm/domain/Traced"
import { TaggedError } from "@calm/domain/TaggedError"
import * as Calm from "@calm/core/Calm"
import * as Ports from "@calm/core/Ports"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { Events } from "@calm/core/Events"
import { Projects } from "@calm/core/Projects"
import { Status } from "@calm/core/Status"
import * as Git from "@calm/git/Git"
import { Environment, layerOf } from "@calm/process/Environment"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { commitIn } from "./agent.ts"
import { start } from "./repository.ts"
import { bug, feature } from "./scenes.ts"
import * as Story from "./Story.ts"

/** The demo as told, and where it was played. */
export const Played = Schema.Struct({
  steps: Schema.Array(Story.Told),
  /** The folder, if it was kept. */
  folder: Schema.NullOr(Schema.String)
}).annotations({ identifier: "Demo" })
export type Played = typeof Played.Type

/**
 * The demo's own folder could not be made.
 *
 * @public
 */
export class DemoImpossible extends TaggedError<DemoImpossible>()("DemoImpossible", { reason: Schema.String }) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `The demo needs a temporary folder: ${this.reason}`
  }
  get hint() {
    return 'TMPDIR="$HOME" calm demo'
  }
}

const look = Effect.gen(function* () {
  yield* Story.title("What there is to see afterwards")
  yield* Story.done(
    "calm status",
    Effect.flatMap(Status, (status) => status.overview),
    ({ counters, health, merges, tasks }) =>
      `${health.level}, ${tasks.length} open tasks, last merges ${merges.map((merge) => merge.taskId).join(", ")}, ${counters
        .filter((counter) => counter.value > 0)
        .map((counter) => `${counter.name} ${counter.value}`)
        .join(", ")}`
  )
  yield* Story.done(
    "calm log --limit 3",
    Effect.flatMap(Events, (events) => events.list({ limit: 3 })),
    (events) => events.map((event) => `${event.kind} ${event.taskId ?? ""}`.trim()).join(", ")
  )
})

/** What of this calm's own the demo works with: the folders of its check scripts and role prompts, absolute. */
export interface Installation {
  readonly gates: string
  readonly roles: string
}

const play = (folder: string, { gates, roles }: Installation) =>
  Effect.gen(function* () {
    const path = yield* Path.Path
    const files = yield* FileSystem.FileSystem
    const outer = yield* Environment
    const repo = path.join(folder, "greetings")
    const machine = Layer.mergeAll(
      layerOf({ ...outer, cwd: repo }),
      Ports.system,
      Layer.succeed(CurrentActor, { name: "me", workerId: null })
    )
    const calm = Calm.layer({ home: path.join(folder, "home"), gates, roles }).pipe(
      Layer.provideMerge(Git.layer),
      Layer.provideMerge(machine)
    )
    yield* Effect.mapError(
      files.makeDirectory(repo, { recursive: true }),
      (error) => new DemoImpossible({ reason: error.message })
    )
    return yield* Effect.gen(function* () {
      const git = yield* Git.Git
      yield* Story.title("A small JavaScript repository")
      yield* git.init(repo, "main")
      yield* Story.work("somebody makes it, with one test", commitIn(repo, start, "Start"))
      const { project } = yield* Story.done(
        "calm init",
        Effect.flatMap(Projects, (projects) => projects.register(repo)),
        (registered) => `base branch ${registered.project.baseBranch}, counters ${registered.counters.join(", ")}`
      )
      yield* feature.pipe(Effect.andThen(bug), Effect.andThen(look), Effect.provideService(CurrentProject, project))
      return yield* Effect.flatMap(Story.Story, (story) => story.told)
    }).pipe(Effect.provide(calm))
  })

/** Plays the demo. Fails at the first step that does not come out as told. */
export const run = Traced.fn("Demo.run")(function* (options: Installation & { readonly keep: boolean }) {
  const files = yield* FileSystem.FileSystem
  const made = options.keep
    ? files.makeTempDirectory({ prefix: "calm-demo-" })
    : files.makeTempDirectoryScoped({ prefix: "calm-demo-" })
  const folder = yield* Effect.mapError(made, (error) => new DemoImpossible({ reason: error.message }))
  const real = yield* Effect.mapError(files.realPath(folder), (error) => new DemoImpossible({ reason: error.message }))
  const steps = yield* Effect.tapError(play(real, options), () =>
    // How far it came, for whoever looks for the fault; on a terminal it has been told already.
    Effect.flatMap(Story.Story, (story) => story.told).pipe(
      Effect.flatMap((told) => Effect.logDebug(told.flatMap(Story.lines).join("\n")))
    )
  )
  const played: Played = { steps, folder: options.keep ? real : null }
  return played
}, Effect.scoped)
