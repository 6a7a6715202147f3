/** The operations on worktrees: their steps, their points of no return and what they record. */
import { Sha, TaskId } from "@calm/domain/Ids"
import { Git, GitFailed } from "@calm/git/Git"
import { refine } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Events } from "../../events/Events.ts"
import { atomicallyIn } from "../../internal/atomically.ts"
import { writeDurably } from "../../internal/durably.ts"
import { now } from "../../internal/now.ts"
import { fileFailed } from "../../operations/FileFailed.ts"
import { Operations, type Step } from "../../operations/Operations.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as Removal from "./removal.ts"
import * as WorktreeRows from "./WorktreeRows.ts"

const Creation = Schema.Struct({
  repo: Schema.String,
  task: TaskId,
  path: Schema.String,
  branch: Schema.String,
  /** Where the branch starts, or is. */
  start: Sha,
  /** The branch is there already. */
  resumed: Schema.Boolean,
  /** Where the branch started in the first place. */
  firstCommit: Sha,
  /** The document made for the task: a folder, or a file with a text. */
  document: Schema.Struct({ path: Schema.String, text: Schema.NullOr(Schema.String) }),
  /** Where a half-made worktree goes when it is undone. */
  trash: Schema.String
})
type Creation = typeof Creation.Type

const Restoration = Schema.Struct({
  repo: Schema.String,
  task: TaskId,
  folder: Schema.String,
  path: Schema.String,
  head: Schema.Struct({
    /** `null`: detached. */
    branch: Schema.NullOr(Schema.String),
    commit: Schema.NullOr(Sha),
    /** The branch is gone and is made again. */
    recreate: Schema.Boolean
  })
})
type Restoration = typeof Restoration.Type

/** What the operations are called in the database. */
export const kinds = { create: "create worktree", remove: "remove worktree", restore: "restore worktree" } as const

