/** What is set for a project, and where each of it comes from. */
import * as ConfigKeys from "@calm/domain/ConfigKeys"
import { HomeConfig, tightened } from "@calm/domain/HomeConfig"
import { ProjectConfig } from "@calm/domain/ProjectConfig"
import * as Traced from "@calm/domain/Traced"
import { Git, type GitError } from "@calm/git/Git"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { type Committed, configFile, Rulebook, type RulebookError, layer as rulebookLayer } from "../gates/Rulebook.ts"
import { Home } from "../home/Home.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { decode } from "./ConfigFile.ts"
import { name as homeFile } from "./HomeFile.ts"

/** Where a value comes from. */
export const Origin = Schema.Literal("default", "home", "project", "environment", "flag")
export type Origin = typeof Origin.Type

/** One value in force. */
export const ConfigValue = Schema.Struct({
  key: Schema.String,
  /** `null` where nothing is set and nothing holds by default. */
  value: Schema.Unknown,
  origin: Origin,
  /** The file, variable or option that says so; `null` for a default. */
  from: Schema.NullOr(Schema.String)
}).annotations({ identifier: "ConfigValue" })
export type ConfigValue = typeof ConfigValue.Type

/** All that is set in files. */
export const Settings = Schema.Struct({
  values: Schema.Array(ConfigValue),
  /** Keys of the original CALM's file that have no effect. */
  ignored: Schema.Array(Schema.Struct({ file: Schema.String, key: Schema.String, reason: Schema.String })),
  /** The file as it lies in the main checkout, where it is not what the base has; `null` where it is the same. */
  draft: Schema.NullOr(Schema.Struct({ file: Schema.String, fault: Schema.NullOr(Schema.String) }))
}).annotations({ identifier: "Settings" })
export type Settings = typeof Settings.Type

/** What is set for a project and for all projects, and where each of it comes from. */
export class Configuration extends Context.Tag("@calm/core/config/Configuration")<
  Configuration,
  {
    /** The places, and every key of the configuration files with the value in force. */
    readonly settings: Effect.Effect<Settings, RulebookError | GitError, CurrentProject>
  }
>() {}

/** The value under a key with dots. */
const valueAt = (config: unknown, key: string): unknown =>
  key.split(".").reduce((found, part) => (Predicate.hasProperty(found, part) ? found[part] : undefined), config)

export const make = Effect.gen(function* () {
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* Home
  const rulebook = yield* Rulebook

  /** Whoever made this home may have named another database than the file does. */
  const database: ConfigValue =
    home.config.database === home.database
      ? { key: "database", value: home.database, origin: "home", from: path.join(home.path, homeFile) }
      : { key: "database", value: home.database, origin: "default", from: null }

  const own = (key: ConfigKeys.ConfigKey): ConfigValue => {
    if (key.key === database.key) return database
    const value = valueAt(home.config, key.key)
    return value === undefined
      ? { key: key.key, value: key.default ?? null, origin: "default", from: null }
      : { key: key.key, value, origin: "home", from: path.join(home.path, homeFile) }
  }

  /** What the project says, unless the user's own settings are stricter. */
  const ofProject = (key: ConfigKeys.ConfigKey, committed: Committed, where: string): ConfigValue => {
    const said = valueAt(committed.config, key.key)
    const inForce = valueAt(tightened(committed.config, home.config), key.key)
    if (inForce !== undefined && inForce !== said)
      return { key: key.key, value: inForce, origin: "home", from: path.join(home.path, homeFile) }
    if (said === undefined) return { key: key.key, value: key.default ?? null, origin: "default", from: null }
    const original = committed.from[key.key]
    return {
      key: key.key,
      value: said,
      origin: "project",
      from: original === undefined ? where : `${where}: ${original}`
    }
  }

  /** Is the file in the main checkout another than the base's? */
  const draftOf = Effect.fnUntraced(function* (committed: Option.Option<string>) {
    const project = yield* CurrentProject
    const text = yield* files.readFileString(path.join(project.path, configFile)).pipe(Effect.option)
    if (Option.getOrUndefined(text) === Option.getOrUndefined(committed)) return null
    const fault = Option.flatMap(text, (content) =>
      Either.getLeft(decode(ProjectConfig, content, configFile, null)).pipe(Option.map((error) => error.message))
    )
    return { file: configFile, fault: Option.getOrNull(fault) }
  })

  return Configuration.of({
    settings: Effect.gen(function* () {
      const project = yield* CurrentProject
      const base = yield* git.resolve(project.path, `refs/heads/${project.baseBranch}`)
      const committed: Committed = Option.isNone(base)
        ? { file: null, config: {}, from: {}, ignored: [] }
        : (yield* rulebook.at(project.path, base.value)).committed
      const where = `${committed.file ?? configFile} on ${project.baseBranch}`
      const there = Option.isNone(base) ? Option.none() : yield* git.readFile(project.path, base.value, configFile)
      const values: ReadonlyArray<ConfigValue> = [
        { key: "home", value: home.path, origin: "default", from: null },
        { key: "project", value: project.path, origin: "default", from: null },
        { key: "base", value: project.baseBranch, origin: "default", from: null },
        ...ConfigKeys.of(ProjectConfig).map((key) => ofProject(key, committed, where)),
        ...ConfigKeys.of(HomeConfig)
          .filter(({ key }) => !key.startsWith("gates."))
          .map(own)
      ]
      return {
        values,
        ignored: committed.ignored.map((one) => ({ file: committed.file ?? configFile, ...one })),
        draft: yield* draftOf(Option.map(there, ({ content }) => new TextDecoder().decode(content)))
      }
    }).pipe(Traced.span("Configuration.settings"))
  })
})

/** The real one, over git and files. */
export const layer = Layers.service(Configuration, make, [rulebookLayer])
