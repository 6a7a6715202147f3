/** Worlds about git's configuration, hooks, signing, filters and drivers. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import { commitAll, type Place, write } from "./ready.ts"
import { type Bend, commit, disorder, refusedFor, script } from "./repository.ts"

type Values = Readonly<Record<string, string>>

const set = (repo: string, values: Values): void => {
  for (const [name, value] of Object.entries(values)) git(repo, "config", name, value)
}

/** Everything works in spite of these settings, which hold before anything is uncommitted. */
const configured = (name: string, values: Values, more: Partial<Bend> = {}): Bend => ({
  name,
  make: ({ repo }) => set(repo, values),
  uncommitted: disorder,
  ...more
})

/** Lines that end with CR and LF, changed, staged and untracked; and some that end so, others not, in one file. */
const carriageReturns: Partial<Bend> = {
  uncommitted: ({ tree }) => {
    write(tree, "notes.txt", "changed\r\nnotes\r\n")
    write(tree, "README.md", "# Staged\r\n")
    git(tree, "-c", "core.safecrlf=false", "add", "README.md")
    write(tree, "mixed.txt", "one\r\nother\n")
    write(tree, "untracked.txt", "untracked\r\n")
  },
  dirty: refusedFor("README.md", "mixed.txt", "notes.txt", "untracked.txt")
}

/** Names with letters beyond ASCII: committed on the branch, and in every state that is not committed. */
const letters: Partial<Bend> = {
  work: ({ tree }) => {
    for (const name of ["größe.txt", "наука/один.txt"]) write(tree, name, "committed\n")
    commitAll(tree)
  },
  uncommitted: ({ tree }) => {
    write(tree, "größe.txt", "changed\n")
    write(tree, "naïve/staged.txt", "staged\n")
    git(tree, "add", "naïve/staged.txt")
    write(tree, "日本/語.txt", "untracked\n")
  },
  dirty: refusedFor("größe.txt", "naïve/staged.txt", "日本/語.txt")
}

/** Each as a world of its own, named like the setting. */
const each = (values: Values): ReadonlyArray<Bend> =>
  Object.entries(values).map(([name, value]) => configured(`${name}=${value}`, { [name]: value }))

const hooks = [
  "applypatch-msg",
  "commit-msg",
  "post-checkout",
  "post-commit",
  "post-index-change",
  "post-merge",
  "post-rewrite",
  "pre-auto-gc",
  "pre-commit",
  "pre-merge-commit",
  "pre-push",
  "prepare-commit-msg",
  "reference-transaction"
]

/** Hooks that edit files and then fail; calm runs none of them, so that nothing may be changed by one. */
const hooked = (name: string, folder: (place: Place) => string, values: Values = {}): Bend => ({
  name,
  make: (place) => {
    const { repo, tree } = place
    for (const hook of hooks)
      script(folder(place), hook, `echo ${hook} >> '${repo}/README.md'\necho ${hook} >> '${tree}/README.md'\nexit 1`)
    set(repo, values)
  }
})

/** An alias named like each command that calm uses. */
const aliases = Object.fromEntries(
  ["add", "cat-file", "commit", "commit-tree", "config", "diff", "fetch", "log", "ls-files", "merge", "merge-tree"]
    .concat(["read-tree", "rev-list", "rev-parse", "status", "symbolic-ref", "update-ref", "worktree"])
    .map((name) => [`alias.${name}`, "!git reset --hard; false"])
)

