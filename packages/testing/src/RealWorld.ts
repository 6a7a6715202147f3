/**
 * All of calm for real: the real git, SQLite in a file, real processes and the real check scripts, on a small JavaScript
 * repository in a temporary folder that is gone with the scope. Nothing of the machine's user plays a part: programs get
 * few variables, and a home of their own.
 */
import * as Traced from "@calm/domain/Traced"
import { TaggedError } from "@calm/domain/TaggedError"
import * as BuiltInRoles from "@calm/core/BuiltInRoles"
import * as Calm from "@calm/core/Calm"
import * as CheckScripts from "@calm/core/CheckScripts"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import * as Home from "@calm/core/Home"
import { Projects } from "@calm/core/Projects"
import * as Git from "@calm/git/Git"
import * as Environment from "@calm/process/Environment"
import * as Owner from "@calm/process/Owner"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Sql from "@calm/sql/Sql"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { person } from "./CalmTest.ts"
import * as World from "./World.ts"

/** Where things lie, all absolute and with links resolved. */
export interface Places {
  /** The temporary folder that holds the others. */
  readonly folder: string
  /** The main checkout. */
  readonly repo: string
  /** calm's home. */
  readonly home: string
  /** The home of the user, with git's settings. */
  readonly user: string
}

/** The folder of the built-in check scripts. */
export const gates: string = dirname(createRequire(import.meta.url).resolve("@calm/gates/table.json"))

/** The folder of the built-in role prompts. */
export const roles: string = dirname(createRequire(import.meta.url).resolve("@calm/roles/_base.md"))

/** A program that a test runs by itself did not end with 0. */
export class CommandFailed extends TaggedError<CommandFailed>()("CommandFailed", {
  command: Schema.String,
  exitCode: Schema.NullOr(Schema.Int),
  output: Schema.String
}) {
  override get message() {
    return `${this.command} ended with ${this.exitCode}: ${this.output}`
  }
}

/** The folders of the real world, and programs run in it as a person would. */
export class RealWorld extends Context.Tag("@calm/testing/RealWorld")<
  RealWorld,
  Places & {
    /** Runs a program as a person would in a folder. Gives what it prints, without the last line end. */
    readonly run: (
      cwd: string,
      program: string,
      ...args: ReadonlyArray<string>
    ) => Effect.Effect<string, CommandFailed | ProcessRunner.ProcessError>
    /** The same for git. */
    readonly git: (
      cwd: string,
      ...args: ReadonlyArray<string>
    ) => Effect.Effect<string, CommandFailed | ProcessRunner.ProcessError>
  }
>() {}

type GitService = Context.Tag.Service<typeof Git.Git>

/** What differs from the usual world. */
export interface Options {
  /** The name of the main checkout's folder. */
  readonly name?: string | undefined
  /** The files of the first commit, by path, beside or instead of those of `files`; `null` leaves one of them out. */
  readonly files?: Readonly<Record<string, string | null>> | undefined
  /** A git in front of the real one, to stand in its way. */
  readonly git?: ((real: GitService) => GitService) | undefined
  /** The folder of the check scripts; without it that of the built-in ones. */
  readonly scripts?: string | undefined
  /** The current folder; without it the main checkout. */
  readonly cwd?: ((places: Places) => string) | undefined
}

