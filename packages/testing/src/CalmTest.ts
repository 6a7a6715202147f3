/**
 * All of calm in memory: SQLite in memory, git in memory, scripted check scripts, files in memory, and whatever clock the
 * test has. No disk, no process. The services are the real ones.
 */
import { BuiltInRoles } from "@calm/core/BuiltInRoles"
import * as Calm from "@calm/core/Calm"
import * as CheckScripts from "@calm/core/CheckScripts"
import { type Actor, CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import * as Home from "@calm/core/Home"
import * as Projects from "@calm/core/Projects"
import type { FrontMatter } from "@calm/domain/Role"
import type { HomeConfig } from "@calm/domain/HomeConfig"
import * as Git from "@calm/git/Git"
import * as MemoryGit from "@calm/git/MemoryGit"
import * as Environment from "@calm/process/Environment"
import * as Owner from "@calm/process/Owner"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Sql from "@calm/sql/Sql"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as MemoryFileSystem from "./MemoryFileSystem.ts"

/** The main checkout of the project in memory. */
export const repo = "/repo"

/** The person in whose name tests act. */
export const person: Actor = { name: "me", workerId: null }

/** What the check scripts say, which tests decide. */
export class ScriptedChecks extends Context.Tag("@calm/testing/ScriptedChecks")<
  ScriptedChecks,
  {
    /**
     * From now on the built-in script of this name (`tests`, `linter`, `types`, `todos`, `command`) comes out so. Without
     * being told, tests pass with 3 passed, and everything else passes.
     */
    readonly set: (script: string, outcome: ProcessRunner.Script) => Effect.Effect<void>
    /** From now on this handler answers for the built-in script of this name; it sees the request. */
    readonly answer: (script: string, handler: ProcessRunner.Handler) => Effect.Effect<void>
    /** The scripts that were run so far, in the order they began; those run to detect a tool are marked with `?`. */
    readonly ran: Effect.Effect<ReadonlyArray<string>>
  }
>() {}

/** The scripts' output for a number of tests. */
export const counts = (passed: number, failed: number, skipped: number): string =>
  `calm: tests passed=${passed} failed=${failed} skipped=${skipped}\n`

const scriptOf = (request: ProcessRunner.Request): string | undefined =>
  /^\/gates\/([a-z]+)\.mjs$/.exec(request.args[0] ?? "")?.[1]

const checks = Layer.unwrapEffect(
  Effect.gen(function* () {
    const handlers = yield* Ref.make<ReadonlyMap<string, ProcessRunner.Handler>>(
      new Map([["tests", () => ({ stdout: counts(3, 0, 0) })]])
    )
    const answer = (script: string, handler: ProcessRunner.Handler) =>
      Ref.update(handlers, (known) => new Map(known).set(script, handler))
    const handler: ProcessRunner.Handler = (request) => {
      const script = scriptOf(request)
      if (script === undefined) return undefined
      return Effect.flatMap(Ref.get(handlers), (known) => {
        const outcome = known.get(script)?.(request) ?? {}
        return Effect.isEffect(outcome) ? outcome : Effect.succeed(outcome)
      })
    }
    const control = Layer.effect(
      ScriptedChecks,
      Effect.map(ProcessRunner.ScriptedProcesses, (processes) =>
        ScriptedChecks.of({
          set: (script, outcome) => answer(script, () => outcome),
          answer,
          ran: Effect.map(processes.requests, (requests) =>
            requests.flatMap((request) => {
              const script = scriptOf(request)
              return script === undefined ? [] : [request.env?.["CALM_MODE"] === "detect" ? `${script}?` : script]
            })
          )
        })
      )
    )
    return control.pipe(Layer.provideMerge(ProcessRunner.layerScripted(handler)))
  })
)

/** The text of a role file. */
export const roleFile = (
  prompt: string,
  {
    phases,
    reviews = [],
    summary = "Works on tasks",
    title,
    writesCode
  }: Partial<FrontMatter> & Pick<FrontMatter, "title" | "phases" | "writesCode">
): string =>
  `---
title: ${title}
summary: ${summary}
phases: [${phases.join(", ")}]
reviews: [${reviews.join(", ")}]
writesCode: ${writesCode}
---

${prompt}
`

/** The built-in roles of the world, by name: one who writes code, a reviewer for each thing to review, one who tests. */
export const roles: Readonly<Record<string, string>> = {
  _base: "# How every worker works\n",
  backend: roleFile("# Backend engineer", {
    title: "Backend engineer",
    phases: ["IMPLEMENT", "INVESTIGATED"],
    writesCode: true
  }),
  "spec-reviewer": roleFile("# Spec reviewer", {
    title: "Spec reviewer",
    phases: ["SPEC"],
    reviews: ["spec"],
    writesCode: false
  }),
  "proposal-reviewer": roleFile("# Proposal reviewer", {
    title: "Proposal reviewer",
    phases: ["DESIGN"],
    reviews: ["proposal"],
    writesCode: false
  }),
  reviewer: roleFile("# Code reviewer", {
    title: "Code reviewer",
    phases: ["CODE_REVIEW", "FIXED"],
    reviews: ["code", "bugfix"],
    writesCode: false
  }),
  qa: roleFile("# QA engineer", {
    title: "QA engineer",
    phases: ["TEST", "INTEGRATE", "VERIFY", "REVIEWED", "TESTED", "MERGED"],
    reviews: ["code", "bugfix"],
    writesCode: false
  })
}

/** Where they lie. */
const rolesFolder = "/roles"

const builtInRoles = Layer.effect(
  BuiltInRoles,
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    yield* files.makeDirectory(rolesFolder, { recursive: true })
    for (const [name, text] of Object.entries(roles)) yield* files.writeFileString(`${rolesFolder}/${name}.md`, text)
    return { folder: Effect.succeed(rolesFolder) }
  })
)

const environment = Environment.layerOf({
  variables: {},
  cwd: repo,
  home: "/home/me",
  user: person.name,
  node: "/usr/bin/node"
})

const machine = (config: HomeConfig) =>
  Layer.mergeAll(
    MemoryGit.layer,
    Home.layer({ path: "/home/me/.calm", config }),
    Owner.layerMemory(),
    environment,
    checks,
    CheckScripts.layerMemory,
    builtInRoles,
    Sql.layerMemory
  ).pipe(Layer.provideMerge(Layer.merge(MemoryFileSystem.layer, Path.layer)))

/** A repository with one commit at `/repo`, registered as a project: for worlds over ports of your own. */
export const project = Layer.effect(
  CurrentProject,
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const git = yield* Git.Git
    const projects = yield* Projects.Projects
    yield* files.makeDirectory(repo, { recursive: true })
    yield* git.init(repo, "main")
    yield* files.writeFileString(`${repo}/README.md`, "# A project\n")
    yield* git.commit({ checkout: repo, message: "Start", include: "all" })
    const { project: registered } = yield* projects.register(repo)
    return registered
  })
)

/** The same as `layer`, for a user who has set this for all projects. */
export const layerWith = (config: HomeConfig) =>
  project.pipe(
    Layer.provideMerge(Calm.services),
    Layer.provideMerge(machine(config)),
    Layer.provideMerge(Layer.succeed(CurrentActor, person))
  )

/**
 * Every service, the ports in memory with their controls, and a project to act in: `CurrentProject` at `/repo` with one
 * commit on `main`, `CurrentActor` a person called `me`.
 */
export const layer = layerWith({})
