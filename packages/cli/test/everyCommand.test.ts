import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root } from "../src/commands.ts"
import * as Tree from "../src/Tree.ts"
import * as World from "./fixtures/world.ts"

const spec = "# Spec\n\nIt greets.\n"
const proposal = "# Proposal\n\nPrint it.\n"
const report = `# BUG-001\n\n## Reproduction\n\nRun it twice.\n\n## Root cause\n\nA loop.\n\n## Fix plan\n\nNo loop.\n`

/** A step of the way: a command line with what it must come to, or something that a person or worker does. */
type Step =
  | readonly [line: string, exitCode: 0]
  | readonly [line: string, exitCode: number, code: string]
  /** The answer to a question: printed although it is no. */
  | readonly [line: string, exitCode: number, code: null]
  | ((world: Effect.Effect.Success<typeof World.make>) => void)

const reviewed = (type: string): ReadonlyArray<Step> =>
  ["ann", "bob"].map((by) => [`review record SPEC-001 ${type} approved --by ${by}`, 0])

const steps: ReadonlyArray<Step> = [
  ["status", 3, "project_not_found"],
  ["init --project /nowhere", 3, "folder_not_found"],
  ["init", 0],
  ["init", 0],
  ["demo", 0],
  ["demo --keep=yes", 1, "unexpected_option_value"],
  ["completions zsh", 0],
  ["completions csh", 1, "invalid_value"],
  ["schema task create", 0],
  ["schema task craete", 1, "unknown_command"],

  ["task next-id SPEC", 0],
  ["task next-id TASK", 1, "invalid_value"],
  ["task create SPEC-001 Greet", 0],
  ["task create spec-001 Greet", 6, "task_exists"],
  ["task create BUG-001 Twice --blocked-by SPEC-001", 0],
  ["task create SPEC-002 Other --blocked-by SPEC-009", 3, "task_not_found"],
  ["task update SPEC-001 --blocked-by BUG-001", 6, "blocker_cycle"],
  ["task update SPEC-001 --specialist backend --notes short --touches src/**,*.{md,txt}", 0],
  ["task update SPEC-001", 1, "nothing_to_change"],
  ["task update SPEC-001 --phase TEST", 1, "option_needs_option"],
  ["task update SPEC-001 --reason why", 1, "option_needs_option"],
  ["task update SPEC-001 --phase FIXED --reason why", 1, "unknown_phase"],
  ["task list --phase spec", 0],
  ["task list --phase FINISHED", 1, "invalid_value"],
  ["task show SPEC-001", 0],
  ["task show SPEC-009", 3, "task_not_found"],
  ["status", 0],
  ["status --al", 1, "unknown_option"],
  ["explain SPEC-001", 0],
  ["explain SPEC-009", 3, "task_not_found"],

  ["worktree path SPEC-001", 3, "worktree_not_found"],
  ["worktree setup SPEC-001", 3, "worktree_not_found"],
  ["worktree remove SPEC-001", 3, "worktree_not_found"],
  ["worktree restore SPEC-001", 3, "nothing_to_restore"],
  ["worktree create SPEC-001 --base nowhere", 1, "revision_not_found"],
  ["worktree create SPEC-001", 0],
  ["worktree create SPEC-001", 6, "worktree_exists"],
  ["worktree path SPEC-001", 0],
  ["worktree setup SPEC-001", 0],
  ["worktree list", 0],
  ["worktree list surplus", 1, "surplus_argument"],
  ["worktree remove SPEC-001", 0],
  ["worktree restore SPEC-001", 0],

  ["gate list --type bug", 0],
  ["gate list --type chore", 1, "invalid_value"],
  ["gate check SPEC-001 SPEC-DONE", 1, "unknown_transition"],
  ["gate check SPEC-001 REPORTED-INVESTIGATED", 1, "unknown_transition"],
  ["gate check SPEC-001 nonsense", 1, "invalid_value"],
  ["gate check SPEC-001", 7, null],
  ["gate approve SPEC-001 SPEC-DESIGN --by me", 7, "approval_not_asked"],
  ["gate approve SPEC-001 SPEC->NOWHERE --by me", 1, "unknown_transition"],
  ["review check SPEC-001 spec", 7, null],
  ["review check SPEC-001 bugfix", 1, "review_type_unfit"],
  ["review check SPEC-001 tests", 1, "invalid_value"],
  ["review record SPEC-001 spec approved --by ann", 7, "nothing_to_review"],
  ["review record SPEC-001 spec passed --by ann", 1, "invalid_value"],
  ["review list SPEC-001 bugfix", 1, "review_type_unfit"],

  ["task transition SPEC-001 DESIGN", 7, "move_refused"],
  ["task transition SPEC-001 TEST", 7, "no_such_transition"],
  ["task transition SPEC-001 FIXED", 1, "unknown_phase"],
  ["task transition SPEC-001 NOWHERE", 1, "invalid_value"],
  ({ worktree }) => World.commit(worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": spec }),
  ...reviewed("spec"),
  ["gate approve SPEC-001 SPEC->DESIGN --by me", 0],
  ["review list SPEC-001", 0],
  ["review check SPEC-001 spec", 0],
  ["review clear SPEC-001 spec", 1, "missing_option"],
  ["review clear SPEC-001 spec --reason draft", 0],
  ["review check SPEC-001 spec", 7, null],
  ...reviewed("spec"),
  ["task transition SPEC-001 design", 0],

  ({ worktree }) => World.commit(worktree("SPEC-001"), { "planning_docs/SPEC-001/proposal.md": proposal }),
  ...reviewed("proposal"),
  ["gate approve SPEC-001 design-implement --by me", 0],
  ["task transition SPEC-001 IMPLEMENT", 0],
  ["task transition SPEC-001 SPEC", 1, "reason_missing"],

  ({ worktree }) => World.commit(worktree("SPEC-001"), { "check.sh": "echo broken; exit 1\n" }),
  ["gate check SPEC-001", 7, null],
  ["task transition SPEC-001 CODE_REVIEW", 7, "move_refused"],
  ({ worktree }) => World.commit(worktree("SPEC-001"), { "check.sh": "exit 0 # hello\n" }),
  ({ worktree }) => Fs.writeFileSync(Path.join(worktree("SPEC-001"), "untracked"), ""),
  ["gate check SPEC-001", 8, null],
  ({ worktree }) => Fs.rmSync(Path.join(worktree("SPEC-001"), "untracked")),
  ["gate check SPEC-001 IMPLEMENT-CODE_REVIEW", 0],
  ["task transition SPEC-001 CODE_REVIEW --gate-result fail --gate-details tried", 0],
  ["task transition SPEC-001 CODE_REVIEW", 0],
  ...reviewed("code"),
  ["task transition SPEC-001 TEST", 0],
  ["gate check SPEC-001", 0],
  ["task transition SPEC-001 INTEGRATE", 0],
  ["worktree merge SPEC-001 --check-only", 7, null],
  ["worktree merge SPEC-001", 7, "move_refused"],
  ({ worktree }) => World.commit(worktree("SPEC-001"), { "changelog.d/SPEC-001.md": "* Greets\n" }),
  ["task transition SPEC-001 VERIFY", 7, "move_refused"],
  ["worktree merge SPEC-001 --check-only", 0],
  ["worktree merge SPEC-001", 0],
  ({ repo }) => assert.include(Fs.readFileSync(Path.join(repo, "check.sh"), "utf8"), "hello"),
  ["task transition SPEC-001 DONE", 7, "move_refused"],
  ["task transition SPEC-001 DONE --gate-result pass --gate-details seen", 0],
  ["task cancel SPEC-001 --reason late", 7, "task_finished"],

  ["worktree create BUG-001 --no-setup", 0],
  ({ worktree }) => World.commit(worktree("BUG-001"), { "bug_reports/BUG-001.md": report }),
  ["task transition BUG-001 INVESTIGATED", 0],
  ({ repo, worktree }) => World.git(repo, "worktree", "lock", worktree("BUG-001")),
  ["worktree remove BUG-001", 7, "removal_refused"],
  ["task delete BUG-001", 7, "removal_refused"],
  ["task show BUG-001", 0],
  ({ repo, worktree }) => World.git(repo, "worktree", "unlock", worktree("BUG-001")),
  ["task restore BUG-001", 6, "task_not_deleted"],
  ["task delete BUG-001", 0],
  ["task show BUG-001", 3, "task_not_found"],
  ["task restore BUG-001", 0],
  ["worktree restore BUG-001", 0],
  ["task cancel BUG-001 --reason moot", 0],

  ["counter list", 0],
  ["counter list --json=1", 1, "unexpected_option_value"],
  ["counter add flaky 3", 0],
  ["counter add flaky", 6, "counter_exists"],
  ["counter add Flaky", 1, "invalid_value"],
  ["counter get flaky", 0],
  ["counter get nothing", 3, "counter_not_found"],
  ["counter set flaky 9007199254740991", 0],
  ["counter set flaky -1", 1, "invalid_value"],
  ["counter set flaky 9007199254740993", 1, "invalid_value"],
  ["counter increment flaky", 7, "counter_full"],
  ["counter increment merges_since_e2e", 0],
  ["counter reset flaky", 0],
  ["counter reset nothing", 3, "counter_not_found"],
  ["log --task SPEC-001 --since 1h", 0],
  ["log --since yesterday", 1, "invalid_value"]
]

const commandOf = (line: string): string => {
  const words = line.split(" ")
  const known = Tree.entries(root).map(({ path }) => path.join(" "))
  return [words.slice(0, 2).join(" "), words[0] ?? ""].find((command) => known.includes(command)) ?? ""
}

describe("every command", () => {
  it("is on the way below, once with success and once with a refusal", () => {
    const lines = steps.filter((step) => typeof step !== "function")
    const commands = Tree.entries(root).map(({ path }) => path.join(" "))
    const done = new Set(lines.filter(([, exitCode]) => exitCode === 0).map(([line]) => commandOf(line)))
    const refused = new Set(lines.filter(([, exitCode]) => exitCode !== 0).map(([line]) => commandOf(line)))
    assert.deepStrictEqual(
      commands.filter((command) => !done.has(command)),
      []
    )
    assert.deepStrictEqual(
      commands.filter((command) => !refused.has(command)),
      []
    )
  })

  it.scopedLive(
    "answers in its envelope, and exits with the code of its category, from init to DONE",
    () =>
      Effect.gen(function* () {
        const world = yield* World.make
        for (const step of steps) {
          if (typeof step === "function") {
            step(world)
            continue
          }
          const [line, exitCode, code] = step
          const found = yield* world.line(line)
          const told = `calm ${line}\n${JSON.stringify(found)}`
          assert.strictEqual(found.exitCode, exitCode, told)
          if (typeof code === "string") {
            assert.isUndefined(found.data, told)
            assert.strictEqual(found.error?.code, code, told)
            assert.notInclude(found.error?.message, "\n", told)
          } else {
            assert.isUndefined(found.error, told)
            assert.isObject(found.data, told)
          }
        }
      }),
    120_000
  )
})
