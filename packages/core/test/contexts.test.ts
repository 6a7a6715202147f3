/** What a worker is told when it begins. */
import type { WorkerContext } from "@calm/core/Contexts"
import { Note, TaskId } from "@calm/domain/Ids"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asWorker, because, calm, same, told, trail } from "./support/calm.ts"

const worktree = `${CalmTest.repo}/.worktrees/SPEC-001`

const context = (role: string, task = "SPEC-001") => Effect.flatMap(calm, ({ contexts }) => contexts.of(task, role))

const commands = (role: string, task?: string) => Effect.map(context(role, task), (given) => given.commands)

const missing = ({ ahead }: WorkerContext) => ahead?.unmet.map(({ check }) => check)

describe("the context of a worker", () => {
  it.effect("has the norms, the role's page, the task, what its move lacks, where to work and what is written", () =>
    Effect.gen(function* () {
      yield* World.featureIn("DESIGN")
      yield* World.commitDocument("SPEC-001", "proposal", "A function.\n")
      yield* World.write(worktree, { "planning_docs/SPEC-001/notes/choices.md": "Not committed yet.\n" })
      const before = yield* trail
      const given = yield* context("proposal-reviewer")
      same([given.base, given.prompt], ["# How every worker works", "# Proposal reviewer"])
      same([given.role.title, given.role.source, given.task.id], ["Proposal reviewer", "built-in", "SPEC-001"])
      same([given.ahead?.to, given.ahead?.kind], ["IMPLEMENT", "forward"])
      same(missing(given), ["proposal reviews", "approval"])
      same(given.environment, {
        worktree,
        branch: "SPEC-001",
        commit: given.environment.commit,
        base: "main",
        mainCheckout: CalmTest.repo,
        folders: ["planning_docs/SPEC-001", "changelog.d"]
      })
      assert.isNotNull(given.environment.commit)
      same(
        given.documents,
        ["notes/choices.md", "proposal.md", "spec.md"].map((name) => `${worktree}/planning_docs/SPEC-001/${name}`)
      )
      same([given.warnings, given.worker], [[], null])
      same(yield* trail, before)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("names the spec, however many notes lie beside it and stand before it in the alphabet", () =>
    Effect.gen(function* () {
      yield* World.featureIn("DESIGN")
      const notes = Array.from({ length: 30 }, (_, at) => [`planning_docs/SPEC-001/note-${10 + at}.md`, "x\n"] as const)
      yield* World.write(worktree, Object.fromEntries(notes))
      const { documents } = yield* context("proposal-reviewer")
      same([documents.length, documents.at(-1)], [20, `${worktree}/planning_docs/SPEC-001/spec.md`])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("has the documents of the spec that the task is a part of, and those of the base without a worktree", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      const parent = yield* World.planned("feature", "SPEC-001")
      yield* tasks.create({ ...parent, id: TaskId.make("SPEC-001-01"), specId: parent.id, blockedBy: [] })
      yield* World.commitIn(CalmTest.repo, { "planning_docs/SPEC-001/spec.md": "All of it.\n" })
      const given = yield* context("backend", "SPEC-001-01")
      same(given.documents, [`${CalmTest.repo}/planning_docs/SPEC-001/spec.md`])
      same([given.environment.worktree, given.environment.branch], [null, null])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("says that a role does not fit, and which one there is not", () =>
    Effect.gen(function* () {
      yield* World.planned("feature", "SPEC-001")
      same((yield* context("backend")).warnings, ["the role backend is for IMPLEMENT, INVESTIGATED; SPEC-001 is SPEC"])
      same((yield* told(context("nobody"))).category, "not_found")
      same((yield* told(context("backend", "SPEC-009"))).tag, "TaskNotFound")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the commands to run next", () => {
  it.effect("begin with starting the worker, and name it once it is started", () =>
    Effect.gen(function* () {
      yield* World.featureIn("IMPLEMENT")
      same(yield* commands("backend"), [
        'CALM_WORKER_ID="$(calm worker start SPEC-001 backend --quiet)" && export CALM_WORKER_ID',
        `cd ${worktree}`,
        "calm gate check SPEC-001 IMPLEMENT-CODE_REVIEW",
        "calm task transition SPEC-001 CODE_REVIEW",
        'calm worker complete "$CALM_WORKER_ID"'
      ])
      const { id } = yield* World.worker("SPEC-001", "backend")
      yield* World.worker("SPEC-001", "reviewer")
      same((yield* commands("backend")).at(0), `cd ${worktree}`)
      same((yield* commands("backend")).at(-1), `calm worker complete ${id}`)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect(
    "name the worker in whose environment they run, unless it was never started or is at work on something else",
    () =>
      Effect.gen(function* () {
        const { workers } = yield* calm
        yield* World.featureIn("IMPLEMENT")
        yield* World.planned("feature", "SPEC-002")
        const other = yield* World.worker("SPEC-002", "backend")
        const named = (id: string) => Effect.map(asWorker(id)(context("backend")), ({ worker }) => worker)
        same(yield* named("somebody"), null)
        same(yield* named(other.id), null)
        const first = yield* World.worker("SPEC-001", "backend")
        const second = yield* World.worker("SPEC-001", "backend")
        same(yield* named(first.id), first.id)
        same(yield* named(other.id), second.id)
        yield* workers.complete(second.id)
        same(yield* named(other.id), first.id)
      }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of a reviewer are both verdicts, and nothing where there is nothing to review or enough was said", () =>
    Effect.gen(function* () {
      yield* World.featureIn("SPEC")
      const { id } = yield* World.worker("SPEC-001", "spec-reviewer")
      const [place, end] = [`cd ${worktree}`, `calm worker complete ${id}`]
      same(yield* commands("spec-reviewer"), [place, end])
      yield* World.commitDocument("SPEC-001", "spec", "Greet.\n")
      same(yield* commands("spec-reviewer"), [
        place,
        `calm review record SPEC-001 spec approved --worker ${id}`,
        `calm review record SPEC-001 spec changes_requested --worker ${id} --notes "What must change, where, and why"`,
        end
      ])
      yield* World.approveTwice("SPEC-001", "spec")
      same(yield* commands("spec-reviewer"), [place, end])
      // With the last condition met, whoever is there moves it on.
      yield* World.approveGate("SPEC-001", "SPEC-DESIGN")
      same(yield* commands("spec-reviewer"), [place, "calm task transition SPEC-001 DESIGN", end])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("leave out what only a person or another role may do: an approval, a review, the merge", () =>
    Effect.gen(function* () {
      yield* World.featureIn("DESIGN")
      const { id } = yield* World.worker("SPEC-001", "qa")
      const [place, end] = [`cd ${worktree}`, `calm worker complete ${id}`]
      same(yield* commands("qa"), [place, end])
      yield* World.advance("SPEC-001")
      // What is to be done in this phase is another role's.
      same(yield* commands("qa"), [place, end])
      for (const _ of ["CODE_REVIEW", "TEST"]) yield* World.advance("SPEC-001")
      same(missing(yield* context("qa")), [])
      same(yield* commands("qa"), [place, "calm task transition SPEC-001 INTEGRATE", end])
      yield* World.advance("SPEC-001")
      same(missing(yield* context("qa")), ["changelog", "workers"])
      same(yield* asWorker(id)(commands("qa")), [place, "calm worktree merge SPEC-001 --check-only", end])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("after the merge end with saying what was verified, and of a finished task with nothing but the end", () =>
    Effect.gen(function* () {
      const { tasks } = yield* calm
      yield* World.featureIn("VERIFY")
      const { id } = yield* World.worker("SPEC-001", "qa")
      same(yield* commands("qa"), [
        'calm task transition SPEC-001 DONE --gate-result pass --gate-details "What was verified, and how"',
        `calm worker complete ${id}`
      ])
      yield* World.advance("SPEC-001")
      same(yield* commands("qa"), [`calm worker complete ${id}`])
      yield* World.planned("feature", "SPEC-002")
      same((yield* commands("qa", "SPEC-002"))[1], "calm worktree create SPEC-002")
      yield* tasks.cancel("SPEC-002", because("moot"))
      same(yield* commands("qa", "SPEC-002"), ["calm task show SPEC-002"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("check the code again where a check failed, without another's log in the way", () =>
    Effect.gen(function* () {
      const { checks, gates, tasks } = yield* calm
      yield* World.featureIn("IMPLEMENT")
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      yield* checks.set("tests", { exitCode: 1 })
      yield* gates.check("SPEC-001", null)
      yield* tasks.update("SPEC-001", { notes: Note.make("one\ntwo") })
      const given = yield* context("backend")
      same(missing(given), ["tests"])
      same(given.commands.slice(2, 4), [
        "calm gate check SPEC-001 IMPLEMENT-CODE_REVIEW",
        "calm task transition SPEC-001 CODE_REVIEW"
      ])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
