/**
 * The check-up of all that calm stands on: the machine, its own folder, the database, the project.
 *
 * It also runs where something of that is missing or broken: what can be looked at is looked at, and the rest is told of.
 * Three stages: the plan says what is wrong and what would be done about it; mending does that, after a backup; then
 * everything is looked at again.
 */
import type { Problem } from "@calm/domain/Problem"
import * as Traced from "@calm/domain/Traced"
import { Git } from "@calm/git/Git"
import type { Machine } from "@calm/process/Machine"
import { Owners } from "@calm/process/Owner"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Backups } from "../backups/Backups.ts"
import { CurrentActor } from "../events/CurrentActor.ts"
import type { FactFinder } from "../gates/FactFinder.ts"
import type { Rulebook } from "../gates/Rulebook.ts"
import { Home } from "../home/Home.ts"
import type { Locks } from "../operations/Locks.ts"
import type { Operations } from "../operations/Operations.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { locate } from "../projects/internal/locate.ts"
import { Projects } from "../projects/Projects.ts"
import type { Roles } from "../workers/Roles.ts"
import type { WorktreeHealth } from "../worktrees/WorktreeHealth.ts"
import type { DatabaseHealth } from "./DatabaseHealth.ts"
import { Applied, Check, type Cure, failed, type Found, ok, Step, warning } from "./internal/checkUp.ts"
import * as DatabaseChecks from "./internal/databaseChecks.ts"
import * as EnvironmentChecks from "./internal/environmentChecks.ts"
import * as InstallationChecks from "./internal/installationChecks.ts"
import * as ProjectChecks from "./internal/projectChecks.ts"

export { Applied, Check, Step }

/** What was looked at, and what would be done or was done about it. */
export const CheckUp = Schema.Struct({
  /** Everything as it is now. */
  checks: Schema.Array(Check),
  /** What mending would do about it. */
  plan: Schema.Array(Step),
  /** What mending did, before this was looked at; empty where nothing was to be mended. */
  applied: Schema.Array(Applied),
  /** The backup that was made before; `null` where nothing was changed, or there is no database. */
  backup: Schema.NullOr(Schema.String)
}).annotations({ identifier: "CheckUp" })
export type CheckUp = typeof CheckUp.Type

/** The services over the database that are asked, where it can be opened. */
export type Asked =
  | Backups
  | DatabaseHealth
  | Projects
  | Operations
  | Locks
  | Roles
  | Rulebook
  | FactFinder
  | WorktreeHealth

/** What is looked at. */
export interface Options<E> {
  /** The folder around which the project is. */
  readonly folder: string
  /** Opens the database, which is there. Built for each check-up; its failure is a finding. */
  readonly services: Layer.Layer<Asked, E>
  /** Where calm is installed, where it runs as the command. */
  readonly installation?: InstallationChecks.Installation | undefined
}

/** The check-up of all that calm stands on. */
export class Doctor extends Context.Tag("@calm/core/health/Doctor")<
  Doctor,
  {
    /** Looks at everything, notes what it found of the database, and changes nothing else. */
    readonly check: Effect.Effect<CheckUp>
    /** Carries out the plan that `check` gives, after a backup, and looks again. Where nothing is to be mended, changes nothing. */
    readonly fix: Effect.Effect<CheckUp>
  }
>() {}

/** Mending one thing can bring another to light: it is looked so many times at most. */
const rounds = 3

/** What is to be done and was not tried before: what has failed once would fail again. */
const untried = (cures: ReadonlyArray<Cure<never>>, applied: ReadonlyArray<Applied>): ReadonlyArray<Cure<never>> => {
  const tried = new Set(applied.map(({ what }) => what))
  return cures.filter(({ steps }) => steps.some(({ kept, what }) => kept === null && !tried.has(what)))
}

/** Does it change nothing that a backup would bring back? */
const isHarmless = ({ steps }: Cure<never>): boolean => steps.every(({ area }) => area === "environment")