export const settings: ReadonlyArray<Bend> = [
  hooked("hooks that edit files and fail", ({ repo }) => Path.join(repo, ".git/hooks")),
  hooked("hooks in a folder of the home", ({ elsewhere }) => Path.join(elsewhere, "hooks"), {
    "core.hooksPath": "../elsewhere/hooks"
  }),
  hooked("hooks in the repository, as husky has them", ({ repo }) => Path.join(repo, ".git/husky"), {
    "core.hooksPath": ".git/husky"
  }),
  configured("signing with a gpg that fails", { "commit.gpgSign": "true", "gpg.program": "/bin/false" }),
  configured("signing with a gpg that is not there", { "commit.gpgSign": "true", "gpg.program": "/nowhere/gpg" }),
  configured("signing with an ssh key that is not there", {
    "commit.gpgSign": "true",
    "gpg.format": "ssh",
    "user.signingKey": "/nowhere/key"
  }),
  ...each({
    "core.bigFileThreshold": "1",
    "core.commentChar": "#",
    "core.fsmonitor": "/bin/false",
    "core.precomposeUnicode": "true",
    "core.sharedRepository": "0660",
    "core.splitIndex": "true",
    "core.untrackedCache": "true",
    "core.ignoreStat": "true",
    "core.fileMode": "false",
    "core.symlinks": "false",
    "diff.orderFile": "/nowhere/order",
    "fetch.prune": "true",
    "include.path": "/nowhere/config",
    "init.defaultBranch": "trunk",
    "merge.autoStash": "true",
    "merge.ff": "only",
    "merge.renames": "false",
    "merge.verifySignatures": "true",
    "safe.directory": "/nowhere",
    "status.showUntrackedFiles": "no"
  }),
  configured("core.autocrlf=true", { "core.autocrlf": "true" }, carriageReturns),
  ...["true", "false"].map((value) => configured(`core.quotePath=${value}`, { "core.quotePath": value }, letters)),
  configured("merge.ff=false", { "merge.ff": "false" }),
  configured("aliases named like git's commands", aliases),
  configured("what bends a diff", {
    "diff.external": "/bin/false",
    "diff.ignoreSubmodules": "all",
    "diff.mnemonicPrefix": "true",
    "diff.noprefix": "true",
    "diff.relative": "true",
    "diff.renames": "copies",
    "interactive.diffFilter": "/bin/false"
  }),
  configured("what bends what is printed", {
    "color.ui": "always",
    "column.ui": "always",
    "core.abbrev": "4",
    "core.pager": "/bin/false",
    "format.pretty": "%x00",
    "log.date": "relative",
    "log.decorate": "full",
    "log.showRoot": "false",
    "log.showSignature": "true",
    "pager.status": "true",
    "status.branch": "true",
    "status.relativePaths": "true",
    "status.short": "true",
    "status.showStash": "true"
  }),
  configured("what bends a merge", {
    "branch.main.mergeOptions": "--no-ff --no-commit",
    "merge.conflictStyle": "zdiff3",
    "merge.defaultToUpstream": "false",
    "merge.directoryRenames": "true",
    "rerere.autoUpdate": "true",
    "rerere.enabled": "true"
  }),
  configured("what bends branches, worktrees and pushes", {
    "branch.autoSetupMerge": "always",
    "branch.autoSetupRebase": "always",
    "checkout.defaultRemote": "nowhere",
    "checkout.guess": "true",
    "pull.rebase": "true",
    "push.default": "nothing",
    "worktree.guessRemote": "true"
  }),
  configured("a cleaning up at each turn", {
    "gc.auto": "1",
    "gc.autoDetach": "false",
    "gc.pruneExpire": "now",
    "gc.reflogExpire": "now",
    "gc.worktreePruneExpire": "now",
    "maintenance.auto": "true"
  }),
  {
    name: "a configuration for each worktree",
    make: ({ repo, tree }) => {
      git(repo, "config", "extensions.worktreeConfig", "true")
      git(tree, "config", "--worktree", "commit.gpgSign", "true")
      git(tree, "config", "--worktree", "core.hooksPath", "/nowhere")
      git(tree, "config", "--worktree", "user.name", "Only here")
    }
  },
  // The last is tried in the small size, too.
  configured(
    "core.autocrlf=input and core.safecrlf",
    { "core.autocrlf": "input", "core.safecrlf": "true" },
    carriageReturns
  )
]

const attributes = (repo: string, text: string): void => write(repo, ".git/info/attributes", text)

/** What was not removed is not restored. */
const stays = [6, /has a worktree already/] as const
const clean = "could not (?:read the status|save the uncommitted)"

