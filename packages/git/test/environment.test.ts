/** What surrounds git must not change what calm is told: variables, settings, hooks, aliases. */
import * as Git from "@calm/git/Git"
import { layerOf } from "@calm/process/Environment"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, it } from "@effect/vitest"
import {
  assertEquals,
  assertFalse,
  assertNone,
  assertSome,
  assertTrue,
  deepStrictEqual,
  strictEqual
} from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { environment, git, real, realWith, some, temporaryFolder, test } from "./realGit.ts"

/** A git that does whatever this runner does. */
type Run = (request: ProcessRunner.Request) => Effect.Effect<ProcessRunner.Exit, ProcessRunner.ProcessError>

const runnerOf = (run: Run) =>
  Layer.succeed(ProcessRunner.ProcessRunner, { run, converse: ProcessRunner.conversing(run) })

const over = (run: Run) =>
  Git.layer.pipe(
    Layer.provide(runnerOf(run)),
    Layer.provide(Layer.mergeAll(NodeFileSystem.layer, layerOf(environment({}))))
  )

const said = (exitCode: number | null, stdout: string, stderr = ""): ProcessRunner.Exit => ({
  exitCode,
  signal: exitCode === null ? "SIGSEGV" : null,
  stdout: new TextEncoder().encode(stdout),
  stderr: new TextEncoder().encode(stderr),
  truncated: false,
  duration: 1
})

describe("the git that is installed", () => {
  const version = (answer: ProcessRunner.Exit) =>
    Effect.flatMap(Git.Git, (service) => service.version).pipe(Effect.provide(over(() => Effect.succeed(answer))))

  it.effect("a vendor's suffix, a Windows build and a release candidate are understood", () =>
    Effect.gen(function* () {
      strictEqual(yield* version(said(0, "git version 2.39.5 (Apple Git-154)\n")), "2.39.5")
      strictEqual(yield* version(said(0, "git version 2.45.1.windows.1\n")), "2.45.1")
      strictEqual(yield* version(said(0, "git version 2.51.0-rc1\n")), "2.51.0")
      strictEqual(yield* version(said(0, "git version 3.0.GIT\n")), "3.0")
    })
  )

  it.effect("an older git is named with its version", () =>
    Effect.gen(function* () {
      assertEquals(
        yield* Effect.flip(version(said(0, "git version 2.37.9\n"))),
        new Git.GitMissing({ found: "2.37.9" })
      )
    })
  )

  it.effect("a program that is not git is a failure, not an old git", () =>
    Effect.gen(function* () {
      strictEqual((yield* Effect.flip(version(said(0, "hub is not git\n"))))._tag, "GitFailed")
    })
  )

  it.effect("no git at all is GitMissing, for every method", () =>
    Effect.gen(function* () {
      const service = yield* Git.Git
      const missing = new Git.GitMissing({ found: null })
      assertEquals(yield* Effect.flip(service.version), missing)
      assertEquals(yield* Effect.flip(Effect.asVoid(service.status("/repo"))), missing)
    }).pipe(Effect.provide(over(() => new ProcessRunner.ProgramMissing({ program: "git", code: "ENOENT" }))))
  )

  it.effect("a git that takes too long is told with its deadline", () =>
    Effect.gen(function* () {
      const service = yield* Git.Git
      assertEquals(
        yield* Effect.flip(Effect.asVoid(service.head("/repo"))),
        new Git.GitTimedOut({ operation: "read HEAD of a checkout", deadline: 30_000 })
      )
    }).pipe(
      Effect.provide(over(() => new ProcessRunner.ProgramTimedOut({ program: "git", deadline: 30_000, tail: "" })))
    )
  )

  it.effect("a git that crashes, or whose answer is cut off, is a failure", () =>
    Effect.gen(function* () {
      const crashed = yield* Effect.flip(version(said(null, "git version 2.40.0\n")))
      strictEqual(crashed.message, "git could not tell its version: ended by SIGSEGV")
      const cut = yield* Effect.flip(version({ ...said(0, "git version 2.40.0\n"), truncated: true }))
      strictEqual(cut._tag, "GitFailed")
    })
  )

  it.effect("a folder that belongs to somebody else is told in git's words, without advice", () =>
    Effect.gen(function* () {
      const stderr =
        "hint: some advice\nfatal: detected dubious ownership in repository at '/repo'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /repo\n"
      const error = yield* Effect.flatMap(Git.Git, (service) =>
        Effect.flip(Effect.asVoid(service.status("/repo")))
      ).pipe(Effect.provide(over(() => Effect.succeed(said(128, "", stderr)))))
      strictEqual(
        error.message,
        "git could not read the status of a checkout: detected dubious ownership in repository at '/repo'"
      )
      assertTrue(
        error._tag === "GitFailed" && error.detail.includes("safe.directory") && !error.detail.includes("advice")
      )
    })
  )
})