export const make = Effect.fnUntraced(function* <E extends Problem>({ folder, installation, services }: Options<E>) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* Home
  const owners = yield* Owners
  const git = yield* Git
  const actor = yield* CurrentActor
  const environment = yield* EnvironmentChecks.make
  const installed = yield* InstallationChecks.make
  const database = yield* DatabaseChecks.make

  const located = locate(folder).pipe(
    Effect.provideService(FileSystem.FileSystem, files),
    Effect.provideService(Path.Path, path)
  )

  /** The services; none where there is no database yet. */
  const open = Effect.gen(function* () {
    const there = yield* Effect.catchAll(files.exists(home.database), () => Effect.succeed(true))
    return there ? Option.some(yield* Effect.either(Layer.build(services))) : Option.none()
  })

  /** The project in the folder, with everything that belongs to it. */
  const projectFound = Effect.fnUntraced(
    function* (asked: Context.Context<Asked>) {
      const project = yield* Context.get(asked, Projects).find(folder)
      const context = Context.add(asked, CurrentProject, project).pipe(
        Context.add(CurrentActor, actor),
        Context.add(Owners, owners),
        Context.add(Git, git)
      )
      const { examine } = yield* Effect.provide(ProjectChecks.make, context)
      const found = yield* Effect.provide(examine, context)
      const own = ok("project", { name: "project", summary: `the project ${project.path}` })
      return {
        checks: [own, ...found.checks],
        cures: found.cures.map(({ run, steps }): Cure<never> => ({ steps, run: Effect.provide(run, context) }))
      }
    },
    Effect.provideService(CurrentActor, actor),
    Effect.catchTags({
      // Neither is a fault: calm can be looked at from anywhere.
      NotARepository: (problem) => Effect.succeed(noProject(problem)),
      ProjectNotFound: (problem) => Effect.succeed(noProject(problem))
    }),
    Effect.catchAll((problem) =>
      Effect.succeed<Found<never>>({ checks: [failed("project", "project", problem)], cures: [] })
    )
  )

  const examine = Effect.fnUntraced(function* (opened: Effect.Effect.Success<typeof open>) {
    const location = yield* located
    const machine = yield* environment.examine(location)
    const driver = yield* database.driver
    const before = [...machine.checks, ...(yield* installed.examine(installation)), driver]
    // Without it no database can be looked at, and each would be told of with the same words.
    if (driver.status !== "ok") return { checks: before, cures: machine.cures }
    if (Option.isNone(opened)) return { checks: [...before, database.missing], cures: machine.cures }
    if (Either.isLeft(opened.value)) {
      const failure = yield* database.unopened(opened.value.left)
      return { checks: [...before, failure], cures: machine.cures }
    }
    const asked = opened.value.right
    const stored = yield* Effect.provide(database.opened, asked)
    const own = yield* projectFound(asked)
    return { checks: [...before, ...stored, ...own.checks], cures: [...machine.cures, ...own.cures] }
  })

  /** The backup before anything is changed; `null` where there is no database that could be copied. */
  const backedUp = Effect.fnUntraced(function* (opened: Effect.Effect.Success<typeof open>) {
    if (Option.isNone(opened) || Either.isLeft(opened.value)) return { name: null, failure: null }
    return yield* Context.get(opened.value.right, Backups).beforeFix.pipe(
      Effect.map(({ name }) => ({ name, failure: null })),
      Effect.catchAll(({ message }) => {
        const failure: Applied = { area: "database", what: "make a backup first", done: false, detail: message }
        return Effect.succeed({ name: null, failure })
      })
    )
  })

  const report = ({ checks, cures }: Found<never>): CheckUp => ({
    checks,
    plan: cures.flatMap(({ steps }) => steps),
    applied: [],
    backup: null
  })

  return Doctor.of({
    check: Effect.flatMap(open, examine).pipe(Effect.map(report), Effect.scoped, Traced.span("Doctor.check")),
    fix: Effect.gen(function* () {
      const opened = yield* open
      const applied: Array<Applied> = []
      let found = yield* examine(opened)
      if (untried(found.cures, applied).length === 0) return report(found)
      const saved = yield* backedUp(opened)
      if (saved.failure !== null) applied.push(saved.failure)
      for (let round = 0; round < rounds; round++) {
        const cures = untried(found.cures, applied).filter((cure) => saved.failure === null || isHarmless(cure))
        if (cures.length === 0) break
        for (const { run } of cures) applied.push(...(yield* run))
        found = yield* examine(opened)
      }
      return { ...report(found), applied, backup: saved.name }
    }).pipe(Effect.scoped, Traced.span("Doctor.fix"))
  })
})

const noProject = ({ hint, message }: Problem): Found<never> => ({
  checks: [warning("project", { name: "project", summary: message }, hint)],
  cures: []
})

/** The check-up of a folder's project over the real machine, or over ports of your own. */
export const layer = <E extends Problem>(
  options: Options<E>
): Layer.Layer<Doctor, never, Git | Machine | Home | Owners | FileSystem.FileSystem | Path.Path | CurrentActor> =>
  Layer.effect(Doctor, make(options))
