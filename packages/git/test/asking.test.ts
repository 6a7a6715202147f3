/** The git that goes on answering: how many are started, and what becomes of answers that are none. */
import * as Git from "@calm/git/Git"
import { Sha } from "@calm/domain/Ids"
import { layerOf } from "@calm/process/Environment"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { describe, it } from "@effect/vitest"
import { assertEquals, assertNone, assertSome, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { environment, git, noting, runner, some, test } from "./realGit.ts"

describe("the git that goes on answering", () => {
  test("one answers what is asked about names and objects of a repository, and refs are looked up anew", ({ repo }) => {
    const started: Array<string> = []
    return Effect.gen(function* () {
      const service = yield* Git.Git
      const first = some(yield* service.resolve(repo, "main"))
      yield* git(repo, "commit", "--quiet", "--allow-empty", "-m", "Second")
      const second = some(yield* service.resolve(repo, "refs/heads/main"))
      assertSome(yield* service.resolve(repo, "main~1"), first)
      yield* git(repo, "pack-refs", "--all")
      assertSome(yield* service.resolve(repo, "main"), second)
      yield* git(repo, "update-ref", "refs/heads/main", first)
      assertSome(yield* service.resolve(repo, "main"), first)
      yield* git(repo, "gc", "--quiet", "--prune=now")
      assertSome(yield* service.mergeBase(repo, second, first), first)
      deepStrictEqual(
        (yield* service.listFiles(repo, first, "")).map(({ path }) => path),
        ["README.md"]
      )
      deepStrictEqual(yield* service.changes(repo, first, second), [])
      assertNone(yield* service.readFile(repo, first, "nope"))
      assertNone(yield* service.resolve(repo, "main@{upstream}~1"))
      deepStrictEqual(yield* service.head(repo), {
        commit: yield* service.resolve(repo, "main"),
        branch: (yield* service.head(repo)).branch
      })
      assertNone(yield* service.aliasOf(repo, "refs/heads/main"))
      deepStrictEqual(
        started.filter((each) => each !== "conversation").map((each) => each.split(" ").at(-1)),
        // Git ends over an upstream that is not there, and another one is asked.
        ["--git-dir"]
      )
      strictEqual(started.filter((each) => each === "conversation").length, 2)
    }).pipe(Effect.provide(noting(started)))
  })

  test("it ends when nobody has asked for a while, and another one is asked then", ({ repo }) => {
    const heard: Array<string> = []
    const watched = Layer.effect(
      ProcessRunner.ProcessRunner,
      Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
        run,
        converse: (interlocutor: ProcessRunner.Interlocutor) =>
          Effect.zipRight(
            Effect.acquireRelease(
              Effect.sync(() => heard.push("begins")),
              () => Effect.sync(() => heard.push("ends"))
            ),
            converse(interlocutor)
          )
      }))
    ).pipe(Layer.provide(runner({})))
    const layer = Git.layer.pipe(
      Layer.provide(watched),
      Layer.provide(Layer.merge(NodeFileSystem.layer, layerOf(environment({}))))
    )
    return Effect.gen(function* () {
      const service = yield* Git.Git
      const first = yield* service.resolve(repo, "main")
      yield* Effect.repeat(Effect.sleep("100 millis"), { until: () => heard.includes("ends") })
      deepStrictEqual(yield* service.resolve(repo, "main"), first)
      deepStrictEqual(heard, ["begins", "ends", "begins"])
    }).pipe(Effect.provide(layer))
  })

  test("an object is asked for once, a name each time", ({ repo }) => {
    const asked: Array<string> = []
    return Effect.gen(function* () {
      const service = yield* Git.Git
      const commit = some(yield* service.resolve(repo, "main"))
      const during = <A, E>(effect: Effect.Effect<A, E>) =>
        Effect.suspend(() => {
          asked.length = 0
          return Effect.map(effect, () => asked.map((question) => question.split(" ")[0]))
        })
      const file = service.readFile(repo, commit, "README.md")
      for (const questions of [["info", "contents"], []]) deepStrictEqual(yield* during(file), questions)
      const files = service.listFiles(repo, commit, "")
      for (const questions of [["contents"], []]) deepStrictEqual(yield* during(files), questions)
      for (const _ of [1, 2]) deepStrictEqual(yield* during(service.readFile(repo, commit, "nope")), ["contents"])
      const none = Sha.make("1".repeat(40))
      for (const _ of [1, 2]) deepStrictEqual(yield* during(service.resolve(repo, none)), ["info"])
      for (const _ of [1, 2]) deepStrictEqual(yield* during(service.resolve(repo, "main~0")), ["info"])
    }).pipe(Effect.provide(noting([], asked)))
  })

  test("another repository in the place of one is asked itself", ({ folder, fs, git: service, repo }) =>
    Effect.gen(function* () {
      const first = yield* service.resolve(repo, "main")
      yield* fs.rename(repo, `${folder}/moved`)
      strictEqual((yield* Effect.flip(service.resolve(repo, "main")))._tag, "GitFailed")
      yield* git(folder, "init", "--quiet", "--initial-branch=main", repo)
      assertNone(yield* service.resolve(repo, "main"))
      deepStrictEqual(yield* service.resolve(`${folder}/moved`, "main"), first)
    }))

  /** What a git says that answers each question so. */
  const lying = (answer: (question: string) => ProcessRunner.Script) =>
    Git.layer.pipe(
      Layer.provide(
        Layer.mergeAll(
          ProcessRunner.layerScripted(({ args, stdin }) =>
            args.includes("cat-file")
              ? answer(typeof stdin === "string" ? stdin : "")
              : { stdout: "git version 2.34.1\n" }
          ),
          NodeFileSystem.layer,
          layerOf(environment({}))
        )
      )
    )
  const commit = "1".repeat(40)
  const tree = "2".repeat(40)
  const resolved = (script: ProcessRunner.Script) =>
    Effect.flatMap(Git.Git, (service) => Effect.flip(service.resolve("/", "main"))).pipe(
      Effect.provide(lying(() => script))
    )

  it.live("an answer that does not fit its question is a failure, never none", () =>
    Effect.gen(function* () {
      for (const stdout of [
        "",
        "\n",
        "garbage\n",
        `${commit} commit\n`,
        `${commit} thing 12\n`,
        `${commit.slice(1)} commit 12\n`,
        `${commit} commit 12\n${commit} commit 12\n`,
        "other^{commit} missing\n",
        "main^{commit} missing",
        "x".repeat(100_000)
      ])
        strictEqual((yield* resolved({ stdout }))._tag, "GitFailed", JSON.stringify(stdout.slice(0, 80)))
    })
  )

  it.live("an object under another name, or cut off, is a failure", () =>
    Effect.gen(function* () {
      const listed = (said: string) =>
        Effect.flatMap(Git.Git, (service) => Effect.flip(service.committedAt("/", Sha.make(commit)))).pipe(
          Effect.provide(lying(() => ({ stdout: said })))
        )
      const content = `tree ${tree}\ncommitter A <a@b> 12 +0000\n\n`
      for (const said of [
        `${tree} commit ${content.length}\n${content}\n`,
        `${commit} commit ${content.length + 1}\n${content}\n`,
        `${commit} commit ${content.length}\n${content}x`,
        `${commit} tree 3\nabc\n`
      ])
        strictEqual((yield* listed(said))._tag, "GitFailed", said)
    })
  )

  it.live("a git that is too old to go on answering is told with its version", () =>
    Effect.gen(function* () {
      assertEquals(
        yield* resolved({ exitCode: 129, stderr: "error: unknown option `batch-command'\nusage: git cat-file\n" }),
        new Git.GitMissing({ found: "2.34.1" })
      )
    })
  )
})

