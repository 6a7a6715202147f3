import { CurrentProject } from "@calm/core/CurrentProject"
import type { Project } from "@calm/domain/Project"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { calm, failure, same, tipOf, trail } from "./support/calm.ts"

/** Makes a repository with one commit. */
const repository = (path: string, branch = "main") =>
  Effect.gen(function* () {
    const { files, git } = yield* calm
    yield* files.makeDirectory(path, { recursive: true })
    yield* git.init(path, branch)
    yield* World.commitIn(path, { "README.md": `# ${path}\n` })
  })

/** Where a repository keeps the id of its project. */
const marker = ".git/calm/project"

const within =
  (project: Project) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provideService(effect, CurrentProject, project)

describe("registering a project", () => {
  it.effect("twice is as good as once: same project, nothing reset, no second event", () =>
    Effect.gen(function* () {
      const { counters, files, project, projects } = yield* calm
      const [lock] = yield* counters.list
      if (lock !== undefined) yield* counters.increment(lock.name)
      const again = yield* projects.register(CalmTest.repo)
      same([again.project, again.created], [project, false])
      same((yield* counters.list)[0]?.value, 1)
      same((yield* projects.list).length, 1)
      same((yield* trail).filter((kind) => kind === "project.registered").length, 1)
      for (const folder of ["logs", "backups", "roles", "cache"])
        assert.isTrue(yield* files.exists(`/home/me/.calm/${folder}`))
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("many at once register it once", () =>
    Effect.gen(function* () {
      const { projects } = yield* calm
      yield* repository("/other")
      const all = yield* Effect.replicateEffect(projects.register("/other"), 8, { concurrency: "unbounded" })
      same(new Set(all.map(({ project }) => project.id)).size, 1)
      same(all.filter(({ created }) => created).length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  for (const [what, branch, remote, base] of [
    ["what the remote calls its default", "work", "refs/heads/trunk", "trunk"],
    ["main", "main", null, "main"],
    ["master", "master", null, "master"],
    ["the current branch where none of these is there", "develop", null, "develop"]
  ] as const)
    it.effect(`the base is ${what}`, () =>
      Effect.gen(function* () {
        const { control, projects } = yield* calm
        yield* repository("/other", branch)
        yield* control.setRemoteDefaultBranch("/other", Option.fromNullable(remote))
        same((yield* projects.register("/other")).project.baseBranch, base)
      }).pipe(Effect.provide(CalmTest.layer))
    )

  for (const [what, text] of [
    ["empty", ""],
    ["cut short", "0123456789ab\n"],
    ["garbled", "\u0000\u0001 not an id\n"]
  ] as const)
    it.effect(`whose marker is ${what} writes it anew and is the same project`, () =>
      Effect.gen(function* () {
        const { files, project, projects } = yield* calm
        yield* World.write(CalmTest.repo, { [marker]: text })
        same(yield* projects.find(CalmTest.repo), project)
        const again = yield* projects.register(CalmTest.repo)
        same([again.project, again.created], [project, false])
        same(yield* files.readFileString(`${CalmTest.repo}/${marker}`), `${project.id}\n`)
        same(yield* files.readDirectory(`${CalmTest.repo}/.git/calm`), ["project"])
      }).pipe(Effect.provide(CalmTest.layer))
    )

  it.effect("whose marker is right leaves it alone", () =>
    Effect.gen(function* () {
      const { files, project, projects } = yield* calm
      yield* World.write(CalmTest.repo, { [marker]: project.id })
      yield* projects.register(CalmTest.repo)
      same(yield* files.readFileString(`${CalmTest.repo}/${marker}`), project.id)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("outside of a repository is an error, as is a git that is too old", () =>
    Effect.gen(function* () {
      const { control, files, projects } = yield* calm
      yield* files.makeDirectory("/plain/folder", { recursive: true })
      same((yield* failure(projects.register("/plain/folder"), "NotARepository")).category, "not_found")
      yield* control.setVersion(Option.some("2.30.0"))
      same((yield* failure(projects.register(CalmTest.repo), "GitMissing")).category, "unavailable")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a base branch that is not there", () => {
  /** What `git branch -m main trunk` does in the main checkout. */
  const renamed = Effect.gen(function* () {
    const { control, git } = yield* calm
    const tip = Option.some(yield* tipOf("main"))
    const move = { repo: CalmTest.repo, reason: "rename" }
    yield* git.updateRef({ ...move, ref: "refs/heads/trunk", from: Option.none(), to: tip })
    yield* control.switchTo(CalmTest.repo, { branch: "refs/heads/trunk" })
    yield* git.updateRef({ ...move, ref: "refs/heads/main", from: tip, to: Option.none() })
  })

  it.effect("because it was renamed is said to be so, and init chooses another one, once, and says so", () =>
    Effect.gen(function* () {
      const { events, gates, projects } = yield* calm
      yield* World.featureIn("INTEGRATE")
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      yield* renamed
      const error = yield* failure(gates.check("SPEC-001", null), "BaseMissing")
      same([error.state, error.hint], ["gone", "calm init"])
      const { created, formerBase, project } = yield* projects.register(CalmTest.repo)
      same([created, formerBase, project.baseBranch], [false, "main", "trunk"])
      const [event] = yield* events.list({ limit: 1 })
      same([event?.kind, event?.data], ["project.retargeted", { from: "main", to: "trunk" }])
      same(yield* projects.find(CalmTest.repo), project)
      const again = yield* projects.register(CalmTest.repo)
      same([again.formerBase, again.project], [null, project])
      same((yield* trail).filter((kind) => kind === "project.retargeted").length, 1)
      same((yield* gates.check("SPEC-001", null).pipe(within(project))).verdict.passed, true)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("and that several set right at once is set right once", () =>
    Effect.gen(function* () {
      const { projects } = yield* calm
      yield* renamed
      const all = yield* Effect.replicateEffect(projects.register(CalmTest.repo), 4, { concurrency: "unbounded" })
      same(new Set(all.map(({ project }) => project.baseBranch)), new Set(["trunk"]))
      same((yield* trail).filter((kind) => kind === "project.retargeted").length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("because there is no commit yet asks for one, and init keeps it", () =>
    Effect.gen(function* () {
      const { files, git, projects, worktrees } = yield* calm
      yield* files.makeDirectory("/empty")
      yield* git.init("/empty", "main")
      const { project } = yield* projects.register("/empty")
      yield* World.planned("feature", "SPEC-001").pipe(within(project))
      const error = yield* failure(worktrees.create("SPEC-001").pipe(within(project)), "BaseMissing")
      same([error.state, error.hint], ["unborn", 'git commit --allow-empty -m "Start"'])
      const again = yield* projects.register("/empty")
      same([again.formerBase, again.project], [null, project])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("because only the remote has it is made from there, and init keeps it", () =>
    Effect.gen(function* () {
      const { git, gates, project, projects } = yield* calm
      yield* World.featureIn("SPEC")
      const ref = "refs/remotes/origin/main"
      const to = Option.some(yield* tipOf("main"))
      yield* git.updateRef({ repo: CalmTest.repo, ref, from: Option.none(), to, reason: "fetch" })
      yield* renamed
      const error = yield* failure(gates.check("SPEC-001", null), "BaseMissing")
      same([error.state, error.hint], ["remote", "git branch main origin/main"])
      same((yield* projects.register(CalmTest.repo)).project, project)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("finding a project", () => {
  it.effect("from the main checkout, a folder in it, a worktree and a folder in that", () =>
    Effect.gen(function* () {
      const { files, project, projects } = yield* calm
      yield* World.featureIn("SPEC")
      yield* files.makeDirectory(`${CalmTest.repo}/src/deep/down`, { recursive: true })
      const worktree = `${CalmTest.repo}/.worktrees/SPEC-001`
      for (const folder of [
        CalmTest.repo,
        `${CalmTest.repo}/src/deep/down`,
        worktree,
        `${worktree}/planning_docs/SPEC-001`
      ])
        same(yield* projects.find(folder), project)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a repository that is not registered says how to register it", () =>
    Effect.gen(function* () {
      const { projects } = yield* calm
      yield* repository("/other")
      const error = yield* failure(projects.find("/other"), "ProjectNotFound")
      same([error.category, error.hint], ["not_found", "calm init --project /other"])
      yield* failure(projects.find("/nowhere/at/all"), "NotARepository")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a repository that was moved is the same project, with its tasks, at its new place", () =>
    Effect.gen(function* () {
      const { events, files, project, projects, tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* files.rename(CalmTest.repo, "/moved")
      const moved = yield* projects.find("/moved")
      same(moved, { ...project, path: "/moved", commonDir: "/moved/.git" })
      same(
        (yield* tasks.list({}).pipe(within(moved))).map(({ id }) => id),
        ["SPEC-001"]
      )
      const [event] = yield* events.list({ limit: 1 })
      same([event?.kind, event?.data], ["project.moved", { from: CalmTest.repo, to: "/moved" }])
      same(yield* projects.find("/moved"), moved)
      same((yield* trail).filter((kind) => kind === "project.moved").length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a copy is a project of its own and does not take the original's tasks", () =>
    Effect.gen(function* () {
      const { files, project, projects, tasks } = yield* calm
      yield* World.planned("feature", "SPEC-001")
      yield* repository("/copy")
      yield* World.write("/copy", { [marker]: yield* files.readFileString(`${CalmTest.repo}/${marker}`) })
      yield* failure(projects.find("/copy"), "ProjectNotFound")
      const { created, project: copy } = yield* projects.register("/copy")
      assert.notStrictEqual(copy.id, project.id)
      same([created, yield* tasks.list({}).pipe(within(copy))], [true, []])
      same(yield* projects.find(CalmTest.repo), project)
      same(yield* projects.find("/copy"), copy)
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("several projects in one database", () => {
  it.effect("have ids, counters, reviews, events and merges of their own", () =>
    Effect.gen(function* () {
      const { counters, events, merges, projects, reviews, status, tasks, worktrees } = yield* calm
      yield* repository("/other")
      const { project: other } = yield* projects.register("/other")
      yield* World.featureIn("TEST")
      yield* World.featureIn("SPEC", "SPEC-001").pipe(within(other))
      same((yield* tasks.get("SPEC-001")).phase, "TEST")
      yield* Effect.gen(function* () {
        same((yield* tasks.get("SPEC-001")).phase, "SPEC")
        same((yield* reviews.list("SPEC-001", null)).reviews, [])
        same(
          (yield* worktrees.list).map(({ path }) => path),
          ["/other/.worktrees/SPEC-001"]
        )
        same(
          (yield* events.list({ limit: 100 })).map(({ kind, seq }) => `${seq} ${kind}`),
          ["3 worktree.created", "2 task.created", "1 project.registered"]
        )
        assert.strictEqual(yield* tasks.nextId("SPEC"), "SPEC-002")
      }).pipe(within(other))
      yield* World.advance("SPEC-001")
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      yield* merges.merge("SPEC-001")
      same(
        (yield* counters.list.pipe(within(other))).map(({ value }) => value),
        [0, 0, 0]
      )
      same((yield* status.overview.pipe(within(other))).merges, [])
      same((yield* tasks.get("SPEC-001").pipe(within(other))).phase, "SPEC")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("a task of another project is unknown, and cannot be waited for", () =>
    Effect.gen(function* () {
      const { projects, tasks } = yield* calm
      yield* repository("/other")
      const { project: other } = yield* projects.register("/other")
      yield* World.planned("feature", "SPEC-007").pipe(within(other))
      yield* failure(tasks.get("SPEC-007"), "TaskNotFound")
      yield* failure(World.planned("feature", "SPEC-001", ["SPEC-007"]), "TaskNotFound")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
