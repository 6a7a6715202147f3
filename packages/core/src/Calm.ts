/** All services of calm together: over any ports, or over the real SQL, git, processes and files. */
import * as Git from "@calm/git/Git"
import type { Environment } from "@calm/process/Environment"
import * as Owner from "@calm/process/Owner"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Sql from "@calm/sql/Sql"
import type { StoreError } from "@calm/sql/StoreError"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Counters from "./counters/Counters.ts"
import * as Events from "./events/Events.ts"
import * as CheckRunner from "./gates/CheckRunner.ts"
import * as CheckScripts from "./gates/CheckScripts.ts"
import * as Explain from "./gates/Explain.ts"
import * as FactFinder from "./gates/FactFinder.ts"
import * as Gates from "./gates/Gates.ts"
import * as Rulebook from "./gates/Rulebook.ts"
import * as Status from "./health/Status.ts"
import * as Home from "./home/Home.ts"
import * as MergeInspector from "./merges/MergeInspector.ts"
import * as Merges from "./merges/Merges.ts"
import * as Locks from "./operations/Locks.ts"
import * as Operations from "./operations/Operations.ts"
import * as Projects from "./projects/Projects.ts"
import * as Reviews from "./reviews/Reviews.ts"
import * as Deletion from "./tasks/Deletion.ts"
import * as Tasks from "./tasks/Tasks.ts"
import * as Transitions from "./tasks/Transitions.ts"
import * as Dependencies from "./worktrees/Dependencies.ts"
import * as Worktrees from "./worktrees/Worktrees.ts"

/** What the services stand on. */
export type Ports =
  | SqlClient.SqlClient
  | Git.Git
  | ProcessRunner.ProcessRunner
  | Owner.Owners
  | Environment
  | FileSystem.FileSystem
  | Path.Path
  | Home.Home
  | CheckScripts.CheckScripts

const shared = Layer.mergeAll(
  Locks.layer,
  Operations.layer,
  Rulebook.layer,
  Dependencies.layer,
  Tasks.layer,
  Counters.layer
).pipe(Layer.provideMerge(Events.layer))

const judging = Layer.mergeAll(Gates.layer, Reviews.layer, Transitions.layer, Explain.layer).pipe(
  Layer.provideMerge(MergeInspector.layer),
  Layer.provideMerge(Layer.mergeAll(FactFinder.layer, CheckRunner.layer))
)

/** All services, over ports of your own. */
export const services = Layer.mergeAll(Projects.layer, Status.layer, Merges.layer, Deletion.layer).pipe(
  Layer.provideMerge(Worktrees.layer),
  Layer.provideMerge(judging),
  Layer.provideMerge(shared)
)

/** Every service of calm. */
export type Services = Layer.Layer.Success<typeof services>

/** Where the real things lie. */
export interface Options {
  /** calm's own folder, absolute; made where it is missing. */
  readonly home: string
  /** The database file, if it is not `metadata.db` in the home folder. */
  readonly database?: string | undefined
  /** The folder of the built-in check scripts. */
  readonly gates: string
}

/** All services over the real SQL, git, processes and files; the environment (`Environment.layer`) is the caller's. */
export const layer = (options: Options): Layer.Layer<Services, StoreError, Environment> => {
  const files = Layer.merge(NodeFileSystem.layer, NodePath.layer)
  const machine = Layer.mergeAll(
    Git.layer.pipe(Layer.provideMerge(ProcessRunner.layer), Layer.provide(files)),
    Owner.layer,
    Home.layer({ path: options.home, database: options.database }).pipe(Layer.provide(files)),
    CheckScripts.layer(options.gates).pipe(Layer.provide(files)),
    files
  )
  const database = Layer.unwrapEffect(Effect.map(Home.Home, (home) => Sql.layerFile(home.database)))
  return services.pipe(Layer.provide(database), Layer.provide(machine))
}
