/** Checks of a project: its base and its rules, what was interrupted, its locks, its worktrees. */
import { commandLine } from "@calm/domain/CommandLine"
import { Git } from "@calm/git/Git"
import type { Owner } from "@calm/process/Owner"
import * as WorktreeRules from "@calm/domain/WorktreeHealth"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { CurrentActor } from "../../events/CurrentActor.ts"
import { FactFinder } from "../../gates/FactFinder.ts"
import { Rulebook } from "../../gates/Rulebook.ts"
import { Locks } from "../../operations/Locks.ts"
import { type Interrupted, Operations } from "../../operations/Operations.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import { Roles } from "../../workers/Roles.ts"
import { lockOf } from "../../worktrees/internal/lockOf.ts"
import { WorktreeHealth } from "../../worktrees/WorktreeHealth.ts"
import {
  type Applied,
  type Check,
  type Cure,
  cure,
  error,
  failed,
  type Found,
  ok,
  type Step,
  unclear,
  warning
} from "./checkUp.ts"

type Acting = CurrentProject | CurrentActor

const title = ({ kind, taskId }: Interrupted): string => `${kind}${taskId === null ? "" : ` of ${taskId}`}`

const whereabouts = ({ host, pid }: Owner): string => `process ${pid} on ${host}`

export const make = Effect.gen(function* () {
  const git = yield* Git
  const finder = yield* FactFinder
  const rulebook = yield* Rulebook
  const operations = yield* Operations
  const locks = yield* Locks
  const roles = yield* Roles
  const worktrees = yield* WorktreeHealth

  /** The base branch, and what stands on it: configuration, gates, check scripts. */
  const rules = Effect.gen(function* () {
    const project = yield* CurrentProject
    const base = yield* finder.baseTip
    const { table } = yield* rulebook.at(project.path, base)
    return [
      ok("project", { name: "base", summary: `base branch ${project.baseBranch} at ${base.slice(0, 7)}` }),
      ok("project", { name: "configuration", summary: "its configuration can be read" }),
      ok("project", { name: "gates", summary: `${table.gates.length} gates can be read` })
    ]
  }).pipe(
    Effect.catchTags({
      BaseMissing: (problem) =>
        Effect.succeed([error("project", { name: "base", summary: problem.message }, problem.hint)]),
      ScriptNotFound: (problem) =>
        Effect.succeed([error("project", { name: "gates", summary: problem.message }, problem.hint)]),
      ScriptsMissing: (problem) =>
        Effect.succeed([error("project", { name: "gates", summary: problem.message }, problem.hint)])
    }),
    Effect.catchAll((problem) => Effect.succeed([failed("project", "configuration", problem)]))
  )

  /** Where git takes the files of the main checkout to be; nothing to say where that is the main checkout. */
  const checkout = Effect.gen(function* () {
    const { path } = yield* CurrentProject
    const files = yield* git.topLevel(path)
    const mended = (name: string, summary: string) => [
      error("project", { name: "checkout", summary }, commandLine("git", "-C", path, "config", "--unset", name))
    ]
    const checks = Option.match(files, {
      onNone: () => mended("core.bare", `${path} calls itself bare (core.bare), so that git has no files there`),
      onSome: (at) =>
        at === path ? [] : mended("core.worktree", `git has the files of ${path} at ${at} (core.worktree)`)
    })
    const found: Found<Acting> = { checks, cures: [] }
    return found
  })

  /** Every role that a worker could be given. */
  const roleChecks = Effect.gen(function* () {
    const known = yield* roles.list
    const faults = yield* Effect.forEach(
      known,
      ({ name }) =>
        roles.get(name).pipe(
          Effect.as([]),
          Effect.catchAll((problem) => Effect.succeed([failed("project", "roles", problem)]))
        ),
      { concurrency: 8 }
    )
    const found = faults.flat()
    return found.length > 0 ? found : [ok("project", { name: "roles", summary: `${known.length} roles can be read` })]
  }).pipe(Effect.catchAll((problem) => Effect.succeed([failed("project", "roles", problem)])))

  /** Settles what a dead process left behind, under the task's lock unless somebody else is at it. */
  const settle = (interrupted: Interrupted): Cure<Acting> =>
    cure(
      "operations",
      `finish or undo: ${title(interrupted)}`,
      Effect.gen(function* () {
        const { taskId } = interrupted
        if (taskId !== null && !(yield* locks.holdIfFree(lockOf(taskId), `recover ${taskId}`)))
          return yield* Effect.fail({ message: "left to the command that is at work on the task" })
        const settled = yield* operations.recover(taskId)
        return settled.map(({ outcome }) => outcome).join(", ")
      }).pipe(Effect.scoped)
    )

  const interrupted = Effect.gen(function* () {
    const open = yield* operations.unfinished
    const known = yield* Effect.forEach(open, (one) =>
      Effect.map(operations.liveness(one), (state) => ({ one, state }))
    )
    const checks = known.map(({ one, state }): Check => {
      const name = "operation"
      const since = `${title(one)}, begun ${one.startedAt} by ${whereabouts(one.owner)}`
      switch (state) {
        case "alive":
          return ok("operations", { name, summary: `at work: ${since}` })
        case "dead":
          return error("operations", { name, summary: `interrupted: ${since}` }, "calm doctor --fix")
        case "unknown":
          return unclear(
            "operations",
            { name, summary: `whether it still runs cannot be told: ${since}` },
            "calm log --limit 20"
          )
      }
    })
    const found: Found<Acting> = {
      checks:
        checks.length > 0 ? checks : [ok("operations", { name: "operations", summary: "no operation was cut off" })],
      cures: known.filter(({ state }) => state === "dead").map(({ one }) => settle(one))
    }
    return found
  })

  const held = Effect.gen(function* () {
    const all = yield* Effect.forEach(yield* locks.list, (lock) =>
      Effect.map(locks.liveness(lock), (state) => ({ lock, state }))
    )
    const of = (wanted: string) => all.filter(({ state }) => state === wanted).map(({ lock }) => lock)
    const dead = of("dead")
    const names = dead.map(({ name }) => name).join(", ")
    const found: Found<Acting> = {
      checks: [
        ...of("unknown").map((lock) =>
          warning(
            "operations",
            {
              name: "lock",
              summary: `whether ${whereabouts(lock.owner)}, who holds ${lock.name} since ${lock.takenAt}, still runs cannot be told`
            },
            "calm log --limit 20"
          )
        ),
        ...(dead.length > 0
          ? [
              warning(
                "operations",
                { name: "locks", summary: `locks of processes that have ended: ${names}` },
                "calm doctor --fix"
              )
            ]
          : [ok("operations", { name: "locks", summary: "no lock of a process that has ended" })])
      ],
      cures:
        dead.length === 0
          ? []
          : [
              cure(
                "operations",
                `give back the locks of processes that have ended: ${names}`,
                Effect.as(locks.sweep, null)
              )
            ]
    }
    return found
  })

  const trees = Effect.gen(function* () {
    const { plan, worktrees: all } = yield* worktrees.check
    const findings = all.flatMap(({ findings: found, taskId }) =>
      found.map((finding): Check => {
        const status = WorktreeRules.isUnclear(finding) ? unclear : finding.severity === "error" ? error : warning
        return status("worktrees", { name: taskId, summary: `${taskId}: ${finding.summary}` }, finding.hint)
      })
    )
    const steps = plan.map(({ action, kept, taskId }): Step => ({
      area: "worktrees",
      what: `${taskId}: ${WorktreeRules.describe(action, null)}`,
      kept: kept === null ? null : `${taskId}: ${WorktreeRules.describe(action, kept)}`
    }))
    const fix = worktrees.fix.pipe(
      Effect.map(({ applied }) =>
        applied.map(({ action, detail, done, taskId }): Applied => ({
          area: "worktrees",
          what: `${taskId}: ${WorktreeRules.describe(action, null)}`,
          done,
          detail
        }))
      ),
      Effect.catchAll(({ message }) =>
        Effect.succeed([{ area: "worktrees" as const, what: "mend the worktrees", done: false, detail: message }])
      )
    )
    const found: Found<Acting> = {
      checks:
        findings.length > 0
          ? findings
          : [
              ok("worktrees", {
                name: "worktrees",
                summary: all.length === 0 ? "there are none" : `${all.length} of them, nothing wrong`
              })
            ],
      cures: steps.length === 0 ? [] : [{ steps, run: fix }]
    }
    return found
  })

  /** What calm made and has no record of; nothing to say where there is none. */
  const leftovers = Effect.map(worktrees.leftovers, (all): Found<Acting> => ({
    checks: all.map(({ hint, name, summary }) => warning("worktrees", { name, summary }, hint)),
    cures: all.flatMap(({ adoptable }) =>
      adoptable === null
        ? []
        : [
            cure(
              "worktrees",
              `take ${adoptable.folder} on record, so that it can be restored`,
              Effect.as(worktrees.adopt(adoptable), `calm worktree restore ${adoptable.task}`)
            )
          ]
    )
  }))

  /** A part that could not be looked at is one check, and the others are looked at all the same. */
  const part = <E extends Parameters<typeof failed>[2], R>(
    area: Check["area"],
    name: string,
    look: Effect.Effect<Found<Acting>, E, R>
  ) =>
    Effect.catchAll(look, (problem) =>
      Effect.succeed<Found<Acting>>({ checks: [failed(area, name, problem)], cures: [] })
    )

  return {
    examine: Effect.gen(function* () {
      const checks = [...(yield* rules), ...(yield* roleChecks)]
      const parts = [
        yield* part("project", "checkout", checkout),
        yield* part("operations", "operations", interrupted),
        yield* part("operations", "locks", held),
        yield* part("worktrees", "worktrees", trees),
        yield* part("worktrees", "trash", leftovers)
      ]
      const found: Found<Acting> = {
        checks: [...checks, ...parts.flatMap((one) => one.checks)],
        cures: parts.flatMap((one) => one.cures)
      }
      return found
    })
  }
})
