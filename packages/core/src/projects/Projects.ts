/**
 * Projects: git repositories, each named by the path of its main checkout.
 *
 * Finding a project costs no process: walk up to `.git`, follow `gitdir` and `commondir`. An id in the git folder
 * recognises a repository that was moved; a copy of one is a project of its own.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import * as Counter from "@calm/domain/Counter"
import { ProjectId, Time } from "@calm/domain/Ids"
import { Project } from "@calm/domain/Project"
import * as Traced from "@calm/domain/Traced"
import { beginning, Typed } from "@calm/domain/Typed"
import { Git, type GitError } from "@calm/git/Git"
import { refine, type StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Layers from "../Layers.ts"
import { randomId } from "../internal/randomId.ts"
import { atomicallyIn } from "../internal/atomically.ts"
import type { CurrentActor } from "../events/CurrentActor.ts"
import { Events, layer as eventsLayer } from "../events/Events.ts"
import { Home, type HomeUnusable } from "../home/Home.ts"
import type { FileFailed } from "../operations/FileFailed.ts"
import { now } from "../internal/now.ts"
import * as WorktreeRows from "../worktrees/internal/WorktreeRows.ts"
import { CurrentProject } from "./CurrentProject.ts"
import * as Base from "./internal/base.ts"
import { type Location, locate } from "./internal/locate.ts"
import * as Marker from "./internal/marker.ts"
import * as ProjectRows from "./internal/ProjectRows.ts"

/** No git repository is around this folder. */
export class NotARepository extends TaggedError<NotARepository>()("NotARepository", {
  path: Typed,
  /** A project was to be made of it: whoever wants that may want a repository, too. */
  registering: Schema.optionalWith(Schema.Boolean, { default: () => false })
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return `${beginning(this.path, 300)} is not inside a git repository with a checkout`
  }
  get hint() {
    // One line that can be read, which a path need not be.
    return this.registering && this.path !== "/" && !this.path.includes("\n") && this.path.length <= 500
      ? commandLine("git", "-C", this.path, "init")
      : "calm help recovery"
  }
}

/** The repository is not known to calm. */
export class ProjectNotFound extends TaggedError<ProjectNotFound>()("ProjectNotFound", { path: Schema.String }) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    return `${this.path} is not a project of calm yet`
  }
  get hint() {
    return commandLine("calm", "init", "--project", this.path)
  }
}

/** What `init` did. */
export const Registration = Schema.Struct({
  project: Project,
  /** `false`: it was registered already. */
  created: Schema.Boolean,
  /** The base branch until now, where that is gone and another one was chosen; `null` where the base stays. */
  formerBase: Schema.NullOr(Schema.String),
  home: Schema.String,
  counters: Schema.Array(Schema.String)
}).annotations({ identifier: "Registration" })
export type Registration = typeof Registration.Type

/** The repository around a folder, from its files alone: for callers that have no database yet. */
export const located = (
  folder: string,
  registering = false
): Effect.Effect<Location, NotARepository, FileSystem.FileSystem | Path.Path> =>
  locate(folder).pipe(
    Effect.flatMap(
      Option.match({
        onNone: () => Effect.fail(new NotARepository({ path: folder, registering })),
        onSome: Effect.succeed
      })
    )
  )

/** The projects: registers a repository, and finds the one around a folder. */
export class Projects extends Context.Tag("@calm/core/projects/Projects")<
  Projects,
  {
    /**
     * Registers the repository around a folder, with its standard counters. Idempotent. Makes the home folder. Chooses
     * another base where the one on record is gone, or has become another name for a branch.
     */
    readonly register: (
      folder: string
    ) => Effect.Effect<Registration, NotARepository | HomeUnusable | FileFailed | GitError | StoreError, CurrentActor>
    /** The project around a folder: from the main checkout or any worktree of it, at any depth. Starts no process. */
    readonly find: (
      folder: string
    ) => Effect.Effect<Project, NotARepository | ProjectNotFound | StoreError, CurrentActor>
    /** All projects, by path. */
    readonly list: Effect.Effect<ReadonlyArray<Project>, StoreError>
  }
