/** A git of our own: the real one, or any other, with a journal of what is changed through it. */
import { Git } from "@calm/git/Git"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"

/** What was changed so far, oldest first. */
export class GitJournal extends Context.Tag("embed-calm/GitJournal")<
  GitJournal,
  { readonly lines: Effect.Effect<ReadonlyArray<string>> }
>() {}

/** Takes a git and offers the same with a journal. */
export const layer: Layer.Layer<Git | GitJournal, never, Git> = Layer.effectContext(
  Effect.gen(function* () {
    const git = yield* Git
    const journal = yield* Ref.make<ReadonlyArray<string>>([])
    const note = (line: string) => Ref.update(journal, (lines) => [...lines, line])
    const recording = Git.of({
      ...git,
      addWorktree: (options) => Effect.zipLeft(git.addWorktree(options), note(`a worktree on ${options.branch}`)),
      commit: (options) => Effect.zipLeft(git.commit(options), note(`a commit: ${options.message}`))
    })
    return Context.make(Git, recording).pipe(Context.add(GitJournal, { lines: Ref.get(journal) }))
  })
)