export const makeOperations = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const git = yield* Git
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const events = yield* Events
  const operations = yield* Operations
  const rows = WorktreeRows.make(sql)
  const atomically = atomicallyIn(sql)
  const exists = (at: string) => files.exists(at).pipe(fileFailed(at))

  const entryOf = (repo: string, at: string) =>
    Effect.map(git.worktrees(repo), (all) => Option.fromNullable(all.find((entry) => entry.path === at)))

  /** Notes that a half-made worktree goes to the trash: what has a row is thrown away one day. */
  const recordUndone = Effect.fnUntraced(function* (creation: Creation, folder: string) {
    const project = yield* CurrentProject
    const { branch, path: at, task } = creation
    const kept = { taskId: task, folder, path: at, branch, head: null, rescueRef: null }
    yield* atomically(
      Effect.andThen(
        rows.addTrash(project.id, { ...kept, reason: "undone", state: "kept", trashedAt: yield* now }),
        events.append("worktree.removed", task, { path: at, folder, reason: "undone", rescueRef: null })
      )
    )
  }, refine)

  /**
   * Makes a file whole or not at all: a step that was cut off is done where its file is there. The draft is the task's own,
   * since others may make the same file at this moment.
   */
  const place = (task: TaskId, at: string, text: string) => {
    const draft = `${at}.${task}.new`
    return writeDurably(files, draft, text).pipe(Effect.zipRight(files.rename(draft, at)), fileFailed(at))
  }

  const ignored: Step<Creation> = {
    name: "ignore .worktrees",
    done: ({ path: at }) => exists(path.join(path.dirname(at), ".gitignore")),
    run: Effect.fnUntraced(function* ({ path: at, task }) {
      const folder = path.dirname(at)
      const file = path.join(folder, ".gitignore")
      yield* files.makeDirectory(folder, { recursive: true }).pipe(fileFailed(folder))
      if (!(yield* exists(file))) yield* place(task, file, "*\n")
    })
  }

  const checkout: Step<Creation> = {
    name: "checkout",
    // Git locks a worktree while it fills it: one that is locked or not whole is half made.
    done: ({ path: at, repo }) =>
      Effect.map(
        entryOf(repo, at),
        Option.exists((entry) => !entry.locked && !entry.prunable)
      ),
    run: ({ branch, path: at, repo, resumed, start }) =>
      git.addWorktree({ repo, path: at, branch, start: resumed ? Option.none() : Option.some(start) }),
    undo: Effect.fnUntraced(function* (creation) {
      const { branch, path: at, repo, resumed, start, trash } = creation
      if ((yield* exists(at)) || Option.isSome(yield* entryOf(repo, at))) {
        yield* files.makeDirectory(path.dirname(trash), { recursive: true }).pipe(fileFailed(trash))
        const stamp = (yield* now).replaceAll(/[:.]/g, "")
        const folder = `${trash}-undone-${stamp}`
        yield* recordUndone(creation, folder)
        yield* git.trashWorktree({ repo, path: at, folder })
      }
      const ref = `refs/heads/${branch}`
      if (!resumed && Option.contains(yield* git.resolve(repo, ref), start))
        yield* git.updateRef({
          repo,
          ref,
          from: Option.some(start),
          to: Option.none(),
          reason: "calm: worktree not made"
        })
    })
  }

  const document: Step<Creation> = {
    name: "document",
    done: ({ document: wanted }) => exists(wanted.path),
    run: Effect.fnUntraced(function* ({ document: { path: at, text }, task }) {
      const folder = text === null ? at : path.dirname(at)
      yield* files.makeDirectory(folder, { recursive: true }).pipe(fileFailed(folder))
      if (text !== null && !(yield* exists(at))) yield* place(task, at, text)
    })
  }

  const create = yield* operations.define({
    kind: kinds.create,
    payload: Creation,
    steps: [ignored, checkout, document],
    pointOfNoReturn: "checkout",
    record: Effect.fnUntraced(function* (creation) {
      const project = yield* CurrentProject
      const at = yield* now
      yield* rows.save(
        project.id,
        {
          taskId: creation.task,
          path: creation.path,
          branch: creation.branch,
          startCommit: creation.firstCommit,
          state: "open",
          createdAt: at
        },
        at
      )
      yield* events.append("worktree.created", creation.task, {
        path: creation.path,
        branch: creation.branch,
        start: creation.start,
        resumed: creation.resumed
      })
    }, refine)
  })

  const { record: recordRemoval, rescue, trash } = yield* Removal.parts

  const remove = yield* operations.define({
    kind: kinds.remove,
    payload: Removal.Removal,
    steps: [rescue, trash],
    pointOfNoReturn: "trash",
    record: recordRemoval
  })

  const branch: Step<Restoration> = {
    name: "branch",
    done: ({ head, repo }) =>
      head.branch === null || head.commit === null || !head.recreate
        ? Effect.succeed(true)
        : Effect.map(git.resolve(repo, `refs/heads/${head.branch}`), Option.contains(head.commit)),
    run: ({ head, repo, task }) =>
      head.branch === null || head.commit === null || !head.recreate
        ? Effect.void
        : git.updateRef({
            repo,
            ref: `refs/heads/${head.branch}`,
            from: Option.none(),
            to: Option.some(head.commit),
            reason: `calm: worktree of ${task} restored`
          })
  }
  const untrash: Step<Restoration> = {
    name: "untrash",
    done: ({ folder, path: at, repo }) =>
      Effect.all([exists(folder), entryOf(repo, at)], { concurrency: 2 }).pipe(
        Effect.map(([kept, entry]) => !kept && Option.exists(entry, (found) => !found.prunable))
      ),
    // The files come first: without git's records they are no worktree yet.
    begun: ({ folder, path: at }) =>
      Effect.all([exists(at), exists(folder), exists(path.join(folder, "tree"))]).pipe(
        Effect.map(([back, kept, there]) => back && kept && !there)
      ),
    run: Effect.fnUntraced(function* ({ folder, head, path: at, repo }) {
      if (head.branch !== null)
        yield* git.untrashWorktree({ repo, folder, path: at, head: { branch: `refs/heads/${head.branch}` } })
      else if (head.commit !== null)
        yield* git.untrashWorktree({ repo, folder, path: at, head: { commit: head.commit } })
      else
        return yield* new GitFailed({
          operation: "bring a worktree back from the trash",
          exitCode: null,
          detail: `neither a branch nor a commit is known of the worktree in ${folder}`
        })
    })
  }
  const restore = yield* operations.define({
    kind: kinds.restore,
    payload: Restoration,
    steps: [branch, untrash],
    pointOfNoReturn: "untrash",
    record: Effect.fnUntraced(function* (restoration) {
      const project = yield* CurrentProject
      const at = yield* now
      yield* rows.setTrashState(project.id, restoration.folder, "restored")
      yield* rows.setState(project.id, restoration.task, "open", at)
      yield* events.append("worktree.restored", restoration.task, {
        path: restoration.path,
        branch: restoration.head.branch,
        commit: restoration.head.commit
      })
    }, refine)
  })

  return { create, remove, restore }
})