describe("inherited variables", () => {
  it.live("GIT_DIR, GIT_INDEX_FILE and settings in variables do not mislead", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* git(folder, "init", "--quiet", "-b", "main", `${folder}/right`)
      yield* git(folder, "init", "--quiet", "-b", "wrong", `${folder}/wrong`)
      const inherited = {
        GIT_DIR: `${folder}/wrong/.git`,
        GIT_WORK_TREE: `${folder}/wrong`,
        GIT_INDEX_FILE: `${folder}/wrong/.git/index`,
        GIT_CONFIG_PARAMETERS: "'user.name'='Somebody else'",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "user.email",
        GIT_CONFIG_VALUE_0: "else@localhost",
        GIT_TRACE: "1",
        GIT_EXTERNAL_DIFF: "false"
      }
      yield* Effect.gen(function* () {
        const service = yield* Git.Git
        assertSome((yield* service.head(`${folder}/right`)).branch, "refs/heads/main")
        assertNone(yield* service.userName(`${folder}/right`))
      }).pipe(Effect.provide(realWith(inherited)))
    }).pipe(Effect.scoped, Effect.provide(real))
  )

  it.effect("no question can be asked, and everything of git's own that is inherited is unset", () =>
    Effect.gen(function* () {
      const seen: Array<ProcessRunner.Request> = []
      const layer = Git.layer.pipe(
        Layer.provide(
          runnerOf((request) =>
            Effect.sync(() => {
              seen.push(request)
              return said(0, "git version 2.40.0\n")
            })
          )
        ),
        Layer.provide(
          Layer.mergeAll(NodeFileSystem.layer, layerOf(environment({ GIT_SSH: "x", GIT_ASKPASS: "y", PATH: "z" })))
        )
      )
      yield* Effect.flatMap(Git.Git, (service) => service.version).pipe(Effect.provide(layer))
      const env = seen[0]?.env ?? {}
      assertTrue("GIT_SSH" in env && env["GIT_SSH"] === undefined)
      strictEqual(env["GIT_ASKPASS"], "")
      strictEqual(env["GIT_TERMINAL_PROMPT"], "0")
      strictEqual(env["GIT_OPTIONAL_LOCKS"], "0")
      strictEqual(env["LC_ALL"], "C")
      assertFalse("PATH" in env)
    })
  )
})