describe("what changed between two trees", () => {
  test("is what git tells, for modes, links, submodules, folders in place of files and names that are no text", ({
    git: service,
    repo
  }) =>
    Effect.gen(function* () {
      const sides = [
        `mkdir -p a/b c && echo 1 >a/b/x && echo 1 >a/y && echo 1 >c/z && echo 1 >file && echo 1 >mode && ln -s file link &&
         echo 1 >typed && printf 1 >"$(printf 'odd\\\\377')" && echo 1 >'new
line' && git init -q sub && git -C sub commit -q --allow-empty -m 1`,
        `rm -r a/b c && echo 1 >a/b && echo 1 >c && rm file && mkdir file && echo 1 >file/in && chmod +x mode && rm link &&
         echo 2 >link && rm typed && ln -s mode typed && printf 2 >"$(printf 'odd\\\\377')" &&
         git -C sub commit -q --allow-empty -m 2 && mkdir -p deep/er && echo 1 >deep/er/one && rm 'new
line'`
      ]
      for (const side of sides)
        yield* git(repo, "-c", `alias.side=!${side} && git add -A && git commit -qm side`, "side")
      const [from, to] = [some(yield* service.resolve(repo, "main~1")), some(yield* service.resolve(repo, "main"))]
      for (const [before, after] of [
        [from, to],
        [to, from]
      ] as const) {
        const said = (yield* git(repo, "diff-tree", "-r", "-z", "--raw", "--no-abbrev", before, after)).split("\0")
        const told = new Map<string, string>()
        for (let at = 0; at + 1 < said.length; at += 2) told.set(said[at + 1] ?? "", said[at] ?? "")
        const changes = yield* service.changes(repo, before, after)
        deepStrictEqual(
          changes.map((c) => `:${c.oldMode} ${c.newMode} ${c.oldObject} ${c.newObject} ${c.status}`).toSorted(),
          [...told.values()].toSorted()
        )
        deepStrictEqual(
          changes.map(({ path }) => path.replace("\\xff", "\ufffd")).toSorted(),
          [...told.keys()].toSorted()
        )
      }
    }))
})
