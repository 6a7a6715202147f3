/** `--check-overlaps`: where another open task works, and where it does not. */
import { Overlaps } from "@calm/core/Overlaps"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { withoutSightOf } from "./support/blind.ts"
import { because, calm, failure, same } from "./support/calm.ts"

const path = (task: string) => `${CalmTest.repo}/.worktrees/${task}`

/** SPEC-001 at work in its worktree, SPEC-002 about to begin. */
const two = Effect.gen(function* () {
  const world = yield* calm
  const { check } = yield* Overlaps
  yield* World.featureIn("IMPLEMENT")
  yield* World.planned("feature", "SPEC-002")
  const declare = (id: string, ...touches: ReadonlyArray<string>) => world.tasks.update(id, { touches })
  /** What the other task's work is found to be in. */
  const met = Effect.map(failure(check("SPEC-002"), "OverlapsFound"), ({ overlaps }) => overlaps)
  return { ...world, check, declare, met }
})

describe("overlaps", () => {
  it.effect("are found in what the other has committed, staged, changed, removed and not yet added", () =>
    Effect.gen(function* () {
      const { control, declare, files, met } = yield* two
      yield* World.commitIn(CalmTest.repo, { "src/gone.js": "g", "src/edited.js": "e" })
      yield* World.commit("SPEC-001", { "src/gone.js": "g", "src/edited.js": "e", "src/committed.js": "c" })
      yield* World.write(path("SPEC-001"), { "src/staged.js": "s" })
      yield* control.stage(path("SPEC-001"), ["src/staged.js"])
      yield* World.write(path("SPEC-001"), { "src/edited.js": "changed", "src/untracked.js": "u", "web/x.js": "x" })
      yield* files.remove(`${path("SPEC-001")}/src/gone.js`)
      yield* declare("SPEC-002", "src/**")
      same(yield* met, [
        {
          taskId: "SPEC-001",
          paths: ["src/committed.js", "src/edited.js", "src/gone.js", "src/staged.js", "src/untracked.js"]
        }
      ])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are not passed over where it cannot be told whether the other's folder is there", () =>
    Effect.gen(function* () {
      const { declare } = yield* two
      yield* World.write(path("SPEC-001"), { "src/untracked.js": "u" })
      yield* declare("SPEC-002", "src/**")
      const check = Effect.flatMap(Overlaps, (overlaps) => overlaps.check("SPEC-002"))
      const { overlaps } = yield* withoutSightOf(path("SPEC-001"))(failure(check, "OverlapsFound"))
      same(overlaps, [{ taskId: "SPEC-001", paths: ["src/untracked.js"] }])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("count a renamed file under both names", () =>
    Effect.gen(function* () {
      const { declare, files, met } = yield* two
      yield* files.rename(`${path("SPEC-001")}/README.md`, `${path("SPEC-001")}/READTHIS.md`)
      yield* World.commit("SPEC-001", {})
      yield* declare("SPEC-002", "*.md")
      same(yield* met, [{ taskId: "SPEC-001", paths: ["READTHIS.md", "README.md"].toSorted() }])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are found in what the other means to change, though it has changed nothing", () =>
    Effect.gen(function* () {
      const { check, declare, met } = yield* two
      yield* declare("SPEC-001", "src/api/*.ts", "docs/**")
      yield* declare("SPEC-002", "src/**")
      same(yield* met, [{ taskId: "SPEC-001", paths: ["src/api/*.ts"] }])
      yield* declare("SPEC-002", "web/**")
      same(yield* check("SPEC-002"), { compared: true, overlaps: [] })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are found for what a task itself has changed, when its worktree is taken up again", () =>
    Effect.gen(function* () {
      const { check, declare, met, worktrees } = yield* two
      yield* worktrees.create("SPEC-002", { setup: false })
      yield* World.commit("SPEC-002", { "src/a.js": "a" })
      yield* worktrees.remove("SPEC-002", "removed")
      yield* declare("SPEC-001", "src/a.js")
      same(yield* met, [{ taskId: "SPEC-001", paths: ["src/a.js"] }])
      same((yield* failure(check("SPEC-001"), "OverlapsFound")).overlaps, [{ taskId: "SPEC-002", paths: ["src/a.js"] }])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are named with the command that goes on all the same, and --force goes on and still tells", () =>
    Effect.gen(function* () {
      const { check, declare } = yield* two
      yield* declare("SPEC-001", "src/**")
      yield* declare("SPEC-002", "src/a.js")
      const error = yield* failure(check("SPEC-002"), "OverlapsFound")
      same([error.category, error.hint], ["conflict", "calm worktree create SPEC-002 --check-overlaps --force"])
      same(
        error.outcomes.map(({ check: task, hint, summary }) => [task, summary, hint]),
        [["SPEC-001", "src/**", "calm task show SPEC-001"]]
      )
      same(yield* check("SPEC-002", { force: true }), {
        compared: true,
        overlaps: [{ taskId: "SPEC-001", paths: ["src/**"] }]
      })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are not looked for where there is nothing to compare, and it says so", () =>
    Effect.gen(function* () {
      const { check } = yield* two
      yield* World.commit("SPEC-001", { "src/a.js": "a" })
      same(yield* check("SPEC-002"), { compared: false, overlaps: [] })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leave out documents, finished tasks, and what a merged task had declared", () =>
    Effect.gen(function* () {
      const { check, declare, tasks } = yield* two
      yield* World.commitDocument("SPEC-001", "changelog", "It is in.\n")
      yield* World.featureIn("VERIFY", "SPEC-003")
      yield* World.featureIn("SPEC", "SPEC-004")
      yield* World.commit("SPEC-004", { "src/a.js": "a" })
      yield* tasks.cancel("SPEC-004", because("not wanted"))
      for (const id of ["SPEC-002", "SPEC-003", "SPEC-004"]) yield* declare(id, "src/**", "planning_docs/**", "test/**")
      same(yield* check("SPEC-002"), { compared: true, overlaps: [] })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are looked for in the branch alone where the other's folder is gone", () =>
    Effect.gen(function* () {
      const { declare, files, met } = yield* two
      yield* World.commit("SPEC-001", { "src/a.js": "a" })
      yield* files.remove(path("SPEC-001"), { recursive: true })
      yield* declare("SPEC-002", "src")
      same(yield* met, [{ taskId: "SPEC-001", paths: ["src/a.js"] }])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are not said to be none when the other's worktree cannot be read", () =>
    Effect.gen(function* () {
      const { check, declare, files } = yield* two
      yield* declare("SPEC-002", "src")
      yield* files.writeFileString(`${path("SPEC-001")}/.git`, "gitdir: /nowhere\n")
      const error = yield* failure(check("SPEC-002"), "GitFailed")
      assert.strictEqual(error.category, "unavailable")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