export const filters: ReadonlyArray<Bend> = [
  {
    name: "line ends by attributes",
    make: ({ repo }) => {
      git(repo, "config", "core.autocrlf", "true")
      attributes(repo, "* text=auto\n*.txt eol=crlf\n")
    }
  },
  {
    name: "a filter that fails",
    make: ({ repo }) => {
      set(repo, { "filter.bad.clean": "/bin/false", "filter.bad.smudge": "/bin/false" })
      attributes(repo, "*.txt filter=bad\n")
    }
  },
  {
    name: "a required filter that is not there",
    always: true,
    make: ({ repo }) => {
      set(repo, { "filter.lfs.process": "/nowhere/lfs", "filter.lfs.required": "true" })
      attributes(repo, "*.txt filter=lfs\n")
    },
    expected: {
      create: [8, /lfs/],
      merge: [8, /lfs/],
      remove: [8, new RegExp(clean)],
      restore: stays,
      fix: [8, /lfs/],
      save: [0, /lfs/]
    },
    dirty: [8, /lfs/],
    // What cannot be read through the filter cannot be kept; the answer names it and its reason, and it stays.
    except: [/^no ref holds/]
  },
  {
    name: "a text conversion that fails",
    make: ({ repo }) => {
      set(repo, { "diff.bad.textconv": "/bin/false" })
      attributes(repo, "* diff=bad\n")
    }
  },
  {
    name: "a merge driver that fails",
    make: ({ repo }) => {
      set(repo, { "merge.bad.driver": "/bin/false" })
      attributes(repo, "README.md merge=bad\n")
      commit(repo, { "README.md": "# Theirs\n" })
    },
    expected: { merge: [6, /conflicts with main in README\.md/] }
  },
  {
    name: "a merge driver that settles all",
    make: ({ repo }) => {
      set(repo, { "merge.ours.driver": "true" })
      attributes(repo, "README.md merge=ours\n")
      commit(repo, { "README.md": "# Theirs\n" })
    },
    // That is what it is for.
    except: [/^the merge is not exactly what the branch changed/]
  }
]

/** Git itself refuses to work here: so does calm, but for what needs no git, and says why. */
const unusable = (name: string, says: RegExp, make: (place: Place) => void): Bend => {
  const no = [8, says] as const
  return {
    name,
    make,
    // The hand-over itself is saved, and says what could not be kept.
    expected: { health: no, doctor: no, create: no, merge: no, save: [0, says], remove: no, restore: stays, fix: no },
    dirty: no,
    except: [/^git fsck/, /^no ref holds/]
  }
}

export const broken: ReadonlyArray<Bend> = [
  unusable("a syntax error in the configuration", /bad config line/, ({ repo }) =>
    Fs.appendFileSync(Path.join(repo, ".git/config"), "[broken\n")
  ),
  unusable("a value that is no value", /bad boolean config value 'perhaps'/, ({ repo }) =>
    git(repo, "config", "core.fileMode", "perhaps")
  ),
  unusable("an extension that git does not know", /unknown repository extension found: bogus/, ({ repo }) => {
    git(repo, "config", "core.repositoryFormatVersion", "1")
    git(repo, "config", "extensions.bogus", "true")
  }),
  {
    name: "a checkout that calls itself bare",
    make: ({ repo }) => git(repo, "config", "core.bare", "true"),
    expected: {
      merge: [6, /core\.bare/],
      doctor: [7, /core\.bare/]
    }
  },
  {
    name: "files elsewhere, by core.worktree",
    make: ({ elsewhere, repo }) => git(repo, "config", "core.worktree", elsewhere),
    // Seen from there, every file of main is deleted.
    expected: {
      merge: [6, /would overwrite/],
      doctor: [7, /core\.worktree/]
    }
  },
  unusable("files nowhere, by core.worktree", /core\.worktree|Invalid path/, ({ repo }) =>
    git(repo, "config", "core.worktree", "/nowhere/at/all")
  )
]
