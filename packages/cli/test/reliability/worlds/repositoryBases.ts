/** Worlds about the base: other branches, its remote, and a repository that belongs to somebody else. */
import Database from "better-sqlite3"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import type { Place } from "./ready.ts"
import { type Bend, commit } from "./repository.ts"

/** What `init` would have recorded, had the base had this name from the start. */
const rebased = ({ home, repo }: Place, base: string): void => {
  git(repo, "branch", "--move", "main", base)
  const connection = new Database(Path.join(home, "metadata.db"))
  try {
    connection.prepare("UPDATE projects SET base_branch = ?").run(base)
  } finally {
    connection.close()
  }
}

const none = [8, /has no commit/] as const
const alias = [8, /another name for trunk.*calm init/] as const

export const bases: ReadonlyArray<Bend> = [
  { name: "the base release/1.0", base: "release/1.0", make: (place) => rebased(place, "release/1.0") },
  {
    name: "the base next=1.0, checked out in a worktree of its own",
    base: "next=1.0",
    make: (place) => {
      rebased(place, "next=1.0")
      git(place.repo, "switch", "--quiet", "--create", "main")
      git(place.repo, "worktree", "add", "--quiet", Path.join(place.elsewhere, "base"), "next=1.0")
    }
  },
  {
    name: "a base that is another name for a branch",
    always: true,
    make: ({ repo }) => {
      git(repo, "branch", "trunk", "main")
      git(repo, "symbolic-ref", "refs/heads/main", "refs/heads/trunk")
    },
    expected: { create: alias, merge: alias, doctor: [7, /another name for trunk/] },
    dirty: alias
  },
  {
    name: "a base whose only commit is gone",
    make: ({ repo }) => git(repo, "update-ref", "-d", "refs/heads/main"),
    expected: { create: none, merge: none, doctor: [7, /has no commit/] },
    dirty: none
  },
  {
    name: "a base that was renamed",
    make: ({ repo }) => git(repo, "branch", "--move", "main", "trunk"),
    expected: {
      create: [8, /renamed or deleted/],
      merge: [8, /renamed or deleted/],
      doctor: [7, /renamed or deleted/]
    },
    dirty: [8, /renamed or deleted/]
  }
]

/** A bare repository that main follows; `theirs` are commits that only it has, `ours` those that only main has. */
const followed = (place: Place, { ours = false, theirs = false }): string => {
  const { elsewhere, repo } = place
  const remote = Path.join(elsewhere, "remote.git")
  git(repo, "clone", "--quiet", "--bare", repo, remote)
  git(repo, "remote", "add", "origin", remote)
  git(repo, "fetch", "--quiet", "origin")
  if (theirs) {
    const clone = Path.join(elsewhere, "clone")
    git(repo, "clone", "--quiet", remote, clone)
    commit(clone, { "theirs.txt": "theirs\n" })
    git(clone, "push", "--quiet", "origin", "main")
  }
  git(repo, "config", "branch.main.remote", "origin")
  git(repo, "config", "branch.main.merge", "refs/heads/main")
  if (ours) commit(repo, { "ours.txt": "ours\n" })
  return remote
}

/** The remote cannot be asked: all is done but the merge, which says how to go without. */
const silent = (name: string, address: string): Bend => ({
  name: `a remote ${name}`,
  make: (place) => {
    followed(place, {})
    git(place.repo, "remote", "set-url", "origin", address)
  },
  expected: { merge: [8, /could not be asked.*--no-pull/] }
})

export const remotes: ReadonlyArray<Bend> = [
  { name: "a base even with its remote", make: (place) => void followed(place, {}) },
  { name: "a base ahead of its remote", make: (place) => void followed(place, { ours: true }) },
  {
    name: "a base behind its remote",
    make: (place) => void followed(place, { theirs: true }),
    expected: { merge: [6, /1 commit behind origin\/main.*pull --ff-only/] }
  },
  {
    name: "a base that diverged from its remote",
    make: (place) => void followed(place, { ours: true, theirs: true }),
    expected: { merge: [6, /1 commit behind origin\/main, and has commits of its own/] }
  },
  {
    name: "a base whose branch was deleted on the remote",
    make: (place) => git(followed(place, {}), "update-ref", "-d", "refs/heads/main"),
    expected: { merge: [8, /could not be asked.*--no-pull/] }
  },
  {
    name: "a base whose branch on the remote was never fetched",
    make: (place) => {
      followed(place, {})
      git(place.repo, "update-ref", "-d", "refs/remotes/origin/main")
    }
  },
  {
    name: "a base that follows a branch of this repository",
    make: ({ repo }) => {
      git(repo, "branch", "other")
      git(repo, "branch", "--quiet", "--set-upstream-to=other", "main")
    }
  },
  {
    name: "a remote that main does not follow",
    make: (place) => {
      followed(place, { theirs: true })
      git(place.repo, "config", "--unset", "branch.main.merge")
    }
  },
  {
    name: "branches on the remote named like the tasks",
    make: (place) => {
      const remote = followed(place, {})
      for (const task of ["SPEC-001", "SPEC-002"]) git(remote, "update-ref", `refs/heads/${task}`, "main")
      git(place.repo, "fetch", "--quiet", "origin")
    }
  },
  silent("that is not there", "/nowhere/at/all.git"),
  silent("of a program that is not there", "nowhere::address"),
  silent("of a program that fails", "ext::/bin/false"),
  silent("of a host that cannot be", "git://256.256.256.256/x.git"),
  silent("that asks for a password", "ssh://nobody@256.256.256.256/x.git")
]

/** Git refuses a repository of another user's. Only root can give one away. */
export const dubious = [8, /dubious ownership.*safe\.directory/s] as const

/** What each command answers in a repository of somebody else's. */
export const toOthers: NonNullable<Bend["expected"]> = {
  health: dubious,
  create: dubious,
  save: [0, /dubious ownership/],
  merge: dubious,
  remove: dubious,
  // Git need not be asked for that.
  restore: [6, /has a worktree already/],
  fix: dubious,
  doctor: dubious
}

export const owners: ReadonlyArray<Bend> =
  process.getuid?.() === 0
    ? [
        {
          name: "a repository owned by another user",
          make: ({ repo }) => void ChildProcess.execFileSync("chown", ["--recursive", "65534:65534", repo]),
          expected: toOthers,
          dirty: dubious,
          // Nothing can be saved, and nothing is taken away; the answer names the worktree and says why.
          except: [/^no ref holds/]
        }
      ]
    : []