describe("reaching a remote", () => {
  /** The variables that `git fetch` gets with these inherited and this `core.sshCommand`. */
  const reaching = Effect.fnUntraced(function* (inherited: Readonly<Record<string, string>>, configured = "") {
    const seen: Array<ProcessRunner.Request> = []
    const runner = runnerOf((request) =>
      Effect.sync(() => {
        seen.push(request)
        return request.args.includes("config") && configured === "" ? said(1, "") : said(0, `${configured}\0`)
      })
    )
    const upstream = { remote: "origin", remoteRef: "refs/heads/main", trackingRef: "refs/remotes/origin/main" }
    yield* Effect.flatMap(Git.Git, (service) => service.fetch("/repo", upstream)).pipe(
      Effect.provide(
        Git.layer.pipe(Layer.provide(Layer.mergeAll(runner, NodeFileSystem.layer, layerOf(environment(inherited)))))
      )
    )
    return seen.at(-1)?.env ?? {}
  })

  it.effect("ssh is told never to ask, in the way the user calls it", () =>
    Effect.gen(function* () {
      const command = (inherited: Readonly<Record<string, string>>, configured?: string) =>
        Effect.map(reaching(inherited, configured), (env) => env["GIT_SSH_COMMAND"])
      strictEqual(yield* command({}), "ssh -o BatchMode=yes")
      strictEqual(yield* command({ GIT_SSH_COMMAND: "ssh -i key" }, "other"), "ssh -i key -o BatchMode=yes")
      strictEqual(yield* command({}, "/usr/bin/ssh -p 22"), "/usr/bin/ssh -p 22 -o BatchMode=yes")
      strictEqual(yield* command({ GIT_SSH_COMMAND: "plink -batch" }), "plink -batch")
      strictEqual(yield* command({ GIT_SSH: "/opt/own-ssh" }), undefined)
    })
  )

  it.effect("certificates and programs that the environment names are kept, and nothing else of git's", () =>
    Effect.gen(function* () {
      const env = yield* reaching({ GIT_SSH: "/opt/own-ssh", GIT_SSL_CAINFO: "/ca.pem", GIT_DIR: "/elsewhere" })
      strictEqual(env["GIT_SSH"], "/opt/own-ssh")
      strictEqual(env["GIT_SSL_CAINFO"], "/ca.pem")
      assertTrue("GIT_DIR" in env && env["GIT_DIR"] === undefined)
    })
  )
})

describe("the repository's settings", () => {
  test("do not change what status, changes and listings tell", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      const settings = {
        "status.showUntrackedFiles": "no",
        "status.relativePaths": "true",
        "status.renames": "copies",
        "status.branch": "true",
        "status.showStash": "true",
        "core.quotePath": "true",
        "core.fsmonitor": "/bin/false",
        "diff.renames": "copies",
        "diff.noprefix": "true",
        "diff.external": "/bin/false",
        "diff.ignoreSubmodules": "all",
        "log.showSignature": "true",
        "log.date": "relative",
        "column.ui": "always",
        "color.ui": "always",
        "core.abbrev": "4",
        "alias.status": "log"
      }
      for (const [key, value] of Object.entries(settings)) yield* git(repo, "config", key, value)
      yield* fs.writeFileString(`${repo}/a longer name ü.txt`, "a text that is moved\n")
      deepStrictEqual(yield* service.status(repo), [{ path: "a longer name ü.txt", state: "untracked" }])
      const from = some(yield* service.commit({ checkout: repo, message: "Add", include: "all" }))
      yield* fs.rename(`${repo}/a longer name ü.txt`, `${repo}/moved.txt`)
      const to = some(yield* service.commit({ checkout: repo, message: "Move", include: "all" }))
      deepStrictEqual(
        (yield* service.changes(repo, from, to)).map((c) => `${c.status} ${c.path}`),
        ["D a longer name ü.txt", "A moved.txt"]
      )
      deepStrictEqual(yield* service.commitsBetween(repo, from, to, 5), [{ commit: to, subject: "Move" }])
      deepStrictEqual(
        (yield* service.listFiles(repo, to, "")).map((e) => e.path),
        ["README.md", "moved.txt"]
      )
    }))

  test("do not sign, edit, clean or prefix a commit", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      yield* git(repo, "config", "commit.gpgSign", "true")
      yield* git(repo, "config", "gpg.program", "/bin/false")
      yield* git(repo, "config", "commit.template", `${repo}/README.md`)
      yield* git(repo, "config", "commit.cleanup", "strip")
      yield* git(repo, "config", "commit.verbose", "true")
      yield* git(repo, "config", "core.commentChar", "M")
      yield* fs.writeFileString(`${repo}/new.txt`, "n")
      const message = "My subject\n\nMore of it   \n# not a comment\n\n\n"
      const tip = some(yield* service.commit({ checkout: repo, message, include: "all" }))
      strictEqual(
        yield* git(repo, "cat-file", "commit", tip).pipe(Effect.map((raw) => raw.slice(raw.indexOf("\n\n") + 2))),
        message.trimEnd()
      )
      const tree = some(yield* service.resolve(repo, "HEAD"))
      const parent = yield* git(repo, "rev-parse", "HEAD^{tree}")
      strictEqual(parent.length, tree.length)
    }))

  test("cannot turn a fast-forward into anything else", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const root = some(yield* service.resolve(repo, "HEAD"))
      const other = `${folder}/other`
      yield* service.addWorktree({ repo, path: other, branch: "next", start: Option.some(root) })
      yield* fs.writeFileString(`${other}/new.txt`, "n")
      const to = some(yield* service.commit({ checkout: other, message: "Next", include: "all" }))
      const settings = {
        "merge.ff": "false",
        "pull.rebase": "true",
        "pull.ff": "only",
        "merge.autoStash": "true",
        "merge.verifySignatures": "true",
        "branch.main.mergeOptions": "--squash -s ours",
        "branch.main.rebase": "true"
      }
      for (const [key, value] of Object.entries(settings)) yield* git(repo, "config", key, value)
      yield* fs.writeFileString(`${repo}/README.md`, "mine\n")
      yield* service.fastForward({ checkout: repo, to })
      assertSome(yield* service.resolve(repo, "refs/heads/main"), to)
      deepStrictEqual(yield* service.status(repo), [{ path: "README.md", state: "unstaged" }])
      strictEqual(yield* git(repo, "stash", "list"), "")
    }))

  test("a user's name comes from the configuration, and a commit without one is calm's", ({ fs, git: service, repo }) =>
    Effect.gen(function* () {
      assertNone(yield* service.userName(repo))
      yield* fs.writeFileString(`${repo}/a.txt`, "a")
      yield* service.commit({ checkout: repo, message: "Anonymous", include: "all" })
      const who = git(repo, "log", "-1", "--format=%an <%ae> / %cn <%ce>")
      strictEqual(yield* who, "calm <calm@localhost> / calm <calm@localhost>")
      yield* git(repo, "config", "user.name", "Ünï Cöde")
      assertSome(yield* service.userName(repo), "Ünï Cöde")
      yield* fs.writeFileString(`${repo}/a.txt`, "b")
      yield* service.commit({ checkout: repo, message: "Half", include: "all" })
      strictEqual(yield* who, "Ünï Cöde <calm@localhost> / Ünï Cöde <calm@localhost>")
      assertNone(yield* service.userEmail(repo))
      yield* git(repo, "config", "user.email", "u@example.org")
      assertSome(yield* service.userEmail(repo), "u@example.org")
      yield* fs.writeFileString(`${repo}/a.txt`, "c")
      yield* service.commit({ checkout: repo, message: "Whole", include: "all" })
      strictEqual(yield* who, "Ünï Cöde <u@example.org> / Ünï Cöde <u@example.org>")
    }))
})