>() {}

export const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const atomically = atomicallyIn(sql)
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const git = yield* Git
  const home = yield* Home
  const events = yield* Events
  const worktrees = WorktreeRows.make(sql)
  const marking = Marker.make(files, path)
  const around = (folder: string, registering?: boolean) =>
    located(folder, registering).pipe(
      Effect.provideService(FileSystem.FileSystem, files),
      Effect.provideService(Path.Path, path)
    )

  const byId = Statement.findOne(() => ({
    Request: Schema.String,
    Result: Project,
    execute: (id) => sql`SELECT ${sql.literal(ProjectRows.columns)} FROM projects WHERE id = ${id}`
  }))
  const byPath = Statement.findOne(() => ({
    Request: Schema.String,
    Result: Project,
    execute: (at) => sql`SELECT ${sql.literal(ProjectRows.columns)} FROM projects WHERE path = ${at}`
  }))
  const all = ProjectRows.all(sql)
  const insert = Statement.void(() => ({
    Request: Project,
    execute: (project) => sql`
      INSERT INTO projects (id, path, common_dir, base_branch, created_at)
      VALUES (${project.id}, ${project.path}, ${project.commonDir}, ${project.baseBranch}, ${project.createdAt})`
  }))
  const insertCounter = Statement.void(() => ({
    Request: Schema.Struct({ project: ProjectId, name: Schema.String, at: Time }),
    execute: ({ at, name, project }) => sql`
      INSERT INTO counters (project_id, name, value, updated_at) VALUES (${project}, ${name}, 0, ${at})
      ON CONFLICT (project_id, name) DO NOTHING`
  }))
  /** A path names one project: one that had it before and is gone keeps its data under a name that is no path. */
  const displace = (at: string, by: ProjectId) =>
    sql`UPDATE projects SET path = path || '#' || id WHERE path = ${at} AND id <> ${by}`
  const updateBase = Statement.void(() => ({
    Request: Schema.Struct({ id: ProjectId, to: Schema.String }),
    execute: ({ id, to }) => sql`UPDATE projects SET base_branch = ${to} WHERE id = ${id}`
  }))
  const updatePath = Effect.fnUntraced(function* (project: Project, location: Location) {
    yield* displace(location.checkout, project.id)
    yield* sql`UPDATE projects SET path = ${location.checkout}, common_dir = ${location.commonDir} WHERE id = ${project.id}`
    yield* worktrees.relocate(project.id, project.path, location.checkout)
    // Git's folder may lie elsewhere than in the checkout.
    yield* worktrees.relocate(project.id, project.commonDir, location.commonDir)
  })

  /** Is a repository with this very marker still at the place the database knows? Then the one at hand is a copy. */
  const isElsewhere = Effect.fnUntraced(function* (project: Project, location: Location) {
    if (project.commonDir === location.commonDir) return false
    const there = yield* marking.read(project.commonDir)
    return Option.contains(there, project.id)
  })

  /** The row that a repository with this marker, or none, is or was recorded in. */
  const recordOf = (location: Location, marker: Option.Option<ProjectId>) =>
    Option.match(marker, { onNone: () => byPath(location.checkout), onSome: byId })

  /** The project of a located repository, its path brought up to date where the repository was moved. */
  const known = Effect.fnUntraced(function* (location: Location, found: Option.Option<Project>) {
    if (Option.isNone(found)) return Option.none<Project>()
    const project = found.value
    if (project.path === location.checkout && project.commonDir === location.commonDir) return found
    if (yield* isElsewhere(project, location)) return Option.none<Project>()
    const moved: Project = { ...project, path: location.checkout, commonDir: location.commonDir }
    yield* atomically(
      Effect.gen(function* () {
        const current = yield* byId(project.id)
        // Somebody else may have noticed at this very moment.
        if (Option.exists(current, ({ commonDir, path: at }) => at === moved.path && commonDir === moved.commonDir))
          return
        yield* updatePath(project, location)
        yield* events.append("project.moved", null, { from: project.path, to: moved.path })
      })
    ).pipe(Effect.provideService(CurrentProject, moved))
    return Option.some(moved)
  })

  /** The base in place of one that is gone or another name; the one on record where it is there, or there is no other. */
  const baseOf = Effect.fnUntraced(
    function* (checkout: string, recorded: string) {
      const found = yield* Base.find(checkout, recorded)
      if (found.state === "alias") return Base.behind(found) ?? recorded
      if (found.state !== "gone") return recorded
      const other = yield* Base.choose(checkout, recorded)
      return (yield* Base.find(checkout, other)).state === "gone" ? recorded : other
    },
    Effect.provideService(Git, git)
  )

  /** Puts another base on record, unless somebody did so at this very moment. Inside a transaction. */
  const retarget = Effect.fnUntraced(function* (project: Project, to: string) {
    const found = yield* byId(project.id)
    if (Option.isNone(found) || found.value.baseBranch !== project.baseBranch) return
    yield* updateBase({ id: project.id, to })
    yield* events.append("project.retargeted", null, { from: project.baseBranch, to })
  })

  return Projects.of({
    register: Traced.fn("Projects.register")(function* (folder) {
      const location = yield* around(folder, true)
      yield* home.prepare
      yield* git.version
      const successor = yield* marking.successor(location.commonDir)
      const marker = yield* marking.read(location.commonDir)
      const found = yield* recordOf(location, marker)
      const existing = yield* known(location, found)
      const fresh: Project = {
        // The id of another database is kept: this one does not know it. A copy's id belongs to its original.
        id: Option.isNone(marker)
          ? ProjectId.make(yield* randomId)
          : Option.isNone(found)
            ? marker.value
            : successor(marker.value),
        path: location.checkout,
        commonDir: location.commonDir,
        baseBranch: Option.isSome(existing)
          ? yield* baseOf(location.checkout, existing.value.baseBranch)
          : yield* Base.choose(location.checkout, null).pipe(Effect.provideService(Git, git)),
        createdAt: yield* now
      }
      const registration = yield* atomically(
        Effect.gen(function* () {
          // What is there by now is of somebody who registered it at this very moment.
          const present = yield* Option.isNone(marker) ? byPath(location.checkout) : byId(fresh.id)
          const registered = Option.orElse(existing, () => present)
          const recorded = Option.getOrElse(registered, () => fresh)
          const created = Option.isNone(registered)
          const moves = Option.isSome(existing) && recorded.baseBranch !== fresh.baseBranch
          const project = moves ? { ...recorded, baseBranch: fresh.baseBranch } : recorded
          if (moves) yield* retarget(recorded, fresh.baseBranch).pipe(Effect.provideService(CurrentProject, project))
          if (created) {
            yield* displace(location.checkout, project.id)
            yield* insert(project)
            yield* events
              .append("project.registered", null, { path: project.path, baseBranch: project.baseBranch })
              .pipe(Effect.provideService(CurrentProject, project))
          }
          for (const name of Counter.standard) yield* insertCounter({ project: project.id, name, at: fresh.createdAt })
          const formerBase = moves ? recorded.baseBranch : null
          return { project, created, formerBase, home: home.path, counters: Counter.standard }
        })
      )
      if (!Option.contains(marker, registration.project.id))
        yield* marking.write(location.commonDir, registration.project.id)
      return registration
    }, refine),
    find: Traced.fn("Projects.find")(function* (folder) {
      const location = yield* around(folder)
      const project = yield* known(location, yield* recordOf(location, yield* marking.read(location.commonDir)))
      if (Option.isNone(project)) return yield* new ProjectNotFound({ path: location.checkout })
      return project.value
    }, refine),
    list: all(undefined).pipe(refine, Traced.span("Projects.list"))
  })
})

/** The real one, over the database, git and files. */
export const layer = Layers.service(Projects, make, [eventsLayer])
