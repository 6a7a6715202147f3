/** Worlds of things that are no ordinary files, or that git does not show. */
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import type { World } from "./engine.ts"
import { commitAll, type Place, repository, write } from "./ready.ts"

const addSubmodule = ({ elsewhere, tree }: Place): void => {
  repository(Path.join(elsewhere, "library"))
  git(tree, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", Path.join(elsewhere, "library"), "lib")
  git(tree, "commit", "--quiet", "--message", "A library")
}

const megabyte = 1024 * 1024

export const worlds: ReadonlyArray<World> = [
  {
    name: "links out of the repository committed on the branch, and followed to precious files",
    work: ({ elsewhere, tree }) => {
      write(elsewhere, "precious/file.txt", "precious\n")
      Fs.symlinkSync(Path.join(elsewhere, "precious/file.txt"), Path.join(tree, "to-file"))
      Fs.symlinkSync(Path.join(elsewhere, "precious"), Path.join(tree, "to-folder"))
      commitAll(tree)
    }
  },
  {
    name: "links out of the repository in the worktree, untracked and in place of a file and a folder",
    make: ({ elsewhere, tree }) => {
      write(elsewhere, "precious/words.txt", "precious\n")
      Fs.symlinkSync(Path.join(elsewhere, "precious"), Path.join(tree, "to-folder"))
      Fs.symlinkSync(Path.join(elsewhere, "precious/words.txt"), Path.join(tree, "to-file"))
      Fs.rmSync(Path.join(tree, "src"), { recursive: true })
      Fs.symlinkSync(Path.join(elsewhere, "precious"), Path.join(tree, "src"))
      Fs.rmSync(Path.join(tree, "README.md"))
      Fs.symlinkSync(Path.join(elsewhere, "precious/words.txt"), Path.join(tree, "README.md"))
    },
    expected: { merge: [7, /README\.md/] }
  },
  {
    name: "a folder of main that the merge writes into is a link out of the repository",
    make: ({ elsewhere, repo }) => {
      Fs.renameSync(Path.join(repo, "src"), Path.join(elsewhere, "src"))
      Fs.symlinkSync(Path.join(elsewhere, "src"), Path.join(repo, "src"))
    },
    expected: { merge: [6, /src/] }
  },
  {
    name: "an ignored but precious file in the worktree and in main",
    make: ({ repo, tree }) => {
      write(tree, "measured.log", "hours of measuring\n")
      write(tree, "logs.log/deep.txt", "in an ignored folder\n")
      write(repo, "measured.log", "in main\n")
    }
  },
  {
    name: "an ignored but precious file in main where the merge puts a file",
    work: ({ tree }) => {
      write(tree, "measured.log", "from the branch\n")
      git(tree, "add", "--force", "measured.log")
      git(tree, "commit", "--quiet", "--message", "Measured")
    },
    make: ({ repo }) => write(repo, "measured.log", "hours of measuring\n"),
    expected: { merge: [6, /measured\.log/] }
  },
  {
    name: "an ignored but precious file in main where the merge puts a folder, and a folder where it puts a file",
    work: ({ tree }) => {
      write(tree, "one.log/file.txt", "from the branch\n")
      write(tree, "two.log", "from the branch\n")
      git(tree, "add", "--force", "one.log", "two.log")
      git(tree, "commit", "--quiet", "--message", "Logs")
    },
    make: ({ repo }) => {
      write(repo, "one.log", "hours of measuring\n")
      write(repo, "two.log/file.txt", "more hours\n")
    },
    expected: { merge: [6, /one\.log/] }
  },
  {
    name: "a tracked file of main that the branch deletes and ignores, changed",
    work: ({ tree }) => {
      git(tree, "rm", "--quiet", "--cached", "notes.txt")
      write(tree, ".gitignore", "*.log\nnotes.txt\n")
      commitAll(tree)
    },
    make: ({ repo }) => write(repo, "notes.txt", "edited\n"),
    expected: { merge: [6, /notes\.txt/] }
  },
  {
    name: "an untracked repository with commits of its own in the worktree and in main",
    make: ({ repo, tree }) => {
      repository(Path.join(tree, "inner"))
      repository(Path.join(repo, "inner"))
    },
    expected: { merge: [7, /inner/] }
  },
  {
    name: "a repository without commits, and a bare one, in the worktree",
    make: ({ tree }) => {
      git(tree, "init", "--quiet", "empty")
      write(tree, "empty/work.txt", "hours of work\n")
      git(tree, "init", "--quiet", "--bare", "bare.git")
    },
    expected: { merge: [7, /bare\.git/] }
  },
  {
    name: "a repository of its own in main where the merge puts files",
    make: ({ repo }) => repository(Path.join(repo, "changelog.d")),
    expected: { merge: [6, /changelog\.d/] }
  },
  { name: "a submodule on the branch", work: addSubmodule },
  {
    name: "a submodule with a change in it",
    work: addSubmodule,
    make: ({ tree }) => write(tree, "lib/inner.txt", "changed in the submodule\n"),
    expected: { merge: [7, /lib/] }
  },
  {
    name: "a submodule with a commit that nobody else has",
    work: addSubmodule,
    make: ({ tree }) => {
      write(Path.join(tree, "lib"), "inner.txt", "committed in the submodule\n")
      git(Path.join(tree, "lib"), "commit", "--quiet", "--all", "--message", "Inner")
    },
    expected: { merge: [7, /lib/] }
  },
  {
    name: "a sparse checkout in the worktree",
    make: ({ tree }) => void git(tree, "sparse-checkout", "set", "--cone", "changelog.d")
  },
  {
    name: "a sparse checkout with a file outside of what it shows",
    make: ({ tree }) => {
      git(tree, "sparse-checkout", "set", "--cone", "changelog.d")
      write(tree, "src/words.txt", "written outside of the cone\n")
      write(tree, "src/new.txt", "new outside of the cone\n")
    },
    expected: { merge: [7, /src\//] }
  },
  {
    name: "a sparse checkout in main",
    make: ({ repo }) => {
      git(repo, "sparse-checkout", "set", "--cone", "changelog.d")
      write(repo, "mine.txt", "untracked\n")
    }
  },
  {
    name: "a sparse checkout in main with a file where the merge puts one",
    make: ({ repo }) => {
      git(repo, "sparse-checkout", "set", "--cone", "changelog.d")
      write(repo, "src/one.txt", "in the way\n")
    },
    expected: { merge: [6, /src\/one\.txt/] }
  },
  {
    name: "empty folders in the worktree and in main",
    make: ({ repo, tree }) => {
      for (const folder of [repo, tree]) Fs.mkdirSync(Path.join(folder, "empty/inside"), { recursive: true })
    }
  },
  {
    name: "an empty folder in main where the merge puts a file",
    make: ({ repo }) => Fs.mkdirSync(Path.join(repo, "src/one.txt"), { recursive: true }),
    expected: { merge: [6, /src\/one\.txt/] }
  },
  {
    name: "named pipes in the worktree and in main",
    make: ({ repo, tree }) => {
      for (const folder of [repo, tree]) ChildProcess.execFileSync("mkfifo", [Path.join(folder, "pipe")])
    }
  },
  {
    name: "a tracked file of the worktree replaced by a named pipe",
    make: ({ tree }) => {
      Fs.rmSync(Path.join(tree, "notes.txt"))
      ChildProcess.execFileSync("mkfifo", [Path.join(tree, "notes.txt")])
    },
    // Git stores no pipes: what else is uncommitted could be left out without anybody noticing.
    expected: {
      merge: [7, /notes\.txt/],
      remove: [8, /notes\.txt.*"git -C [^ "]+\/SPEC-001 status"/],
      restore: [6, /has a worktree already/]
    }
  },
  {
    name: "a named pipe in main where the merge puts a file",
    make: ({ repo }) => ChildProcess.execFileSync("mkfifo", [Path.join(repo, "src/one.txt")]),
    expected: { merge: [6, /src\/one\.txt/] }
  },
  {
    name: "a file of 50 MB with holes, untracked in the worktree",
    make: ({ tree }) => {
      write(tree, "huge.bin", "begins\n")
      Fs.truncateSync(Path.join(tree, "huge.bin"), 50 * megabyte)
    },
    expected: { merge: [7, /huge\.bin/] }
  },
  {
    name: "read-only files and folders in the worktree",
    make: ({ tree }) => {
      write(tree, "sealed/file.txt", "sealed\n")
      Fs.chmodSync(Path.join(tree, "sealed/file.txt"), 0o444)
      Fs.chmodSync(Path.join(tree, "sealed"), 0o555)
    },
    expected: { merge: [7, /sealed/] }
  }
]