describe("hooks", () => {
  test("none runs, whatever calm does", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const hooks = [
        "pre-commit",
        "commit-msg",
        "prepare-commit-msg",
        "post-commit",
        "post-checkout",
        "post-merge",
        "post-index-change",
        "reference-transaction",
        "pre-merge-commit"
      ]
      yield* fs.makeDirectory(`${repo}/.git/hooks`, { recursive: true })
      for (const hook of hooks) {
        yield* fs.writeFileString(`${repo}/.git/hooks/${hook}`, `#!/bin/sh\necho ${hook} >> "${folder}/ran"\nexit 1\n`)
        yield* fs.chmod(`${repo}/.git/hooks/${hook}`, 0o755)
      }
      yield* git(repo, "config", "core.hooksPath", `${repo}/.git/hooks`)
      const root = some(yield* service.resolve(repo, "HEAD"))
      const other = `${folder}/other`
      yield* service.addWorktree({ repo, path: other, branch: "next", start: Option.some(root) })
      yield* fs.writeFileString(`${other}/new.txt`, "n")
      yield* service.snapshot(other, "Rescue")
      const to = some(yield* service.commit({ checkout: other, message: "Next", include: "all" }))
      yield* service.fastForward({ checkout: repo, to })
      yield* service.updateRef({ repo, ref: "refs/calm/x", from: Option.none(), to: Option.some(to), reason: "test" })
      assertFalse(yield* fs.exists(`${folder}/ran`))
      assertSome(yield* service.resolve(repo, "refs/calm/x"), to)
    }))
})
