import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root } from "../src/commands.ts"
import * as Style from "../src/Style.ts"
import * as Tree from "../src/Tree.ts"
import { commandsIn, commandsOf, faultOfHint } from "./fixtures/hints.ts"
import { document } from "./fixtures/run.ts"
import * as Shapes from "./fixtures/shapes.ts"
import * as World from "./fixtures/world.ts"

const spec = "# Spec\n\nIt greets.\n"
const proposal = "# Proposal\n\nPrint it.\n"
const report = `# BUG-001\n\n## Reproduction\n\nRun it twice.\n\n## Root cause\n\nA loop.\n\n## Fix plan\n\nNo loop.\n`

/** A step of the way: a command line (` < ` before what comes on stdin) with what it must come to, or something that a person or worker does. */
type Step =
  | readonly [line: string, exitCode: 0]
  | readonly [line: string, exitCode: number, code: string]
  /** The answer to a question: printed although it is no. */
  | readonly [line: string, exitCode: number, code: null]
  | ((world: Effect.Effect.Success<typeof World.make>) => void)

const reviewed = (type: string): ReadonlyArray<Step> =>
  ["ann", "bob"].map((by) => [`review record SPEC-001 ${type} approved --by ${by}`, 0])

/** Stands in a line for the id of the worker who was started last. */
const someone = "<worker>"

const startedIn = (data: unknown): string | undefined =>
  Schema.is(Schema.Struct({ worker: Schema.Struct({ id: Schema.String }), warnings: Schema.Unknown }))(data)
    ? data.worker.id
    : undefined

const steps: ReadonlyArray<Step> = [
  ["status", 3, "project_not_found"],
  ["init --project /nowhere", 3, "folder_not_found"],
  ["init", 0],
  ["init", 0],
  ["demo", 0],
  ["demo --keep=yes", 1, "unexpected_option_value"],
  ["completions zsh", 0],
  ["completions csh", 1, "invalid_value"],
  ["config", 0],
  ["config gates.timeout", 0],
  ["config gates.timout", 1, "invalid_value"],
  ["config schema home", 0],
  ["config schema bogus", 1, "invalid_value"],
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
  ["status health", 0],
  ...["tasks", "worktrees", "workers", "counters", "merges"].flatMap((view): ReadonlyArray<Step> => [
    [`status ${view}`, 0],
    [`status ${view} --fields nothing`, 1, "invalid_value"]
  ]),
  ["doctor", 0],
  ["doctor --fix=yes", 1, "unexpected_option_value"],
  ({ home }) => Fs.chmodSync(home, 0o755),
  ["doctor --dry-run", 7, null],
  ["doctor --fix", 0],
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
  ["worktree health", 0],
  ({ worktree }) => Fs.rmSync(worktree("SPEC-001"), { recursive: true }),
  ["worktree health", 7, null],
  ["worktree health --fix --dry-run", 7, null],
  ["worktree health --fix", 0],
  ["worktree create SPEC-001", 0],
  ["task update BUG-001 --touches src/a.js", 0],
  ["worktree create BUG-001 --check-overlaps", 6, "overlaps_found"],
  ["task update BUG-001 --touches=", 0],
  ["worktree remove SPEC-001", 0],
  ["worktree restore SPEC-001", 0],

  ["worker prompt _base", 0],
  ["worker prompt nobody", 3, "role_not_found"],
  ["worker start SPEC-009 backend", 3, "task_not_found"],
  ["worker start SPEC-001 Backend", 3, "role_not_found"],
  ["worker start SPEC-001 spec-reviewer", 0],
  ["worker heartbeat <worker>", 0],
  ["worker heartbeat W-nobody", 3, "worker_not_found"],
  ["worker heartbeat W/x", 1, "invalid_value"],
  ["worker list --status active --task SPEC-001", 0],
  ["worker list --status idle", 1, "invalid_value"],
  ["worker list --task SPEC-009", 3, "task_not_found"],
  ["worker context SPEC-001 spec-reviewer", 0],
  ["worker context SPEC-001 nobody", 3, "role_not_found"],
  ["worktree remove SPEC-001", 7, "removal_refused"],
  ["task delete SPEC-001", 7, "removal_refused"],
  ["worker cleanup --max-age 2h", 0],
  ["worker cleanup --max-age soon", 1, "invalid_value"],
  ["worker complete <worker>", 0],
  ["worker complete <worker>", 0],
  ["worker complete W-nobody", 3, "worker_not_found"],
  ["worker fail <worker> --reason late", 6, "worker_ended"],
  ["worker start SPEC-001 backend", 0],
  ["worker fail <worker> --reason tired", 0],
  ["worker heartbeat <worker>", 6, "worker_ended"],

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
  ["review record SPEC-001 spec approved --worker <worker>", 4, "implementer_approves"],
  ["worker start SPEC-001 reviewer", 0],
  ["review record SPEC-001 spec approved --worker <worker>", 4, "review_not_in_role"],
  ["worker complete <worker>", 0],
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

  ["session pending", 0],
  ["session pending surplus", 1, "surplus_argument"],
  ["session save", 1, "handoff_empty"],
  ["session save --continue < Half-way.", 0],
  ["session list", 0],
  ["session list --limit none", 1, "invalid_value"],
  ["session show S-", 0],
  ["session show S-unknown", 3, "session_not_found"],
  ["session resume S-", 0],
  ["session resume S-", 6, "session_resumed"],
  ["session next", 0],
  ["session next --fields nothing", 1, "invalid_value"],

  ["counter list", 0],
  ["counter list --json=1", 1, "unexpected_option_value"],
  ["counter increment merge_lock", 0],
  ["status health", 7, null],
  ["counter reset merge_lock", 0],
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
  ["log --since yesterday", 1, "invalid_value"],

  ["backup create monday", 0],
  ["backup create monday.db", 6, "backup_exists"],
  ["backup create before-lunch", 1, "invalid_value"],
  ["backup create ../monday", 1, "invalid_value"],
  ["backup create", 0],
  ["backup auto", 0],
  ["backup auto now", 1, "surplus_argument"],
  ["backup verify monday", 0],
  ["backup verify tuesday", 3, "backup_not_found"],
  ({ home }) => Fs.writeFileSync(Path.join(home, "backups/text.db"), "# Notes\n".repeat(100)),
  ["backup verify text", 7, null],
  ["backup list", 0],
  ["backup list --fields age", 1, "invalid_value"],
  ["backup restore monday", 1, "not_confirmed"],
  ["backup restore tuesday --yes", 3, "backup_not_found"],
  ["backup restore text --yes", 7, "backup_unusable"],
  ["backup restore monday --yes", 0],
  ["backup delete monday", 1, "not_confirmed"],
  ["backup delete text --yes", 0],
  ["backup delete text --yes", 3, "backup_not_found"]
]

