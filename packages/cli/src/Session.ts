/**
 * Where a command acts and in whose name: the one place that composes the services with what surrounds the process.
 *
 * `project` serves a command in a project, `withGit` one that needs git besides, `anyProject` one that acts on all projects,
 * `first` the one that makes the project.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import { type Actor, CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import * as Home from "@calm/core/Home"
import * as HomeFile from "@calm/core/HomeFile"
import * as Layers from "@calm/core/Layers"
import * as Ports from "@calm/core/Ports"
import * as Projects from "@calm/core/Projects"
import { commandLine } from "@calm/domain/CommandLine"
import type { HomeConfig } from "@calm/domain/HomeConfig"
import { PersonName, WorkerId } from "@calm/domain/Ids"
import type { Project } from "@calm/domain/Project"
import { Typed } from "@calm/domain/Typed"
import * as Git from "@calm/git/Git"
import { Environment } from "@calm/process/Environment"
import * as Sql from "@calm/sql/Sql"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { dirname } from "node:path"
import * as Places from "./internal/places.ts"
import { Invocation } from "./Invocation.ts"
import type { Base } from "./Leaf.ts"
import * as Style from "./Style.ts"

/** A variable of the environment has a value that it cannot have. */
export class InvalidVariable extends TaggedError<InvalidVariable>()("InvalidVariable", {
  variable: Schema.String,
  value: Typed,
  reason: Schema.String
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${Style.quoted(this.value)} is no value for ${this.variable}: ${this.reason}`
  }
  get hint() {
    return `unset ${this.variable}`
  }
}

/** The folder that was named does not exist. Going up from it would find some other project. */
export class FolderNotFound extends TaggedError<FolderNotFound>()("FolderNotFound", {
  path: Typed,
  /** The folder nearest to it that there is. */
  parent: Schema.String,
  /** Who named it. */
  by: Schema.Literal("--project", "CALM_PROJECT")
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return `${this.by} names ${Style.quoted(this.path)}, where there is no folder`
  }
  get hint() {
    return this.by === "CALM_PROJECT" ? "unset CALM_PROJECT" : commandLine("ls", this.parent)
  }
}

/** What keeps a session from beginning. */
export type SessionError =
  | InvalidVariable
  | FolderNotFound
  | Projects.NotARepository
  | Projects.ProjectNotFound
  | Home.HomeUnusable
  | Ports.StartError

/** What the command acts on the machine with. */
export const system: Layer.Layer<Ports.System, never, Invocation> = Layer.scopedContext(
  Effect.flatMap(Invocation, (invocation) => Layers.built([invocation.system ?? Ports.system]))
)

/** The worker in whose name the command runs, if any. */
const workerOf = ({ variables }: Pick<Environment["Type"], "variables">) => {
  const variable = "CALM_WORKER_ID"
  const value = variables[variable]
  if (value === undefined || Schema.is(WorkerId)(value)) return Effect.succeed(value ?? null)
  // An empty one is what a start that failed leaves behind; taken for none, it would give a worker the rights of people.
  const reason =
    value === ""
      ? "it is empty, as after a worker start that failed"
      : "it is letters, digits, '.', '_' and '-', starts with a letter or digit, at most 64 characters"
  return new InvalidVariable({ variable, value, reason })
}

/**
 * The actor, and every place that the words and the variables name. A place in an empty variable is one that is not set.
 * `settings` reads what the user sets in the home folder.
 */
export const around = Effect.fnUntraced(function* <E, R>(settings: (home: string) => Effect.Effect<HomeConfig, E, R>) {
  const environment = yield* Environment
  const { gates, project, roles } = yield* Invocation
  const worker = yield* workerOf(environment)
  const named = project ?? Places.variable(environment, "CALM_PROJECT")
  const folder = Places.folderOf(environment, project)
  if (named !== undefined && !(yield* isFolder(folder)))
    return yield* new FolderNotFound({
      path: folder,
      parent: yield* nearestFolder(folder),
      by: project === undefined ? "CALM_PROJECT" : "--project"
    })

  const calmHome = Places.homeOf(environment)
  const config = yield* settings(calmHome)
  return {
    folder,
    actor: {
      name: worker ?? (Schema.is(PersonName)(environment.user) ? environment.user : "unknown"),
      workerId: worker
    },
    options: {
      home: calmHome,
      database: Places.databaseOf(environment, calmHome, config.database),
      config,
      gates,
      roles
    }
  }
})

const surroundings = around(HomeFile.read)

const isFolder = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.stat(path)).pipe(
    Effect.map(({ type }) => type === "Directory"),
    Effect.catchAll(() => Effect.succeed(false))
  )

const nearestFolder: (path: string) => Effect.Effect<string, never, FileSystem.FileSystem> = Effect.fnUntraced(
  function* (path) {
    const parent = dirname(path)
    return parent === path || (yield* isFolder(parent)) ? parent : yield* nearestFolder(parent)
  }
)

/** Before the first `init` there is no database, and whoever only asks must not make one. */
const initialised = Effect.fnUntraced(function* (
  folder: string,
  { database, home }: { readonly database: string; readonly home: string }
) {
  const fs = yield* FileSystem.FileSystem
  const there = yield* fs.exists(database).pipe(Effect.mapError(Home.unusable(home)))
  if (there) return
  const { checkout } = yield* Projects.located(folder)
  return yield* new Projects.ProjectNotFound({ path: checkout })
})

/** Fails where there is no git, or one that is too old: better said at once than met half-way. */
const gitUsable = Effect.flatMap(Git.Git, (git) => git.version)

/**
 * The same by a question to the git that goes on answering, which the command needs anyhow: one that is too old cannot
 * answer. Whatever else is wrong, the command itself will come to it.
 */
const gitAnswers = ({ path }: Project) =>
  Effect.flatMap(Git.Git, (git) => Effect.catchAll(git.resolve(path, "HEAD"), () => git.version))

/** A session: what `begin` makes, on the machine that the command acts on. */
const session = <A, E, R>(begin: Effect.Effect<Context.Context<A>, E, R>) =>
  Layer.scopedContext(Effect.flatMap(Layers.built([system]), (machine) => Effect.provide(begin, machine)))

/** Services for a command in a project, the project and the actor; at last `also` has to succeed. */
const inProject = <S, E, R extends Ports.Ports>(
  services: Layer.Layer<S, never, Ports.Ports>,
  also: (project: Project) => Effect.Effect<unknown, E, R>
) =>
  session(
    Effect.gen(function* () {
      const { actor, folder, options } = yield* surroundings
      yield* initialised(folder, options)
      const ports = yield* Layers.built([Ports.over(options)])
      return yield* Effect.gen(function* () {
        const made = yield* Layers.built([services, Projects.layer])
        const project = yield* Context.get(made, Projects.Projects).find(folder)
        yield* also(project)
        return made.pipe(Context.add(CurrentProject, project), Context.add(CurrentActor, actor))
      }).pipe(Effect.provideService(CurrentActor, actor), Effect.provide(ports))
    })
  )

/** Services for a command in a project, the project and the actor. Makes nothing where calm has not been set up. */
export const project = <S>(
  services: Layer.Layer<S, never, Ports.Ports>
): Layer.Layer<S | CurrentProject | CurrentActor, SessionError, Base> => inProject(services, () => Effect.void)

/** The same, for a command that needs git. */
export const withGit = <S>(
  services: Layer.Layer<S, never, Ports.Ports>
): Layer.Layer<S | CurrentProject | CurrentActor, SessionError | Git.GitError, Base> => inProject(services, gitAnswers)

/** The folder whose repository the command is about, be it a project or not. */
export class Starting extends Context.Tag("@calm/cli/Session/Starting")<Starting, { readonly folder: string }>() {}

/** Services and the actor for a command that looks for no project. */
const acting = Effect.fnUntraced(function* <S>(
  services: Layer.Layer<S, never, Ports.Ports>,
  { actor, folder, options }: { readonly actor: Actor; readonly folder: string; readonly options: Ports.Options }
) {
  const ports = yield* Layers.built([Ports.over(options)])
  const made = yield* Effect.provide(Layers.built([services]), ports)
  return made.pipe(Context.add(Starting, { folder }), Context.add(CurrentActor, actor))
})

/** Services and the actor, for what is done to the data of all projects: none is looked for in data that may be damaged. */
export const anyProject = <S>(
  services: Layer.Layer<S, never, Ports.Ports>
): Layer.Layer<S | CurrentActor | Starting, SessionError, Base> =>
  session(
    Effect.gen(function* () {
      const found = yield* surroundings
      yield* initialised(found.folder, found.options)
      yield* Projects.located(found.folder)
      return yield* acting(services, found)
    })
  )

/** The same where there need not be a project yet. Makes nothing before the rest is known to be good. */
export const first = <S>(
  services: Layer.Layer<S, never, Ports.Ports>
): Layer.Layer<S | CurrentActor | Starting, SessionError | Git.GitError, Base> =>
  session(
    Effect.gen(function* () {
      const found = yield* surroundings
      const { folder, options } = found
      yield* Projects.located(folder, true)
      yield* Effect.provide(gitUsable, yield* Layers.built([Git.layer]))
      // Somebody else's folder stays as it is, too.
      yield* Sql.acceptable(options.database)
      // Before the database, which would only say that it cannot be opened.
      const home = yield* Layers.built([Home.layer({ path: options.home, database: options.database })])
      yield* Context.get(home, Home.Home).prepare
      return yield* acting(services, found)
    })
  )
