import { Sha, TaskId, Time } from "@calm/domain/Ids"
import * as WorktreeHealth from "@calm/domain/WorktreeHealth"
import { assert, describe, it } from "@effect/vitest"

const repo = "/a repo"
const day = 24 * 60 * 60 * 1000
const now = Date.parse("2025-03-01T00:00:00.000Z")
const ago = (days: number) => Time.make(new Date(now - days * day).toISOString())

const well: WorktreeHealth.Condition = {
  taskId: TaskId.make("SPEC-1"),
  path: `${repo}/.worktrees/SPEC-1`,
  branch: "SPEC-1",
  createdAt: ago(30),
  phase: "IMPLEMENT",
  present: true,
  link: "intact",
  movedTo: null,
  kept: null,
  branchThere: true,
  head: "SPEC-1",
  commit: Sha.make("a".repeat(40)),
  inProgress: null,
  uncommitted: 0,
  untracked: 0,
  ahead: 0,
  behind: 0,
  lastCommitAt: ago(0),
  trouble: null
}

const judge = (changes: Partial<WorktreeHealth.Condition>) => WorktreeHealth.judge({ ...well, ...changes }, repo, now)

const table: ReadonlyArray<
  readonly [
    what: string,
    changes: Partial<WorktreeHealth.Condition>,
    codes: ReadonlyArray<string>,
    action: WorktreeHealth.Action | null,
    hint: string | undefined
  ]
> = [
  ["nothing", {}, [], null, undefined],
  ["nothing but uncommitted work", { uncommitted: 3, untracked: 2 }, [], null, undefined],
  ["its folder", { present: false, link: null }, ["folder_missing"], "forget", "calm worktree create SPEC-1"],
  [
    "its folder, when its task is done",
    { present: false, link: null, phase: "DONE" },
    ["folder_missing"],
    "forget",
    "calm worktree remove SPEC-1"
  ],
  [
    "its task, with uncommitted work",
    { phase: "DONE", untracked: 1 },
    ["finished", "finished_uncommitted"],
    "remove",
    "calm worktree remove SPEC-1"
  ],
  ["its task alone, cancelled", { phase: "CANCELLED", uncommitted: 1, lastCommitAt: ago(90) }, [], null, undefined],
  ["its task, deleted", { phase: null }, ["no_task"], "remove", "calm task restore SPEC-1"],
  [
    "its links",
    { link: "broken" },
    ["link_broken"],
    "link",
    `git -C '${repo}' worktree repair '${repo}/.worktrees/SPEC-1'`
  ],
  [
    "git's record of it, though its task is done",
    { link: "lost", phase: "DONE" },
    ["link_lost", "finished"],
    null,
    `ls -la '${repo}/.worktrees/SPEC-1'`
  ],
  [
    "its place, by git",
    { present: false, movedTo: "/away" },
    ["moved"],
    null,
    `git -C '${repo}' worktree move /away '${repo}/.worktrees/SPEC-1'`
  ],
  [
    "its place, by hand",
    { present: false, link: "broken", movedTo: "/away" },
    ["moved"],
    null,
    `mv /away '${repo}/.worktrees/SPEC-1'`
  ],
  ["HEAD", { head: null }, ["head_detached"], null, `git -C '${repo}/.worktrees/SPEC-1' switch SPEC-1`],
  [
    "the branch of HEAD",
    { head: "mine" },
    ["head_elsewhere"],
    null,
    `git -C '${repo}/.worktrees/SPEC-1' switch SPEC-1`
  ],
  [
    "its branch",
    { branchThere: false, head: null },
    ["branch_missing"],
    null,
    `git -C '${repo}/.worktrees/SPEC-1' switch -c SPEC-1`
  ],
  [
    "a rebase, in the middle of which HEAD is on no branch",
    { inProgress: "rebase", head: null },
    ["in_progress"],
    null,
    `git -C '${repo}/.worktrees/SPEC-1' status`
  ],
  ["seven days", { lastCommitAt: ago(7) }, ["idle"], null, "calm explain SPEC-1"],
  ["six days", { lastCommitAt: ago(6.9) }, [], null, undefined],
  ["an old commit in a new worktree", { lastCommitAt: ago(300), createdAt: ago(1) }, [], null, undefined],
  [
    "git's answer, though its task is done",
    { trouble: "git is ill", phase: "DONE" },
    ["unreadable", "finished"],
    null,
    `git -C '${repo}/.worktrees/SPEC-1' status`
  ]
]

describe("the health of a worktree", () => {
  for (const [what, changes, codes, action, hint] of table)
    it(`where what is wrong is ${what}: ${codes.join(" and ") || "nothing"}, mended by ${action ?? "a person"}`, () => {
      const findings = judge(changes)
      assert.deepStrictEqual(
        findings.map(({ code }) => code),
        codes
      )
      assert.strictEqual(WorktreeHealth.remedy(findings), action)
      assert.strictEqual(findings[0]?.hint, hint)
    })

  it("names the worst first, so that a reader who stops early has read it", () => {
    const severities = judge({ phase: null, head: "mine" }).map(({ severity }) => severity)
    assert.deepStrictEqual(severities, ["error", "warning"])
  })

  it("at a glance is judged by the same rules, as far as folder and task go", () => {
    for (const changes of [
      {},
      { present: false, link: null },
      { link: "broken" },
      { phase: "DONE" },
      { phase: null }
    ] as const) {
      const known = { ...well, ...changes }
      assert.deepStrictEqual(WorktreeHealth.glance(known, repo), judge(changes))
    }
  })
})