/** The first commit: a project whose one test runs with Node alone. */
export const files: Readonly<Record<string, string>> = {
  "package.json": `{
  "name": "greetings",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": { "test": "node --test" }
}
`,
  ".gitignore": "node_modules/\n*.log\n",
  "README.md": "# Greetings\n",
  "src/words.js": `export const hello = "Hello"\n`,
  "test/words.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import { hello } from "../src/words.js"

test("there is a word to greet with", () => assert.equal(hello, "Hello"))
`
}

const gitSettings = `[user]
	name = Me
	email = me@example.com
[init]
	defaultBranch = main
`

class Place extends Context.Tag("@calm/testing/RealWorld/Place")<Place, Places>() {}

const place = (name: string) =>
  Layer.scoped(
    Place,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = yield* fs.realPath(yield* fs.makeTempDirectoryScoped({ prefix: "calm-real-" }))
      const places = {
        folder,
        repo: path.join(folder, name),
        home: path.join(folder, "home"),
        user: path.join(folder, "user")
      }
      for (const made of [places.repo, places.user, path.join(folder, "tmp")])
        yield* fs.makeDirectory(made, { recursive: true })
      yield* fs.writeFileString(path.join(places.user, ".gitconfig"), gitSettings)
      return places
    })
  )

/** What every program of this world gets of the machine's variables. */
const kept = new Set(["PATH", "SystemRoot"])

/** The variables that programs start with: those of the machine unset, but for a few. */
export const variables = (
  places: Places,
  inherited: Readonly<Record<string, string | undefined>>
): Readonly<Record<string, string | undefined>> => ({
  ...Object.fromEntries(Object.keys(inherited).flatMap((name) => (kept.has(name) ? [] : [[name, undefined]]))),
  HOME: places.user,
  TMPDIR: `${places.folder}/tmp`,
  GIT_CONFIG_NOSYSTEM: "1",
  npm_config_update_notifier: "false"
})

const environment = (cwd: Options["cwd"]) =>
  Layer.effect(
    Environment.Environment,
    Effect.gen(function* () {
      const outer = yield* Environment.Environment
      const places = yield* Place
      return {
        variables: { PATH: outer.variables["PATH"], HOME: places.user },
        cwd: cwd === undefined ? places.repo : cwd(places),
        home: places.user,
        user: person.name,
        node: outer.node
      }
    })
  ).pipe(Layer.provide(Environment.layer))

const processes = Layer.effect(
  ProcessRunner.ProcessRunner,
  Effect.gen(function* () {
    const outer = yield* Environment.Environment
    const { converse, run } = yield* ProcessRunner.ProcessRunner
    const clean = variables(yield* Place, outer.variables)
    return {
      run: (request) => run({ ...request, env: { ...clean, ...request.env } }),
      converse: (interlocutor) => converse({ ...interlocutor, env: { ...clean, ...interlocutor.env } })
    }
  })
).pipe(Layer.provide(Layer.merge(ProcessRunner.layer, Environment.layer)))

const world = Layer.effect(
  RealWorld,
  Effect.gen(function* () {
    const places = yield* Place
    const runner = yield* ProcessRunner.ProcessRunner
    const run = Traced.fn("RealWorld.run")(function* (cwd: string, program: string, ...args: ReadonlyArray<string>) {
      const exit = yield* runner.run({ program, args, cwd, deadline: "1 minute" })
      const output = ProcessRunner.text(exit.stdout).replace(/\n$/, "")
      if (exit.exitCode === 0) return output
      return yield* new CommandFailed({
        command: [program, ...args].join(" "),
        exitCode: exit.exitCode,
        output: `${output}${ProcessRunner.text(exit.stderr)}`
      })
    })
    return RealWorld.of({ ...places, run, git: (cwd, ...args) => run(cwd, "git", ...args) })
  })
)

const project = (changes: Options["files"]) =>
  Layer.effect(
    CurrentProject,
    Effect.gen(function* () {
      const { repo } = yield* Place
      const git = yield* Git.Git
      const projects = yield* Projects
      const first = Object.fromEntries(
        Object.entries({ ...files, ...changes }).flatMap(([name, text]) => (text === null ? [] : [[name, text]]))
      )
      yield* git.init(repo, "main")
      yield* World.commitIn(repo, first, "Start")
      const { project: registered } = yield* projects.register(repo)
      return registered
    })
  )

/**
 * Every service over the real things, the ports themselves, and a project to act in: `CurrentProject` in a fresh
 * repository with one commit on `main`, `CurrentActor` a person called `me`.
 */
export const layer = (options: Options = {}) => {
  const disk = Layer.merge(NodeFileSystem.layer, NodePath.layer)
  const { git: before } = options
  const git =
    before === undefined ? Git.layer : Layer.effect(Git.Git, Effect.map(Git.Git, before)).pipe(Layer.provide(Git.layer))
  const places = place(options.name ?? "repo").pipe(Layer.provideMerge(disk))
  const machine = git.pipe(
    Layer.provideMerge(Layer.merge(processes, environment(options.cwd))),
    Layer.provideMerge(
      Layer.mergeAll(
        Owner.layer,
        CheckScripts.layer(options.scripts ?? gates),
        BuiltInRoles.layer(roles),
        Layer.unwrapEffect(Effect.map(Place, ({ home }) => Home.layer({ path: home }))),
        Layer.unwrapEffect(Effect.map(Place, ({ home }) => Sql.layerFile(`${home}/metadata.db`)))
      )
    ),
    Layer.provideMerge(places)
  )
  return project(options.files).pipe(
    Layer.provideMerge(Layer.merge(Calm.services, world)),
    Layer.provideMerge(machine),
    Layer.provideMerge(Layer.succeed(CurrentActor, person))
  )
}
