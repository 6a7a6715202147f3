/** Keeping what is uncommitted of a worktree under a ref: a step that removal and the saving of sessions share. */
import type { Sha, TaskId } from "@calm/domain/Ids"
import { Git } from "@calm/git/Git"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Step } from "../../operations/Operations.ts"

/** Where it is kept; `name` is not used twice for a task. */
export const refOf = (task: TaskId, name: string): string => `refs/calm/rescue/${task}/${name}`

/** What the step asks of an operation's payload. */
interface Rescuing {
  readonly repo: string
  readonly task: TaskId
  /** The commit, and the ref that is to hold it; `null` where there is nothing to keep. */
  readonly rescue: { readonly ref: string; readonly commit: Sha } | null
}

/** The step; `reason` is for the reflog. Without an undo: a ref that is there too many loses nothing. */
export const step = <P extends Rescuing>(reason: (payload: P) => string): Effect.Effect<Step<P>, never, Git> =>
  Effect.map(Git, (git) => ({
    name: "rescue",
    done: ({ repo, rescue }) =>
      rescue === null
        ? Effect.succeed(true)
        : Effect.map(git.resolve(repo, rescue.ref), Option.contains(rescue.commit)),
    run: (payload) =>
      payload.rescue === null
        ? Effect.void
        : git.updateRef({
            repo: payload.repo,
            ref: payload.rescue.ref,
            from: Option.none(),
            to: Option.some(payload.rescue.commit),
            reason: `calm: ${reason(payload)}`
          })
  }))
