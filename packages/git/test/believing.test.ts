/** A git that does nothing and calls it done is not believed: what is not there would be counted on. */
import * as Git from "@calm/git/Git"
import { layerOf } from "@calm/process/Environment"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assertNone, strictEqual } from "@effect/vitest/utils"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
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

/** The real git, but that commands with these words do nothing. */
const idleAt = (...words: ReadonlyArray<string>) =>
  Git.layer.pipe(
    Layer.provide(
      Layer.effect(
        ProcessRunner.ProcessRunner,
        Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
          converse,
          run: (request: ProcessRunner.Request) =>
            words.every((word) => request.args.includes(word)) ? Effect.succeed(done) : run(request)
        }))
      ).pipe(Layer.provide(runner({})))
    ),
    Layer.provide(Layer.merge(NodeFileSystem.layer, layerOf(environment({}))))
  )

describe("a git that meets a worktree which another git is just making", () => {
  test("is asked again in a moment", ({ folder, git: real, repo }) => {
    const said = new TextEncoder().encode("fatal: failed to read .git/worktrees/OTHER/commondir: Success\n")
    let met = 0
    const meeting = Git.layer.pipe(
      Layer.provide(
        Layer.effect(
          ProcessRunner.ProcessRunner,
          Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
            converse,
            run: (request: ProcessRunner.Request) =>
              request.args.includes("worktree") && met++ < 2
                ? Effect.succeed({ ...done, exitCode: 128, stderr: said })
                : run(request)
          }))
        ).pipe(Layer.provide(runner({})))
      ),
      Layer.provide(Layer.merge(NodeFileSystem.layer, layerOf(environment({}))))
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
    }).pipe(Effect.provide(idleAt("worktree", "add"))))
})
