/**
 * The rules in force for a project: its gate table, its configuration and its own check scripts, all read from the tip
 * of the base branch, so that a branch cannot change the rules it is judged by.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import * as Gate from "@calm/domain/Gate"
import type { Digest, Sha } from "@calm/domain/Ids"
import { tightened } from "@calm/domain/HomeConfig"
import { understand, type Understood } from "@calm/domain/OriginalConfig"
import { ProjectConfig } from "@calm/domain/ProjectConfig"
import * as Traced from "@calm/domain/Traced"
import builtIn from "@calm/gates/table.json" with { type: "json" }
import { Git, type GitError } from "@calm/git/Git"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type ConfigInvalid, decode } from "../config/ConfigFile.ts"
import { Home } from "../home/Home.ts"
import { digest } from "../internal/digest.ts"
import { CheckScripts, type ScriptsMissing } from "./CheckScripts.ts"

/** A gate of the project names a script that the base branch does not have. */
export class ScriptNotFound extends TaggedError<ScriptNotFound>()("ScriptNotFound", {
  script: Schema.String,
  base: Schema.String
}) {
  get category() {
    return "unavailable" as const
  }
  override get message() {
    return `The check script ${this.script} is no file on the base branch (${this.base.slice(0, 7)})`
  }
  get hint() {
    return commandLine("git", "ls-tree", this.base.slice(0, 12), "--", this.script)
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

/** What is committed on the base. */
export interface Committed extends Understood {
  /** From the repository's root; `null` where the base has no configuration. */
  readonly file: string | null
}

/** The rules at one tip of the base. */
export interface Rules {
  readonly table: Gate.GateTable
  /** The configuration in force: what the base says, or what the user's own settings make stricter. */
  readonly config: ProjectConfig
  readonly committed: Committed
  /** The digest of a run's definition: what it runs, the scripts, the configuration. */
  readonly digestOf: (run: Gate.Run) => Digest
  /** The project's own scripts that the table names, by path. */
  readonly ownScripts: ReadonlyMap<string, OwnScript>
}

/** The rules in force for a project, read from the tip of its base branch. */
export class Rulebook extends Context.Tag("@calm/core/gates/Rulebook")<
  Rulebook,
  {
    /** The built-in gate table. */
    readonly builtIn: Gate.GateTable
    /** The rules of a repository at a tip of its base. */
    readonly at: (repo: string, base: Sha) => Effect.Effect<Rules, RulebookError>
  }
>() {}

export const configFile = ".calm/project.json"
const originalConfigFile = ".claude/project.json"
const gatesFile = ".calm/gates.json"

/** The file of the same name that the original CALM's users have. Any object is one. */
const OriginalConfig = Schema.Record({ key: Schema.String, value: Schema.Unknown })

const table = Schema.decodeUnknownSync(Gate.GateTable)(builtIn)

export const make = Effect.gen(function* () {
  const git = yield* Git
  const home = yield* Home
  const scripts = yield* CheckScripts

  const read = Effect.fnUntraced(function* (repo: string, base: Sha, file: string) {
    const found = yield* git.readFile(repo, base, file)
    return Option.map(found, ({ content }) => new TextDecoder().decode(content))
  })

  const readConfig = Effect.fnUntraced(function* (repo: string, base: Sha, folders: ReadonlySet<string>) {
    const own = folders.has(".calm") ? yield* read(repo, base, configFile) : Option.none<string>()
    if (Option.isSome(own)) {
      const config = yield* decode(ProjectConfig, own.value, configFile, base)
      return { file: configFile, config, from: {}, ignored: [] } satisfies Committed
    }
    const original = folders.has(".claude") ? yield* read(repo, base, originalConfigFile) : Option.none<string>()
    if (Option.isNone(original)) return { file: null, config: {}, from: {}, ignored: [] } satisfies Committed
    const content = yield* decode(OriginalConfig, original.value, originalConfigFile, base)
    return { file: originalConfigFile, ...understand(content) } satisfies Committed
  })

  const readScripts = Effect.fnUntraced(function* (repo: string, base: Sha, gates: Gate.GateTable) {
    const paths = new Set(
      gates.gates.flatMap((gate) =>
        gate.checks.flatMap((check) =>
          check.kind === "script" && check.script?.startsWith(".calm/") ? [check.script] : []
        )
      )
    )
    if (paths.size === 0) return new Map<string, OwnScript>()
    // What a link holds is the path it leads to, which is no script.
    const files = (yield* git.listFiles(repo, base, ".calm")).filter((entry) => entry.mode.startsWith("100"))
    return new Map(
      yield* Effect.forEach(paths, (path) =>
        Effect.flatMap(
          files.some((file) => file.path === path) ? git.readFile(repo, base, path) : Effect.succeedNone,
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
    at: Traced.fn("Rulebook.at")(function* (repo, base) {
      const root = yield* git.listFolder(repo, base, "")
      const folders = new Set(root.filter((entry) => entry.kind === "tree").map((entry) => entry.path))
      const committed = yield* readConfig(repo, base, folders)
      const changes = folders.has(".calm") ? yield* read(repo, base, gatesFile) : Option.none<string>()
      const gates = Option.isNone(changes)
        ? table
        : Gate.withChanges(table, yield* decode(Gate.GateChanges, changes.value, gatesFile, base))
      const ownScripts = yield* readScripts(repo, base, gates)
      const builtInDigest = yield* scripts.digest
      // Many tasks are judged by the same few.
      const digests = new Map<string, Digest>()
      return {
        table: gates,
        config: tightened(committed.config, home.config),
        committed,
        ownScripts,
        digestOf: (run) => {
          const what = "script" in run ? `script ${run.script}` : `command ${JSON.stringify(run.command)}`
          const known = digests.get(what)
          if (known !== undefined) return known
          const own = "script" in run ? ownScripts.get(run.script) : undefined
          const made = digest([
            what,
            own === undefined ? builtInDigest : own.blob,
            // The base's alone: what the user makes stricter is judged anew each time, and leaves results standing.
            JSON.stringify(committed.config)
          ])
          digests.set(what, made)
          return made
        }
      }
    })
  })
})

/** The real one, over git. */
export const layer: Layer.Layer<Rulebook, never, Git | CheckScripts | Home> = Layer.effect(Rulebook, make)
