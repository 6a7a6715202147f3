/**
 * What the services stand on: the real SQL, git, processes and files, or what a program puts in their place.
 *
 * Apart from the services themselves, so that a program which uses one of them need not load the others.
 */
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
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as HomeFile from "./config/HomeFile.ts"
import * as CheckScripts from "./gates/CheckScripts.ts"
import * as Home from "./home/Home.ts"
import * as Layers from "./Layers.ts"
import * as BuiltInRoles from "./workers/BuiltInRoles.ts"

/** What calm acts on the machine with, but for the database, which is a file of its own. */
export type System = ProcessRunner.ProcessRunner | FileSystem.FileSystem | Path.Path

/** The machine's own. */
export const system: Layer.Layer<System> = Layer.scopedContext(
  Layers.built([ProcessRunner.layer, NodeFileSystem.layer, NodePath.layer])
)

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

/** The real ones over a system that is there. `options.system` says nothing here. */
export const over = (
  options: Options
): Layer.Layer<Exclude<Ports, Environment | System>, StartError, Environment | System> =>
  Layer.scopedContext(
    Effect.gen(function* () {
      const config = options.config ?? (yield* HomeFile.read(options.home))
      const machine = yield* Layers.built([
        Git.layer,
        options.roles === undefined ? BuiltInRoles.layerInstalled : BuiltInRoles.layer(options.roles),
        Owner.layer,
        Home.layer({ path: options.home, database: options.database, config }),
        options.gates === undefined ? CheckScripts.layerInstalled : CheckScripts.layer(options.gates)
      ])
      const database = yield* Layers.built([Sql.layerFile(Context.get(machine, Home.Home).database)])
      return Context.merge(machine, database)
    })
  )

/**
 * The real ones, to put services on after replacing some of them; the environment
 * (`Environment.layer`) is the caller's.
 */
export const layer = (options: Options): Layer.Layer<Exclude<Ports, Environment>, StartError, Environment> =>
  Layer.provideMerge(over(options), options.system ?? system)
