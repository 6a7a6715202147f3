import type { Condition } from "@calm/domain/WorktreeHealth"
import type { Git } from "@calm/git/Git"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"

type Link = Pick<Condition, "link" | "trouble">

/** How a worktree's folder (`null`: there is none) and git's record of it stand to each other; or why that cannot be told. */
export const linkOf = (git: Context.Tag.Service<Git>, repo: string, folder: string | null): Effect.Effect<Link> =>
  folder === null
    ? Effect.succeed({ link: null, trouble: null })
    : git.worktreeLink(repo, folder).pipe(
        Effect.map((link): Link => ({ link, trouble: null })),
        Effect.catchAll(({ message }) => Effect.succeed({ link: null, trouble: message }))
      )
