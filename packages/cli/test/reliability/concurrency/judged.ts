/** Answers that nobody was given, each with what is wrong with them, so that nothing passes by everything being explained. */
import type { Answer } from "./work.ts"

const answer = (
  deed: string,
  key: string,
  outcome: string,
  [began, ended]: readonly [number, number],
  { reasons = [], said = "" }: { readonly reasons?: ReadonlyArray<string>; readonly said?: string } = {}
): Answer => ({ by: "services", deed, key, outcome, said, reasons, began, milliseconds: ended - began })

const merged = (key: string, time: readonly [number, number]) =>
  answer("merge", key, "done", time, { said: "abcdef0123456789abcdef0123456789abcdef01" })

const refused = (key: string, ...reasons: ReadonlyArray<string>) =>
  answer("merge", key, "move_refused", [10, 20], { reasons })

const there = "phase: the task is VERIFY: it was merged as abcdef0"
const conflict = "conflicts: conflicts with main in rivals.txt"
const tree = (deed: string, outcome: string, time: readonly [number, number]) =>
  answer(`${deed} a worktree`, "TREE-0", outcome, time)
const move = (to: string, outcome: string, time: readonly [number, number]) =>
  answer("move a task", `MOVE-0 ${to}`, outcome, time)

/** Some answers, and whether the rules explain all of them. */
export const judged: ReadonlyArray<{
  readonly name: string
  readonly answers: ReadonlyArray<Answer>
  readonly right: boolean
}> = [
  { name: "merged by another before", answers: [merged("MERGE-2", [0, 15]), refused("MERGE-2", there)], right: true },
  { name: "merged by nobody", answers: [refused("MERGE-2", there)], right: false },
  { name: "merged only later", answers: [refused("MERGE-2", there), merged("MERGE-2", [21, 30])], right: false },
  {
    name: "merged as another commit",
    answers: [merged("MERGE-2", [0, 5]), refused("MERGE-2", there.replace("abcdef0", "0000000"))],
    right: false
  },
  {
    name: "merged, and something else",
    answers: [merged("MERGE-2", [0, 5]), refused("MERGE-2", there, "worktree: uncommitted: a.txt")],
    right: false
  },
  {
    name: "held back",
    answers: [merged("MERGE-2", [0, 5]), refused("MERGE-2", "merge-lock: the counter merge_lock is 1")],
    right: false
  },
  { name: "refused without a reason", answers: [merged("MERGE-2", [0, 5]), refused("MERGE-2")], right: false },
  {
    name: "in conflict with what was merged",
    answers: [merged("MERGE-0", [0, 15]), refused("MERGE-1", conflict)],
    right: true
  },
  { name: "in conflict with nothing", answers: [refused("MERGE-1", conflict)], right: false },
  {
    name: "in conflict without a rival",
    answers: [merged("MERGE-0", [0, 5]), refused("MERGE-2", conflict)],
    right: false
  },
  {
    name: "made before",
    answers: [tree("create", "done", [0, 5]), tree("create", "worktree_exists", [6, 7])],
    right: true
  },
  { name: "made by nobody", answers: [tree("create", "worktree_exists", [6, 7])], right: false },
  {
    name: "there after it was taken away",
    answers: [
      tree("create", "done", [0, 1]),
      tree("remove", "done", [2, 3]),
      tree("create", "worktree_exists", [6, 7])
    ],
    right: false
  },
  {
    name: "there while it is taken away",
    answers: [
      tree("create", "done", [0, 1]),
      tree("remove", "done", [2, 9]),
      tree("create", "worktree_exists", [6, 7])
    ],
    right: true
  },
  {
    name: "there since it was brought back meanwhile",
    answers: [
      tree("create", "done", [0, 1]),
      tree("remove", "done", [2, 3]),
      tree("restore", "done", [4, 9]),
      tree("create", "worktree_exists", [6, 7])
    ],
    right: true
  },
  {
    name: "not found where it is",
    answers: [tree("create", "done", [0, 1]), tree("remove", "worktree_not_found", [6, 7])],
    right: false
  },
  {
    name: "not to be brought back from the trash",
    answers: [
      tree("create", "done", [0, 1]),
      tree("remove", "done", [2, 3]),
      tree("restore", "nothing_to_restore", [6, 7])
    ],
    right: false
  },
  { name: "in its first phase", answers: [move("SPEC", "no_such_transition", [6, 7])], right: true },
  { name: "in a phase that it never was in", answers: [move("DESIGN", "no_such_transition", [6, 7])], right: false },
  {
    name: "moved meanwhile",
    answers: [move("DESIGN", "done", [0, 9]), move("DESIGN", "task_changed", [6, 7])],
    right: true
  },
  {
    name: "moved, and not meanwhile",
    answers: [move("DESIGN", "done", [0, 5]), move("DESIGN", "task_changed", [6, 7])],
    right: false
  },
  { name: "no answer of calm's", answers: [answer("merge", "MERGE-2", "fault", [6, 7])], right: false },
  { name: "a refusal of something else", answers: [tree("create", "move_refused", [6, 7])], right: false },
  {
    name: "an automatic backup that another one took away",
    answers: [
      answer("make an automatic backup", "", "done", [0, 9], {
        said: "auto-2025-01-31_10-00-01 auto-2025-01-31_10-00-00"
      }),
      answer("make an automatic backup", "", "backup_gone", [6, 7], {
        said: "The backup auto-2025-01-31_10-00-00 was made"
      })
    ],
    right: true
  },
  {
    name: "an automatic backup that nobody took away",
    answers: [
      answer("make an automatic backup", "", "done", [0, 9], { said: "auto-2025-01-31_10-00-01" }),
      answer("make an automatic backup", "", "backup_gone", [6, 7], {
        said: "The backup auto-2025-01-31_10-00-00 was made"
      })
    ],
    right: false
  }
]

/** Some answers, and the tasks of `MERGE-0` and `MERGE-1` that should have been merged and were not. */
export const missed: ReadonlyArray<{
  readonly name: string
  readonly answers: ReadonlyArray<Answer>
  readonly merged: ReadonlyArray<string>
  readonly missing: ReadonlyArray<string>
}> = [
  {
    name: "one of two rivals is merged",
    answers: [merged("MERGE-0", [0, 5]), refused("MERGE-1", conflict)],
    merged: ["MERGE-0"],
    missing: []
  },
  {
    name: "the other one was never tried",
    answers: [merged("MERGE-0", [0, 5])],
    merged: ["MERGE-0"],
    missing: ["MERGE-1"]
  },
  {
    name: "each is refused for the other",
    answers: [refused("MERGE-0", conflict), refused("MERGE-1", conflict)],
    merged: [],
    missing: ["MERGE-0", "MERGE-1"]
  },
  {
    name: "one is called merged and is not",
    answers: [merged("MERGE-0", [0, 5]), refused("MERGE-1", there)],
    merged: ["MERGE-0"],
    missing: ["MERGE-1"]
  },
  {
    name: "the last word of one is a wrong one",
    answers: [merged("MERGE-0", [0, 5]), refused("MERGE-1", conflict), answer("merge", "MERGE-1", "fault", [21, 22])],
    merged: ["MERGE-0"],
    missing: ["MERGE-1"]
  }
]
