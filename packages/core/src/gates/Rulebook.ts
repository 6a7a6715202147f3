/**
 * The rules in force for a project: its gate table, its configuration and its own check scripts, all read from the tip
 * of the base branch, so that a branch cannot change the rules it is judged by.
 */
import * as Gate from "@calm/domain/Gate"
import type { Digest, Sha } from "@calm/domain/Ids"
import { Kind, ProjectConfig } from "@calm/domain/ProjectConfig"
import builtIn from "@calm/gates/table.json" with { type: "json" }
import { Git, type GitError } from "@calm/git/Git"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { digest } from "../internal/digest.ts"
import { CheckScripts, type ScriptsMissing } from "./CheckScripts.ts"

/** A configuration file on the base branch is not as it must be. */
export class ConfigInvalid extends Schema.TaggedError<ConfigInvalid>()("ConfigInvalid", {
  /** From the repository's root. */
  file: Schema.String,
  /** The tip of the base. A field called `commit` would hide what makes an error an effect. */
  base: Schema.String,
  reason: Schema.String
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.file} of the base branch is not valid: ${this.reason.split("\n").join(" ")}`
  }
  get hint() {
    return `git show ${this.base.slice(0, 12)}:${this.file}`
  }
}

/** A gate of the project names a script that the base branch does not have. */
export class ScriptNotFound extends Schema.TaggedError<ScriptNotFound>()("ScriptNotFound", {
  script: Schema.String,
  base: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `The check script ${this.script} is not on the base branch (${this.base.slice(0, 7)})`
  }
  get hint() {
    return `git ls-tree ${this.base.slice(0, 12)} -- ${this.script}`
  }
}

/** What can be wrong with the rules of a project. */
export type RulebookError = ConfigInvalid | ScriptNotFound | ScriptsMissing | GitError

/** A project's own script, as it is on the base. */
export interface OwnScript {
  readonly path: string
  readonly blob: Sha
  readonly content: Uint8Array
}

/** The rules at one tip of the base. */
export interface Rules {
  readonly table: Gate.GateTable
  readonly config: ProjectConfig
  /** The digest of a run's definition: what it runs, the scripts, the configuration. */
  readonly digestOf: (run: Gate.Run) => Digest
  /** The project's own scripts that the table names, by path. */
  readonly ownScripts: ReadonlyMap<string, OwnScript>
}

export class Rulebook extends Context.Tag("@calm/core/gates/Rulebook")<
  Rulebook,
  {
    /** The built-in gate table. */
    readonly builtIn: Gate.GateTable
    /** The rules of a repository at a tip of its base. */
    readonly at: (repo: string, base: Sha) => Effect.Effect<Rules, RulebookError>
  }
>() {}

const configFile = ".calm/project.json"
const originalConfigFile = ".claude/project.json"
const gatesFile = ".calm/gates.json"

/** The file of the same name that the predecessor's users have: only the kind of project is taken from it. */
const OriginalConfig = Schema.Struct({ project_type: Schema.optional(Schema.String) })

const table = Schema.decodeUnknownSync(Gate.GateTable)(builtIn)

const reasonOf = (error: ParseResult.ParseError) => {
  const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
  if (issue === undefined) return error.message
  return issue.path.length === 0 ? issue.message : `${issue.path.map(String).join(".")}: ${issue.message}`
}

export const make = Effect.gen(function* () {
  const git = yield* Git
  const scripts = yield* CheckScripts

  const read = Effect.fnUntraced(function* (repo: string, base: Sha, file: string) {
    const found = yield* git.readFile(repo, base, file)
    return Option.map(found, ({ content }) => new TextDecoder().decode(content))
  })

  const decode = <A, I>(schema: Schema.Schema<A, I>, file: string, base: Sha, text: string) =>
    Either.mapLeft(
      Schema.decodeUnknownEither(Schema.parseJson(schema))(text, { onExcessProperty: "error" }),
      (error) => new ConfigInvalid({ file, base, reason: reasonOf(error) })
    )

  const readConfig = Effect.fnUntraced(function* (repo: string, base: Sha, folders: ReadonlySet<string>) {
    const own = folders.has(".calm") ? yield* read(repo, base, configFile) : Option.none<string>()
    if (Option.isSome(own)) return yield* decode(ProjectConfig, configFile, base, own.value)
    const original = folders.has(".claude") ? yield* read(repo, base, originalConfigFile) : Option.none<string>()
    if (Option.isNone(original)) return {}
    const { project_type: kind } = yield* Either.mapLeft(
      Schema.decodeUnknownEither(Schema.parseJson(OriginalConfig))(original.value),
      (error) => new ConfigInvalid({ file: originalConfigFile, base, reason: reasonOf(error) })
    )
    return Schema.is(Kind)(kind) ? { kind } : {}
  })

  const readScripts = Effect.fnUntraced(function* (repo: string, base: Sha, gates: Gate.GateTable) {
    const paths = new Set(
      gates.gates.flatMap((gate) =>
        gate.checks.flatMap((check) =>
          check.kind === "script" && check.script?.startsWith(".calm/") ? [check.script] : []
        )
      )
    )
    return new Map(
      yield* Effect.forEach(paths, (path) =>
        Effect.flatMap(
          git.readFile(repo, base, path),
          Option.match({
            onNone: () => new ScriptNotFound({ script: path, base }),
            onSome: (file) => Effect.succeed([path, { path, ...file }] as const)
          })
        )
      )
    )
  })

  return Rulebook.of({
    builtIn: table,
    at: Effect.fn("Rulebook.at")(function* (repo, base) {
      const root = yield* git.listFolder(repo, base, "")
      const folders = new Set(root.filter((entry) => entry.kind === "tree").map((entry) => entry.path))
      const config = yield* readConfig(repo, base, folders)
      const changes = folders.has(".calm") ? yield* read(repo, base, gatesFile) : Option.none<string>()
      const gates = Option.isNone(changes)
        ? table
        : Gate.withChanges(table, yield* decode(Gate.GateChanges, gatesFile, base, changes.value))
      const ownScripts = yield* readScripts(repo, base, gates)
      const builtInDigest = yield* scripts.digest
      return {
        table: gates,
        config,
        ownScripts,
        digestOf: (run) => {
          const own = "script" in run ? ownScripts.get(run.script) : undefined
          return digest([
            "script" in run ? `script ${run.script}` : `command ${JSON.stringify(run.command)}`,
            own === undefined ? builtInDigest : own.blob,
            JSON.stringify(config)
          ])
        }
      }
    })
  })
})

export const layer: Layer.Layer<Rulebook, never, Git | CheckScripts> = Layer.effect(Rulebook, make)
