/** Installs the dependencies of a checkout: by the project's `setup` command, else by its lock files. */
import type { Command, ProjectConfig } from "@calm/domain/ProjectConfig"
import * as Traced from "@calm/domain/Traced"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { tail } from "../gates/internal/scriptOutput.ts"

/** What installing came to. A failure is told, not thrown: the checkout stays. */
export const Installation = Schema.Struct({
  status: Schema.Literal("installed", "nothing to install", "failed", "skipped"),
  /** The commands that were run, as they would be typed. */
  commands: Schema.Array(Schema.String),
  /** Of a failure: the end of the output. Of what was skipped: why. */
  detail: Schema.NullOr(Schema.String)
}).annotations({ identifier: "Installation" })
export type Installation = typeof Installation.Type

/** Nothing was run, for this reason. */
export const skipped = (why: string): Installation => ({ status: "skipped", commands: [], detail: why })

/** Installs the dependencies of a checkout, by the project's `setup` command, else by its lock files. */
export class Dependencies extends Context.Tag("@calm/core/worktrees/Dependencies")<
  Dependencies,
  {
    /** Installs what a checkout asks for. Takes at most 30 minutes a command. */
    readonly install: (folder: string, config: ProjectConfig) => Effect.Effect<Installation>
  }
>() {}

/** Lock files, the installer each belongs to; of one language the first found counts. */
const byLockFile: ReadonlyArray<ReadonlyArray<{ readonly file: string; readonly command: Command }>> = [
  [
    { file: "pnpm-lock.yaml", command: ["pnpm", "install", "--frozen-lockfile"] },
    { file: "yarn.lock", command: ["yarn", "install", "--frozen-lockfile"] },
    { file: "npm-shrinkwrap.json", command: ["npm", "ci", "--no-audit", "--no-fund"] },
    { file: "package-lock.json", command: ["npm", "ci", "--no-audit", "--no-fund"] }
  ],
  [
    { file: "uv.lock", command: ["uv", "sync", "--all-extras"] },
    { file: "poetry.lock", command: ["poetry", "install"] },
    { file: "Pipfile.lock", command: ["pipenv", "sync", "--dev"] }
  ]
]

/** Does a change of these paths ask for installing again? */
export const isAffected = (paths: ReadonlyArray<string>): boolean =>
  byLockFile.flat().some(({ file }) => paths.includes(file))

export const make = Effect.gen(function* () {
  const processes = yield* ProcessRunner.ProcessRunner
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const exists = (folder: string, file: string) =>
    files.exists(path.join(folder, file)).pipe(Effect.catchAll(() => Effect.succeed(false)))

  const commandsFor = Effect.fnUntraced(function* (folder: string, config: ProjectConfig) {
    if (config.setup !== undefined) return [config.setup]
    const found = yield* Effect.forEach(byLockFile, (language) =>
      Effect.findFirst(language, ({ file }) => exists(folder, file))
    )
    return found.flatMap((option) => (option._tag === "Some" ? [option.value.command] : []))
  })

  const run = ([program, ...args]: Command, folder: string) =>
    processes
      .run({
        program,
        args,
        cwd: folder,
        deadline: "30 minutes",
        tied: true,
        maxOutput: 256 * 1024,
        env: { CI: "1", NO_COLOR: "1" }
      })
      .pipe(
        Effect.map(({ exitCode, signal, stderr, stdout }) => {
          if (exitCode === 0) return null
          const said = tail(`${new TextDecoder().decode(stdout)}\n${new TextDecoder().decode(stderr)}`, 20)
          const end = exitCode === null ? `it was ended by ${signal ?? "a signal"}` : `it exited with ${exitCode}`
          return said === "" ? end : said
        }),
        Effect.catchAll((error) => Effect.succeed(error.message))
      )

  return Dependencies.of({
    install: Traced.fn("Dependencies.install")(function* (folder, config) {
      const commands = yield* commandsFor(folder, config)
      const done: Array<string> = []
      for (const command of commands) {
        done.push(command.join(" "))
        const detail = yield* run(command, folder)
        if (detail !== null) return { status: "failed" as const, commands: done, detail }
      }
      return {
        status: done.length === 0 ? ("nothing to install" as const) : ("installed" as const),
        commands: done,
        detail: null
      }
    })
  })
})

/** The real one, over programs and files. */
export const layer: Layer.Layer<Dependencies, never, ProcessRunner.ProcessRunner | FileSystem.FileSystem | Path.Path> =
  Layer.effect(Dependencies, make)