const commandOf = (line: string): string => {
  const words = line.split(" ")
  const known = Tree.entries(root).map(({ path }) => path.join(" "))
  return [words.slice(0, 2).join(" "), words[0] ?? ""].find((command) => known.includes(command)) ?? ""
}

/** Of each command the answer on the way that tells most, the first of several that tell as much. */
const examples = new Map<string, unknown>()

const keep = (command: string, example: unknown): void => {
  const length = (value: unknown) => JSON.stringify(value ?? null).length
  if (length(example) > length(examples.get(command))) examples.set(command, example)
}

const schemaNamed = (command: string) =>
  Effect.promise(async () => {
    const located = Tree.entries(root).find(({ path }) => path.join(" ") === command)
    return located === undefined ? {} : Shapes.schemaOf((await located.entry.load()).leaf)
  })

/** The same commands; what each would print as text is told, too. */
const recording = (node: Tree.Group, tell: (text: string) => void): Tree.Group => {
  const told = (entry: Tree.Entry): Tree.Entry => ({
    ...entry,
    load: async () => {
      const { leaf } = await entry.load()
      const answer: typeof leaf.answer = (given) =>
        Effect.tap(leaf.answer(given), (found) => tell([found.text(Style.plain), ...found.notices].join("\n")))
      return { leaf: { ...leaf, answer } }
    }
  })
  return {
    ...node,
    self: node.self === undefined ? undefined : told(node.self),
    commands: Object.fromEntries(
      Object.entries(node.commands).map(([name, below]) => [
        name,
        below._tag === "Entry" ? told(below) : recording(below, tell)
      ])
    )
  }
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
    "answers in one document as its schema says, exits with the code of its category, and hints at what can be run",
    () =>
      Effect.gen(function* () {
        const texts: Array<string> = []
        const world = yield* World.of(recording(root, (text) => texts.push(text)))
        const faults: Array<string> = []
        let worker = someone
        for (const step of steps) {
          if (typeof step === "function") {
            step(world)
            continue
          }
          const [template, exitCode, code] = step
          const line = template.replaceAll(someone, worker)
          const [words = "", stdin] = line.split(" < ")
          const outcome = yield* world.calm(["--json", ...words.split(" ")], { stdin })
          const told = `calm ${line}\n${JSON.stringify(outcome)}`
          assert.notInclude(outcome.stdout + outcome.stderr, "\u001b", told)
          assert.strictEqual(outcome.exitCode, exitCode, told)
          const found = yield* document(outcome.stdout)
          worker = startedIn(found.data) ?? worker
          for (const command of commandsIn(found)) {
            const fault = yield* faultOfHint(command)
            if (fault !== undefined) faults.push(`calm ${line}: ${command}: ${fault}`)
          }
          if (typeof code === "string") {
            assert.isUndefined(found.data, told)
            assert.strictEqual(found.error?.code, code, told)
            assert.notInclude(found.error?.message, "\n", told)
            if (found.error?.hint === null) faults.push(`calm ${line}: ${code} has no hint`)
          } else {
            assert.isUndefined(found.error, told)
            assert.isObject(found.data, told)
            const command = commandOf(line)
            const schema = yield* schemaNamed(command)
            faults.push(...Shapes.faultsOf(schema, found.data).map((fault) => `calm ${line}: ${fault}`))
            if (exitCode === 0) keep(command, Shapes.scrubbed(found.data, world.base))
          }
        }
        for (const command of texts.flatMap(commandsOf)) {
          const fault = yield* faultOfHint(command)
          if (fault !== undefined) faults.push(`as text: ${command}: ${fault}`)
        }
        assert.deepStrictEqual(faults, [])
      }),
    240_000
  )

  // Written anew with: node_modules/.bin/vitest run packages/cli/test/everyCommand.test.ts -u
  for (const { entry, path } of Tree.entries(root)) {
    it(`${path.join(" ")}: its JSON Schema and an example of its answer are pinned`, async () => {
      const { leaf } = await entry.load()
      const example = examples.get(path.join(" "))
      assert.isDefined(example, "the way above did not come to it")
      await expect(Shapes.pin(path, Shapes.schemaOf(leaf), example)).toMatchFileSnapshot(Shapes.fileOf(path))
    })
  }

  it("and no other is pinned", () => {
    const files = new Set(Tree.entries(root).map(({ path }) => Path.basename(Shapes.fileOf(path))))
    assert.deepStrictEqual(
      Shapes.pinned().filter((name) => !files.has(name)),
      []
    )
  })
})
