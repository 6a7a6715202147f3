/**
 * The operation that keeps the work of one worktree for a session: what is staged becomes a WIP commit, all else that is
 * uncommitted is kept under a ref.
 *
 * Files and index are not touched. The WIP commit is made of the index's tree beside it, and the branch is moved to it by
 * one compare-and-swap: from then on the index is what HEAD has. That is the point of no return: before it nothing has
 * changed, after it the ref and the record are made by whoever comes next.
 */
import { SessionId, Sha, TaskId } from "@calm/domain/Ids"
import type { KeptWorktree } from "@calm/domain/Session"
import type { Worktree } from "@calm/domain/Worktree"
import { Git, type Uncommitted } from "@calm/git/Git"
import { refine } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Events } from "../../events/Events.ts"
import { Operations, type Step } from "../../operations/Operations.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as Rescue from "../../worktrees/internal/rescue.ts"
import { SessionNotFound } from "../SessionErrors.ts"
import * as SessionRows from "./SessionRows.ts"

/** What is kept of a worktree, decided. */
const Keeping = Schema.Struct({
  repo: Schema.String,
  task: TaskId,
  path: Schema.String,
  session: SessionId,
  /** Short name; `null` when HEAD is detached. */
  branch: Schema.NullOr(Schema.String),
  /** The WIP commit, and the ref that it moves; `null` without one. */
  wip: Schema.NullOr(Schema.Struct({ ref: Schema.String, from: Sha, commit: Sha })),
  rescue: Schema.NullOr(Schema.Struct({ ref: Schema.String, commit: Sha }))
})
export type Keeping = typeof Keeping.Type

const keptOf = ({ branch, rescue, task, wip }: Keeping): KeptWorktree => ({
  taskId: task,
  branch,
  commit: wip?.commit ?? null,
  rescueRef: rescue?.ref ?? null
})

/** Prepares the operation; what it gives runs one and answers with what was kept. */
export const make = Effect.gen(function* () {
  const git = yield* Git
  const events = yield* Events
  const operations = yield* Operations
  const rows = SessionRows.make(yield* SqlClient.SqlClient)

  const commit: Step<Keeping> = {
    name: "commit what is staged",
    done: Effect.fnUntraced(function* ({ repo, wip }) {
      if (wip === null) return true
      const tip = yield* git.resolve(repo, wip.ref)
      return Option.isSome(tip) && (yield* git.isAncestor(repo, wip.commit, tip.value))
    }),
    run: ({ path, session, wip }) =>
      wip === null
        ? Effect.void
        : // In the worktree itself, so that its HEAD's reflog tells of it too.
          git.updateRef({
            repo: path,
            ref: wip.ref,
            from: Option.some(wip.from),
            to: Option.some(wip.commit),
            reason: `calm: session ${session} saved`
          })
  }
  const rescue = yield* Rescue.step<Keeping>(({ session }) => `session ${session} saved`)

  const run = yield* operations.define({
    kind: "save session",
    payload: Keeping,
    steps: [commit, rescue],
    pointOfNoReturn: commit.name,
    record: Effect.fnUntraced(function* (keeping) {
      const project = yield* CurrentProject
      const { taskId, ...kept } = keptOf(keeping)
      yield* rows.insertWorktree(project.id, keeping.session, { taskId, ...kept })
      yield* events.append("worktree.saved", taskId, { session: keeping.session, ...kept })
    }, refine)
  })

  /** A backup that was restored meanwhile has taken the session away: nothing could be recorded of what was kept. */
  const stored = Effect.fnUntraced(function* (id: SessionId) {
    const project = yield* CurrentProject
    if (Option.isNone(yield* rows.find(project.id, id))) return yield* new SessionNotFound({ id })
  }, refine)

  return (keeping: Keeping) => Effect.as(run(keeping.task, keeping, stored(keeping.session)), keptOf(keeping))
})

/** Why what is staged in a worktree is not to be committed; `null` when it may be. */
export const obstacle = (
  worktree: Worktree,
  found: Uncommitted,
  at: { readonly branch: string | null; readonly inProgress: string | null }
): string | null => {
  if (at.inProgress !== null) return `it is in the middle of a ${at.inProgress}`
  if (found.entries.some(({ state }) => state === "unmerged")) return "it has conflicts"
  if (at.branch === worktree.branch) return null
  return `it is on ${at.branch ?? "a detached HEAD"} instead of ${worktree.branch}`
}

/** Repositories inside of a worktree, of which nothing can be kept: the status names them with a slash at the end. */
export const nestedIn = ({ entries }: Uncommitted): ReadonlyArray<string> =>
  entries.flatMap(({ path, state }) => (state === "untracked" && path.endsWith("/") ? [path] : []))

/** Makes the commits that a worktree is kept by; they are in no ref yet. */
export const prepare = Effect.fnUntraced(function* (options: {
  readonly repo: string
  readonly session: SessionId
  readonly worktree: Worktree
  readonly title: string
  readonly found: Uncommitted
  readonly branch: string | null
  /** Commit what is staged? */
  readonly commits: boolean
}) {
  const git = yield* Git
  const { branch, found, repo, session, title, worktree } = options
  const { taskId: task, path } = worktree
  const commitOf = (tree: Sha, parents: ReadonlyArray<Sha>, message: string) =>
    git.commitTree({ repo: path, tree, parents, message })
  const subject = `Uncommitted work of ${task}`
  const head = Option.getOrNull(found.head)
  const staged = options.commits && head !== null && found.isStaged
  const wip = staged
    ? {
        ref: `refs/heads/${worktree.branch}`,
        from: head.commit,
        commit: yield* commitOf(found.staged, [head.commit], `WIP ${task}: ${title}\n\nSession: ${session}\n`)
      }
    : null
  const below = wip?.commit ?? head?.commit
  const parents = below === undefined ? [] : [below]
  const index = wip === null && found.isStaged ? [yield* commitOf(found.staged, parents, `Index of: ${subject}\n`)] : []
  const rest = wip === null || found.files !== found.staged
  const keeping: Keeping = {
    repo,
    task,
    path,
    session,
    branch,
    wip,
    rescue: rest
      ? {
          ref: Rescue.refOf(task, session),
          commit: yield* commitOf(found.files, [...parents, ...index], `${subject}\n`)
        }
      : null
  }
  return keeping
})
