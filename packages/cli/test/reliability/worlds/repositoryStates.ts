/** Worlds about what the main checkout is in the middle of, about refs, locks and objects. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import { write } from "./ready.ts"
import { type Bend, commit, stopped } from "./repository.ts"

/** Two branches that cannot be merged without a conflict; main is checked out. */
const forked = (repo: string): void => {
  git(repo, "switch", "--quiet", "--create", "side")
  commit(repo, { "notes.txt": "theirs\n" })
  git(repo, "switch", "--quiet", "main")
  commit(repo, { "notes.txt": "ours\n" })
}

/** The main checkout is in the middle of something: all is done but the merge, which would move main under it. */
const amid = (what: string, name: string, begin: (repo: string) => void): Bend => ({
  name: `main in the middle of ${name}`,
  make: ({ repo }) => begin(repo),
  expected: { merge: [6, new RegExp(`in the middle of an? ${what}\\b`)] }
})

export const unfinished: ReadonlyArray<Bend> = [
  amid("merge", "a merge with conflicts", (repo) => {
    forked(repo)
    stopped(repo, "merge", "side")
  }),
  amid("merge", "a merge that only has to be committed", (repo) => {
    git(repo, "switch", "--quiet", "--create", "side")
    commit(repo, { "side.txt": "side\n" })
    git(repo, "switch", "--quiet", "main")
    stopped(repo, "merge", "--no-ff", "--no-commit", "side")
  }),
  amid("rebase", "a rebase", (repo) => {
    forked(repo)
    stopped(repo, "rebase", "side")
  }),
  amid("rebase", "a rebase by patches", (repo) => {
    forked(repo)
    stopped(repo, "rebase", "--apply", "side")
  }),
  amid("rebase", "an interactive rebase that stopped to edit", (repo) => {
    commit(repo, { "late.txt": "late\n" })
    stopped(repo, "rebase", "--interactive", "HEAD~1")
  }),
  amid("cherry-pick", "a cherry-pick", (repo) => {
    forked(repo)
    stopped(repo, "cherry-pick", "side")
  }),
  amid("cherry-pick", "a cherry-pick of several, between two of them", (repo) => {
    git(repo, "switch", "--quiet", "--create", "side")
    for (const text of ["one\n", "theirs\n", "three\n"])
      commit(repo, { "notes.txt": text, [`${text.trim()}.txt`]: text })
    git(repo, "switch", "--quiet", "main")
    commit(repo, { "notes.txt": "ours\n" })
    stopped(repo, "cherry-pick", "main..side")
    commit(repo, { "notes.txt": "settled\n" })
  }),
  amid("revert", "a revert", (repo) => {
    for (const text of ["first\n", "second\n"]) commit(repo, { "notes.txt": text })
    stopped(repo, "revert", "HEAD~1")
  }),
  amid("series of mails", "applying mails", (repo) => {
    forked(repo)
    write(repo, "../mail", git(repo, "format-patch", "-1", "side", "--stdout"))
    stopped(repo, "am", "../mail")
  }),
  amid("bisect", "a bisect", (repo) => {
    for (const text of ["1\n", "2\n", "3\n", "4\n"]) commit(repo, { "notes.txt": text })
    stopped(repo, "bisect", "start", "HEAD", "HEAD~3")
  }),
  {
    name: "a squashed merge that is staged",
    make: ({ repo }) => {
      git(repo, "switch", "--quiet", "--create", "side")
      commit(repo, { "side.txt": "side\n" })
      git(repo, "switch", "--quiet", "main")
      stopped(repo, "merge", "--squash", "side")
    }
  }
]

/** A lock of git's that nobody gives back. */
const locked = (name: string, expected: Bend["expected"], ...locks: ReadonlyArray<string>): Bend => ({
  name: `a stale ${name}`,
  make: ({ repo }) => locks.forEach((lock) => write(Path.join(repo, ".git"), lock, "")),
  expected
})

