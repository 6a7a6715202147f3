/** Whether the exit code of a command whose git lied fits what it answered, and whether what it answered is so. */
import * as Doctor from "@calm/core/Doctor"
import * as Explain from "@calm/core/Explain"
import * as Gates from "@calm/core/Gates"
import * as Merges from "@calm/core/Merges"
import * as Reviews from "@calm/core/Reviews"
import * as Sessions from "@calm/core/Sessions"
import * as WorktreeHealth from "@calm/core/WorktreeHealth"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import type { document } from "../../fixtures/run.ts"
import type { Command } from "../worlds/engine.ts"
import { faultsOf } from "../worlds/judge.ts"
import { changed, type Seen } from "../worlds/look.ts"
import type { Place } from "../worlds/ready.ts"
import type { Operation } from "./operations.ts"

/** The document that a command printed, and the exit code that it ended with. */
export type Answer = Effect.Effect.Success<ReturnType<typeof document>> & { readonly exitCode: number }

/** One command: what it answered, and what was there before and after. */
export interface Told {
  readonly operation: Operation
  readonly place: Place
  readonly answer: Answer
  /** What it answers when git is well. */
  readonly honest: Answer
  readonly before: Seen
  readonly after: Seen
  /** The worktree before anything was removed. */
  readonly tree: Seen["tree"]
}

/** The exit codes as each page tells them, by their category. */
const pages = ["commands.md", "agents.md"].map((page) => {
  const text = Fs.readFileSync(new URL(`../../../../../docs/${page}`, import.meta.url), "utf8")
  const rows = [...text.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)]
  return { page, codes: new Map(rows.map(([, code, category]) => [category, Number(code)])) }
})

const unfit = (exitCode: number, category: string): ReadonlyArray<string> =>
  pages
    .filter(({ codes }) => codes.get(category) !== exitCode)
    .map(({ codes, page }) => `exit ${exitCode} for ${category}, which is ${codes.get(category)} in ${page}`)

/** Why the answer to a question is no; of what is no question, nothing. */
const reasonOf = Effect.fnUntraced(function* (line: string, data: unknown) {
  if (line.startsWith("gate check")) return (yield* Schema.decodeUnknown(Gates.Checked)(data)).verdict.unmet
  if (line.startsWith("worktree health")) {
    const { worktrees } = yield* Schema.decodeUnknown(WorktreeHealth.Report)(data)
    const codes = worktrees.flatMap(({ findings }) => findings.map(({ code }) => code))
    return codes.length === 0 ? null : codes.every((code) => code === "unreadable") ? "unavailable" : "refused"
  }
  if (line.startsWith("doctor")) {
    const { checks } = yield* Schema.decodeUnknown(Doctor.CheckUp)(data)
    const errors = checks.filter(({ status }) => status === "error")
    if (errors.length > 0) return errors.some(({ area }) => area === "database") ? "database" : "refused"
    return checks.some(({ status }) => status === "unclear") ? "unavailable" : null
  }
  return null
})

/** What does not fit in how a command ended: an error or a no has the code of its category, and 0 is nothing but a yes. */
export const misfits = Effect.fnUntraced(function* ({ line }: Operation, { data, error, exitCode }: Answer) {
  if (error !== undefined) return unfit(exitCode, error.category)
  const reason = yield* reasonOf(line, data)
  if (reason !== null) return unfit(exitCode, reason)
  return exitCode === 0 ? [] : [`exit ${exitCode}, and the answer is yes: ${JSON.stringify(data)}`]
})

/** What promises the same in the worlds. */
const promises: Readonly<Record<string, Command>> = {
  create: "create",
  remove: "remove",
  restore: "restore",
  merge: "merge",
  "session save": "save",
  "task delete": "remove",
  "health --fix": "fix",
  "doctor --fix": "mend"
}

/** What an answer says itself that it could not do: that need not hold. */
const admitted = Effect.fnUntraced(function* (command: Command, data: unknown) {
  if (command === "save") {
    const { unsaved } = yield* Schema.decodeUnknown(Sessions.Saved)(data)
    return unsaved.some(({ taskId }) => taskId === "SPEC-001") ? [/^no ref holds/] : []
  }
  if (command !== "merge") return []
  const { branchDeleted, notices, trash } = yield* Schema.decodeUnknown(Merges.Merged)(data)
  if (notices.length === 0) return []
  return [
    ...(trash === null ? [/^the worktree is still there$/] : []),
    ...(branchDeleted ? [] : [/^refs\/heads\/SPEC-001 is still there$/])
  ]
})

/** Every condition of every move, and how it stands. */
const standings = ({ moves }: Explain.Explanation): ReadonlyMap<string, string> =>
  new Map(moves.flatMap(({ to, verdict }) => verdict?.outcomes.map((one) => [`${to}: ${one.check}`, one.status]) ?? []))

/** What of an answer is not so; what only says that something could not be done or checked is always so. */
export const untrue = Effect.fnUntraced(function* (told: Told) {
  const { after, answer, before, honest, operation, place, tree } = told
  const { data, exitCode } = answer
  if (data === undefined) return []
  const wrong: Array<string> = []
  if (exitCode === 0 && honest.exitCode !== 0) wrong.push(`exit 0 instead of ${honest.exitCode}`)
  const command = promises[operation.name]
  if (command !== undefined) {
    const known = yield* admitted(command, data)
    const faults = faultsOf({ command, succeeded: true, place, base: "main", before, after })
    wrong.push(...faults.filter((fault) => !known.some((one) => one.test(fault))))
  }
  if (command === "restore") wrong.push(...changed("restored worktree", tree, after.tree))
  const head = before.refs["refs/heads/SPEC-001"]
  if (operation.line.startsWith("gate check") && exitCode === 0) {
    const { commit } = yield* Schema.decodeUnknown(Gates.Checked)(data)
    if (commit !== head) wrong.push(`passed at ${commit}, which is not the head`)
  }
  if (operation.line.startsWith("review")) {
    const { review } = yield* Schema.decodeUnknown(Reviews.Recorded)(data)
    if (review.commit !== head) wrong.push(`recorded at ${review.commit}, which is not the head`)
  }
  if (operation.line.startsWith("explain")) {
    const well = standings(yield* Schema.decodeUnknown(Explain.Explanation)(honest.data))
    for (const [condition, status] of standings(yield* Schema.decodeUnknown(Explain.Explanation)(data)))
      if (status !== "unavailable" && status !== well.get(condition))
        wrong.push(`${condition} is ${well.get(condition)}, and said to be ${status}`)
  }
  return wrong
})
