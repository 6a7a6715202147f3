/** All services of calm together: over any ports, or over the real SQL, git, processes and files. */
import type { HomeConfig } from "@calm/domain/HomeConfig"
import * as Git from "@calm/git/Git"
import type { Environment } from "@calm/process/Environment"
import * as Owner from "@calm/process/Owner"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import type * as Copies from "@calm/sql/Copies"
import * as Sql from "@calm/sql/Sql"
import type { StoreError } from "@calm/sql/StoreError"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Configuration from "./config/Configuration.ts"
import * as HomeFile from "./config/HomeFile.ts"
import * as Backups from "./backups/Backups.ts"
import * as Counters from "./counters/Counters.ts"
import * as Events from "./events/Events.ts"
import * as CheckRunner from "./gates/CheckRunner.ts"
import * as CheckScripts from "./gates/CheckScripts.ts"
import * as Explain from "./gates/Explain.ts"
import * as FactFinder from "./gates/FactFinder.ts"
import * as Gates from "./gates/Gates.ts"
import * as NextSteps from "./gates/NextSteps.ts"
import * as Rulebook from "./gates/Rulebook.ts"
import * as DatabaseHealth from "./health/DatabaseHealth.ts"
import * as Status from "./health/Status.ts"
import * as Home from "./home/Home.ts"
import * as MergeInspector from "./merges/MergeInspector.ts"
import * as Merges from "./merges/Merges.ts"
import * as Locks from "./operations/Locks.ts"
import * as Operations from "./operations/Operations.ts"
import * as Projects from "./projects/Projects.ts"
import * as Reviews from "./reviews/Reviews.ts"
import * as Sessions from "./sessions/Sessions.ts"
import * as Deletion from "./tasks/Deletion.ts"
import * as Tasks from "./tasks/Tasks.ts"
import * as Transitions from "./tasks/Transitions.ts"
import * as BuiltInRoles from "./workers/BuiltInRoles.ts"
import * as Contexts from "./workers/Contexts.ts"
import * as Roles from "./workers/Roles.ts"
import * as Workers from "./workers/Workers.ts"
import * as Dependencies from "./worktrees/Dependencies.ts"
import * as Overlaps from "./worktrees/Overlaps.ts"
import * as WorktreeHealth from "./worktrees/WorktreeHealth.ts"
import * as Worktrees from "./worktrees/Worktrees.ts"

/** What calm acts on the machine with, but for the database, which is a file of its own. */
export type System = ProcessRunner.ProcessRunner | FileSystem.FileSystem | Path.Path

/** The machine's own. */
export const system: Layer.Layer<System> = Layer.mergeAll(ProcessRunner.layer, NodeFileSystem.layer, NodePath.layer)

/** What the services stand on. */
export type Ports =
  | System
  | SqlClient.SqlClient
  | Copies.Copies
  | Git.Git
  | Owner.Owners
  | Environment
  | Home.Home
  | CheckScripts.CheckScripts
  | BuiltInRoles.BuiltInRoles

const shared = Layer.mergeAll(
  Backups.layer,
  DatabaseHealth.layer,
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
export const services = Layer.mergeAll(
  Projects.layer,
  Configuration.layer,
  Status.layer,
  Merges.layer,
  Deletion.layer,
  Contexts.layer,
  Sessions.layer,
  NextSteps.layer,
  WorktreeHealth.layer,
  Overlaps.layer
).pipe(
  Layer.provideMerge(Worktrees.layer),
  Layer.provideMerge(judging),
  Layer.provideMerge(Workers.layer.pipe(Layer.provideMerge(Roles.layer))),
  Layer.provideMerge(shared)
)

/** Every service of calm. */
export type Services = Layer.Layer.Success<typeof services>

/** Where the real things lie. */
export interface Options {
  /** calm's own folder, absolute; made where it is missing. */
  readonly home: string
  /** The database file, if it is neither what `config.json` in the home folder names nor `metadata.db` there. */
  readonly database?: string | undefined
  /** What the user sets for all projects, if it is not what `config.json` in the home folder says. */
  readonly config?: HomeConfig | undefined
  /** The folder of the built-in check scripts, if it is not that of the installed package `@calm/gates`. */
  readonly gates?: string | undefined
  /** The folder of the built-in role prompts, if it is not that of the installed package `@calm/roles`. */
  readonly roles?: string | undefined
  /** Programs, files and paths, if they are not the machine's own: to watch, to limit or to disturb what calm does. */
  readonly system?: Layer.Layer<System> | undefined
}

/** What can go wrong while the real things are taken up. */
export type StartError = StoreError | CheckScripts.ScriptsMissing | HomeFile.HomeFileError

/**
 * The real SQL, git, processes and files, to put `services` on after replacing some of them; the environment
 * (`Environment.layer`) is the caller's.
 */
export const ports = (options: Options): Layer.Layer<Exclude<Ports, Environment>, StartError, Environment> => {
  const scripts = options.gates === undefined ? CheckScripts.layerInstalled : CheckScripts.layer(options.gates)
  const roles = options.roles === undefined ? BuiltInRoles.layerInstalled : BuiltInRoles.layer(options.roles)
  const machine = Layer.mergeAll(
    Git.layer,
    roles,
    Owner.layer,
    Layer.unwrapEffect(
      Effect.map(
        options.config === undefined ? HomeFile.read(options.home) : Effect.succeed(options.config),
        (config) => Home.layer({ path: options.home, database: options.database, config })
      )
    ),
    scripts
  ).pipe(Layer.provideMerge(options.system ?? system))
  const database = Layer.unwrapEffect(Effect.map(Home.Home, (home) => Sql.layerFile(home.database)))
  return Layer.provideMerge(database, machine)
}

/** All services over the real things; the environment is the caller's. */
export const layer = (options: Options): Layer.Layer<Services, StartError, Environment> =>
  services.pipe(Layer.provide(ports(options)))