export const refs: ReadonlyArray<Bend> = [
  { name: "HEAD detached at main", make: ({ repo }) => git(repo, "checkout", "--quiet", "--detach") },
  {
    name: "another branch checked out, with changes",
    make: ({ repo }) => {
      git(repo, "switch", "--quiet", "--create", "other")
      write(repo, "README.md", "# Mine\n")
    }
  },
  {
    name: "a branch without commits checked out",
    make: ({ repo }) => git(repo, "checkout", "--quiet", "--orphan", "empty")
  },
  {
    name: "a branch below the task's name",
    make: ({ repo }) => git(repo, "branch", "SPEC-002/more"),
    expected: { create: [6, /SPEC-002\/more/] }
  },
  {
    name: "tags named like the branches",
    make: ({ repo }) => {
      for (const name of ["SPEC-001", "SPEC-002", "main"]) git(repo, "tag", name, "main~1")
    }
  },
  {
    name: "a branch named HEAD",
    make: ({ repo }) => git(repo, "update-ref", "refs/heads/HEAD", "SPEC-001")
  },
  { name: "packed refs and objects", make: ({ repo }) => git(repo, "gc", "--quiet", "--prune=now") },
  {
    name: "refs that are damaged",
    make: ({ repo }) => {
      write(repo, ".git/refs/heads/nowhere", `${"1".repeat(40)}\n`)
      write(repo, ".git/refs/heads/empty", "")
    },
    // Git's own check and list say so.
    except: [/^git fsck/]
  },
  locked("index.lock of main", { merge: [8, /index\.lock/] }, "index.lock"),
  locked("index.lock of the worktree", {}, "worktrees/SPEC-001/index.lock"),
  locked("HEAD.lock of main", { merge: [8, /HEAD\.lock/] }, "HEAD.lock"),
  locked("lock of the base branch", { merge: [8, /main\.lock/] }, "refs/heads/main.lock"),
  locked("lock of a new task's branch", { create: [8, /SPEC-002\.lock/] }, "refs/heads/SPEC-002.lock"),
  {
    ...locked("packed-refs.lock", {}, "packed-refs.lock"),
    // The merge is made; the branch, which cannot be deleted, stays.
    except: [/^refs\/heads\/SPEC-001 is still there/]
  },
  locked("config.lock", {}, "config.lock")
]

const objectsOf = (repo: string) => Path.join(repo, ".git/objects")

export const objects: ReadonlyArray<Bend> = [
  {
    name: "objects in another repository",
    make: ({ elsewhere, repo }) => {
      Fs.cpSync(objectsOf(repo), Path.join(elsewhere, "objects"), { recursive: true })
      for (const name of Fs.readdirSync(objectsOf(repo)).filter((each) => each.length === 2))
        Fs.rmSync(Path.join(objectsOf(repo), name), { recursive: true })
      write(objectsOf(repo), "info/alternates", `${Path.join(elsewhere, "objects")}\n`)
    }
  },
  {
    name: "an alternate that is not there",
    make: ({ repo }) => write(objectsOf(repo), "info/alternates", "/nowhere/objects\n")
  },
  {
    name: "a shallow history",
    make: ({ repo }) => write(repo, ".git/shallow", `${git(repo, "rev-parse", "main")}\n`)
  },
  {
    name: "a promisor remote that is gone",
    make: ({ repo }) => {
      git(repo, "config", "extensions.partialClone", "origin")
      git(repo, "config", "remote.origin.url", "/nowhere/at/all")
      git(repo, "config", "remote.origin.promisor", "true")
      git(repo, "config", "remote.origin.partialclonefilter", "blob:none")
    }
  },
  {
    name: "a replaced commit",
    make: ({ repo }) => {
      commit(repo, { "late.txt": "late\n" })
      git(repo, "replace", git(repo, "rev-parse", "main"), git(repo, "rev-parse", "main~1"))
    }
  },
  {
    name: "a grafted history",
    make: ({ repo }) => {
      commit(repo, { "late.txt": "late\n" })
      write(repo, ".git/info/grafts", `${git(repo, "rev-parse", "main")}\n`)
    }
  },
  {
    name: "a missing object of the branch",
    make: ({ repo }) => {
      const id = git(repo, "rev-parse", "SPEC-001:src/one.txt")
      Fs.rmSync(Path.join(objectsOf(repo), id.slice(0, 2), id.slice(2)))
    },
    expected: { merge: [8, /could not/] },
    // Git takes the file for unchanged, and so for kept; it is in the worktree, or with that in the trash.
    except: [/^no ref holds "src\/one\.txt"/]
  }
]
