/** Worlds in which somebody bent the worktree itself, git's record of it, or its branch. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import type { World } from "./engine.ts"
import { type Place, write } from "./ready.ts"

const record = ({ repo }: Place): string => Path.join(repo, ".git/worktrees/SPEC-001")
const work = ({ tree }: Place): void => write(tree, "work.txt", "hours of work\n")
/** The worktree is not well, and is after mending as is said. */
const unwell = (code: number, mended = code) => ({ health: code, doctor: code, fix: mended, mend: mended, mended })
const movedBack = /was moved to .*"mv [^ "]+\/\.worktrees\/moved [^ "]+\/SPEC-001"/
/** The hint is to look at the worktree with git itself, which tells more. */
const asksGit = /"git -C [^ "]+\/SPEC-001 status"/
const notLinked = /do not name each other/
/** Where the removal was refused there is nothing to restore: the worktree stands in the way, or the trash is empty. */
const stays = [6, /has a worktree already/] as const
const none = [3, /trash holds no worktree/] as const
/** Work in the worktree, then something done to it. */
const after =
  (bend: (place: Place) => void) =>
  (place: Place): void => {
    work(place)
    bend(place)
  }

export const worlds: ReadonlyArray<World> = [
  {
    name: "a locked worktree",
    make: after(({ repo, tree }) => git(repo, "worktree", "lock", "--reason", "on a stick", tree)),
    expected: { merge: 7, remove: [7, /locked/], restore: stays }
  },
  {
    name: "a locked worktree with nothing uncommitted",
    make: ({ repo, tree }) => void git(repo, "worktree", "lock", tree),
    expected: { merge: [0, /the worktree stays: [^"]*locked/], remove: [7, /locked/], restore: stays },
    // It stays, on its branch, and the answer says so.
    except: [/is still there$/]
  },
  {
    name: "the worktree moved out of the repository by hand",
    make: after(({ elsewhere, tree }) => Fs.renameSync(tree, Path.join(elsewhere, "SPEC-001"))),
    expected: { ...unwell(7, 0), again: 0, merge: [0, /SPEC-001 moved on or is in use/] },
    // There are no files to bring back: they are made anew from the branch.
    except: [/is still there$/, /restored worktree is new/]
  },
  {
    name: "the worktree moved beside its place by hand",
    always: true,
    make: after(({ repo, tree }) => Fs.renameSync(tree, Path.join(repo, ".worktrees/moved"))),
    expected: { ...unwell(7), again: [6, movedBack], merge: [7, movedBack], remove: [7, /was moved to/], restore: none }
  },
  {
    name: "the worktree moved with git",
    make: after(({ elsewhere, repo, tree }) => git(repo, "worktree", "move", tree, Path.join(elsewhere, "SPEC-001"))),
    expected: { ...unwell(7), again: [6, /elsewhere/], merge: [7, /work\.txt/], remove: [7, /moved/], restore: none }
  },
  {
    name: "the worktree's folder deleted by hand",
    make: ({ tree }) => Fs.rmSync(tree, { recursive: true }),
    expected: { ...unwell(7, 0), again: 0, merge: 0 },
    // There are no files to bring back: they are made anew from the branch.
    except: [/is still there$/, /restored worktree is new/]
  },
  {
    name: "the worktree removed with git",
    make: ({ repo, tree }) => void git(repo, "worktree", "remove", "--force", tree),
    expected: { ...unwell(7, 0), again: 0, merge: 0, remove: 3, restore: none }
  },
  {
    name: "git's record of the worktree deleted",
    make: after((place) => Fs.rmSync(record(place), { recursive: true })),
    expected: {
      ...unwell(7),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    }
  },
  {
    name: "the worktree's .git file deleted",
    make: after(({ tree }) => Fs.rmSync(Path.join(tree, ".git"))),
    expected: {
      ...unwell(7, 0),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    }
  },
  {
    name: "the worktree's .git file damaged",
    make: after(({ tree }) => write(tree, ".git", "gitdir: /nowhere/at/all\n")),
    expected: {
      ...unwell(7, 0),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    }
  },
  {
    name: "the worktree's .git file full of nonsense",
    make: after(({ tree }) => write(tree, ".git", Buffer.from([0, 255, 10, 7]))),
    expected: {
      ...unwell(7, 0),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    }
  },
  {
    name: "the worktree's .git file empty",
    make: after(({ tree }) => write(tree, ".git", "")),
    expected: {
      ...unwell(7, 0),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    }
  },
  {
    name: "a repository made in the worktree, over its .git file",
    make: after(({ tree }) => {
      Fs.rmSync(Path.join(tree, ".git"))
      git(tree, "init", "--quiet")
    }),
    expected: {
      ...unwell(7),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    },
    // Git cannot be asked what is uncommitted there: the answer says that nothing was kept.
    except: [/^no ref holds/]
  },
  {
    name: "the worktree's .git file pointing to another worktree",
    make: after(({ repo, tree }) => {
      git(repo, "worktree", "add", "--quiet", "--detach", ".worktrees/other", "main")
      write(tree, ".git", `gitdir: ${Path.join(repo, ".git/worktrees/other")}\n`)
    }),
    expected: {
      ...unwell(7, 0),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    },
    // Git cannot be asked what is uncommitted there: the answer says that nothing was kept.
    except: [/^no ref holds/]
  },
  {
    name: "neither git's record nor the .git file",
    make: after((place) => {
      Fs.rmSync(record(place), { recursive: true })
      Fs.rmSync(Path.join(place.tree, ".git"))
    }),
    expected: {
      ...unwell(7),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    }
  },
  {
    name: "the worktree replaced by a link to where it was moved",
    make: after(({ elsewhere, tree }) => {
      Fs.renameSync(tree, Path.join(elsewhere, "SPEC-001"))
      Fs.symlinkSync(Path.join(elsewhere, "SPEC-001"), tree)
    }),
    expected: { merge: 7, remove: [7, /outside/], restore: stays }
  },
  {
    name: "the worktree replaced by a file",
    make: ({ elsewhere, tree }) => {
      Fs.renameSync(tree, Path.join(elsewhere, "SPEC-001"))
      Fs.writeFileSync(tree, "a file\n")
    },
    expected: {
      ...unwell(7),
      save: [0, notLinked],
      merge: [8, /no record of the task's worktree/],
      remove: [7, /could not be saved/],
      restore: stays
    }
  },
  {
    name: "the worktree's index deleted",
    make: after((place) => Fs.rmSync(Path.join(record(place), "index"))),
    expected: { merge: 7 },
    // It comes back with an index of its HEAD.
    except: [/restored worktree: (?:index|status) is/]
  },
  {
    name: "the worktree's index damaged",
    make: after((place) => write(record(place), "index", "no index")),
    expected: { ...unwell(8), merge: [8, asksGit], remove: [8, asksGit], restore: stays }
  },
  {
    name: "the worktree's HEAD damaged",
    make: after((place) => write(record(place), "HEAD", "no head\n")),
    expected: { ...unwell(8), merge: [8, asksGit], remove: [8, asksGit], restore: stays }
  },
  {
    name: "the branch deleted",
    make: ({ repo }) => void git(repo, "update-ref", "-d", "refs/heads/SPEC-001"),
    expected: { ...unwell(7), merge: 7 }
  },
  {
    name: "the branch deleted, and work uncommitted",
    make: after(({ repo }) => git(repo, "update-ref", "-d", "refs/heads/SPEC-001")),
    expected: { ...unwell(7), merge: 7 }
  },
  {
    name: "the branch renamed",
    make: after(({ repo }) => git(repo, "branch", "--move", "SPEC-001", "mine")),
    expected: { ...unwell(7), merge: 7 }
  },
  {
    name: "the branch checked out elsewhere, too",
    make: after(({ elsewhere, repo }) =>
      git(repo, "worktree", "add", "--quiet", "--force", Path.join(elsewhere, "SPEC-001"), "SPEC-001")
    ),
    expected: { merge: 7 },
    // Two worktrees on one branch would overwrite each other.
    except: [/restored worktree: (?:head|status) is/]
  },
  {
    name: "another branch in the worktree, and its own in main",
    make: ({ repo, tree }) => {
      git(tree, "switch", "--quiet", "--create", "mine")
      git(repo, "switch", "--quiet", "SPEC-001")
    },
    expected: { health: 7, fix: 7, merge: 7 }
  },
  {
    name: "a detached HEAD in the worktree, with a commit that no branch has",
    make: ({ tree }) => {
      git(tree, "switch", "--quiet", "--detach")
      git(tree, "commit", "--quiet", "--allow-empty", "--message", "Alone")
    },
    expected: { health: 7, fix: 7, merge: 7 }
  },
  {
    name: "a branch named like the other task",
    make: ({ repo }) => void git(repo, "branch", "SPEC-002", "main"),
    expected: { create: [6, /SPEC-002/] }
  },
  {
    name: "a folder where the other worktree would be",
    make: ({ repo }) => write(repo, ".worktrees/SPEC-002/mine.txt", "mine\n"),
    expected: { create: [6, /SPEC-002/] }
  },
  {
    name: "the branch moved on while the worktree is in the trash",
    make: work,
    trashed: ({ repo }) => void git(repo, "update-ref", "refs/heads/SPEC-001", "main"),
    expected: { merge: 7 },
    // It comes back where it was, and not on a branch that is elsewhere by now.
    except: [/restored worktree: (?:head|status) is/]
  },
  {
    name: "the branch deleted while the worktree is in the trash",
    make: work,
    trashed: ({ repo }) => void git(repo, "branch", "--quiet", "-D", "SPEC-001"),
    expected: { merge: 7 }
  },
  {
    name: "the branch checked out elsewhere while the worktree is in the trash",
    make: work,
    trashed: ({ elsewhere, repo }) =>
      void git(repo, "worktree", "add", "--quiet", Path.join(elsewhere, "SPEC-001"), "SPEC-001"),
    expected: { merge: 7 },
    // Two worktrees on one branch would overwrite each other.
    except: [/restored worktree: (?:head|status) is/]
  },
  {
    name: "something else at its place while the worktree is in the trash",
    make: work,
    trashed: ({ tree }) => write(tree, "mine.txt", "mine\n"),
    expected: { merge: 7, restore: [6, /SPEC-001/] }
  },
  {
    name: "git's records pruned and its garbage collected while the worktree is in the trash",
    make: ({ tree }) => {
      write(tree, "staged.txt", "staged alone\n")
      git(tree, "add", "staged.txt")
      write(tree, "staged.txt", "changed\n")
    },
    trashed: ({ repo }) => {
      git(repo, "worktree", "prune", "--expire=now")
      git(repo, "-c", "gc.reflogExpire=now", "-c", "gc.reflogExpireUnreachable=now", "gc", "--quiet", "--prune=now")
    },
    expected: { merge: 7 }
  }
]
