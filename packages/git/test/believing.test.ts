/** What git says is not always so: done where nothing was, and broken where another git is just at work. */
import * as Git from "@calm/git/Git"
import { layerOf } from "@calm/process/Environment"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assertNone, assertSome, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { describe } from "@effect/vitest"
import { environment, runner, test } from "./realGit.ts"

const done: ProcessRunner.Exit = {
  exitCode: 0,
  signal: null,
  stdout: new Uint8Array(),
  stderr: new Uint8Array(),
  truncated: false,
  duration: 0
}

/** The real git, but that some commands are answered in its place. */
const answering = (answer: (request: ProcessRunner.Request) => ProcessRunner.Exit | undefined) =>
  Git.layer.pipe(
    Layer.provide(
      Layer.effect(
        ProcessRunner.ProcessRunner,
        Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
          converse,
          run: (request: ProcessRunner.Request) => {
            const given = answer(request)
            return given === undefined ? run(request) : Effect.succeed(given)
          }
        }))
      ).pipe(Layer.provide(runner({})))
    ),
    Layer.provide(Layer.merge(NodeFileSystem.layer, layerOf(environment({}))))
  )

const addsWorktree = ({ args }: ProcessRunner.Request) => args.includes("worktree") && args.includes("add")

describe("a git that meets a worktree which another git is just making", () => {
  test("is asked again in a moment", ({ folder, git: real, repo }) => {
    const stderr = new TextEncoder().encode("fatal: failed to read .git/worktrees/OTHER/commondir: Success\n")
    let met = 0
    const meeting = answering((request) =>
      addsWorktree(request) && met++ < 2 ? { ...done, exitCode: 128, stderr } : undefined
    )
    return Effect.gen(function* () {
      const service = yield* Git.Git
      const path = `${folder}/tree`
      yield* service.addWorktree({ repo, path, branch: "topic", start: yield* real.resolve(repo, "main") })
      strictEqual((yield* real.worktrees(repo)).length, 2)
      strictEqual(met, 3)
    }).pipe(Effect.provide(meeting))
  })
})

describe("a git that does nothing and calls it done", () => {
  test("has added no worktree, and the branch that was made for it is taken back", ({ folder, git: real, repo }) =>
    Effect.gen(function* () {
      const service = yield* Git.Git
      const start = yield* real.resolve(repo, "main")
      const path = `${folder}/tree`
      const error = yield* Effect.flip(service.addWorktree({ repo, path, branch: "topic", start }))
      strictEqual(error._tag, "GitFailed")
      assertNone(yield* real.resolve(repo, "refs/heads/topic"))
    }).pipe(Effect.provide(answering((request) => (addsWorktree(request) ? done : undefined)))))

  for (const [how, stdout] of [
    ["without a word", ""],
    ["with words that are none of its own", "\u0001garbage"]
  ] as const)
    test(`has saved no uncommitted file, ${how}`, ({ git: real, repo }) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        yield* fs.writeFileString(`${repo}/new.txt`, "new\n")
        const service = yield* Git.Git
        const error = yield* Effect.flip(service.snapshot(repo, "Uncommitted"))
        strictEqual(error._tag, "GitFailed")
        assertSome(
          Option.map(yield* real.snapshot(repo, "Uncommitted"), () => "saved"),
          "saved"
        )
      }).pipe(
        Effect.provide(
          answering(({ args }) =>
            args.includes("add") && args.includes("--all")
              ? { ...done, stdout: new TextEncoder().encode(stdout) }
              : undefined
          )
        )
      ))
})
