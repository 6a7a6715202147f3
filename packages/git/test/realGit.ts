/** The real git over the real file system, for tests: nothing of the user's own configuration reaches it. */
import * as Git from "@calm/git/Git"
import { type Environment, layerOf } from "@calm/process/Environment"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { it } from "@effect/vitest"
import { fail } from "@effect/vitest/utils"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"

export type Services = Git.Git | FileSystem.FileSystem | ProcessRunner.ProcessRunner

/** A home without a configuration, so that neither names nor settings of the machine's user play a part. */
const noHome = { HOME: "/nonexistent", XDG_CONFIG_HOME: undefined }

/** The real runner, with variables as if they were inherited; what git is told to unset of them is unset. */
export const runner = (inherited: Readonly<Record<string, string | undefined>>) =>
  Layer.effect(
    ProcessRunner.ProcessRunner,
    Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
      run: (request: ProcessRunner.Request) => run({ ...request, env: { ...noHome, ...inherited, ...request.env } }),
      converse: (interlocutor: ProcessRunner.Interlocutor) =>
        converse({ ...interlocutor, env: { ...noHome, ...inherited, ...interlocutor.env } })
    }))
  ).pipe(Layer.provide(ProcessRunner.layer))

export const environment = (
  variables: Readonly<Record<string, string | undefined>>
): Context.Tag.Service<typeof Environment> => ({
  variables,
  cwd: "/",
  home: "/nonexistent",
  user: "nobody",
  node: "node"
})

/** All of it, with these inherited variables beside the machine's own. */
export const realWith = (inherited: Readonly<Record<string, string | undefined>>): Layer.Layer<Services> =>
  Git.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(runner(inherited), NodeFileSystem.layer)),
    Layer.provide(layerOf(environment(inherited)))
  )

export const real: Layer.Layer<Services> = realWith({})

/** A folder of the test's own, with its links resolved as git reports it. */
export const temporaryFolder: Effect.Effect<string, PlatformError, FileSystem.FileSystem | Scope.Scope> = Effect.gen(
  function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* fs.realPath(yield* fs.makeTempDirectoryScoped({ prefix: "calm-git-" }))
  }
)

/** Runs git as a person would, and fails the test when git fails. Returns what it prints. */
export const git = Effect.fnUntraced(function* (cwd: string, ...args: ReadonlyArray<string>) {
  const { run } = yield* ProcessRunner.ProcessRunner
  const identity = {
    GIT_AUTHOR_NAME: "Test",
    GIT_AUTHOR_EMAIL: "test@localhost",
    GIT_COMMITTER_NAME: "Test",
    GIT_COMMITTER_EMAIL: "test@localhost",
    GIT_DIR: undefined
  }
  const exit = yield* run({ program: "git", args, cwd, env: identity, deadline: "60 seconds" })
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  if (exit.exitCode !== 0) fail(`git ${args.join(" ")}: ${text(exit.stdout)}${text(exit.stderr)}`)
  return text(exit.stdout).trimEnd()
})

/** A test with a repository `<folder>/repo` on `main` that has one commit with `README.md`. */
export const test = <A, E>(
  title: string,
  body: (world: {
    readonly folder: string
    readonly repo: string
    readonly fs: FileSystem.FileSystem
    readonly git: Context.Tag.Service<typeof Git.Git>
  }) => Effect.Effect<A, E, Services | Scope.Scope>,
  layer: Layer.Layer<Services> = real
): void =>
  it.live(
    title,
    () =>
      Effect.gen(function* () {
        const service = yield* Git.Git
        const fs = yield* FileSystem.FileSystem
        const folder = yield* temporaryFolder
        const repo = `${folder}/repo`
        yield* git(folder, "init", "--quiet", "--initial-branch=main", repo)
        yield* fs.writeFileString(`${repo}/README.md`, "hello\n")
        yield* git(repo, "add", "--all")
        yield* git(repo, "commit", "--quiet", "-m", "First")
        return yield* body({ folder, repo, fs, git: service })
      }).pipe(Effect.scoped, Effect.provide(layer)),
    60_000
  )

/** The value that must be there. */
export const some = <A>(option: Option.Option<A>): A =>
  Option.getOrElse(option, () => {
    fail("expected a value")
    throw new Error("expected a value")
  })

/** Git over a runner that notes what it starts: the words of a command, or that it is a conversation. */
export const noting = (started: Array<string>, asked: Array<string> = []): Layer.Layer<Git.Git> =>
  Git.layer.pipe(
    Layer.provide(
      Layer.effect(
        ProcessRunner.ProcessRunner,
        Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
          run: (request: ProcessRunner.Request) =>
            Effect.zipRight(
              Effect.sync(() => started.push(request.args.join(" "))),
              run(request)
            ),
          converse: (interlocutor: ProcessRunner.Interlocutor) =>
            Effect.zipRight(
              Effect.sync(() => started.push("conversation")),
              Effect.map(converse(interlocutor), ({ ask }): ProcessRunner.Conversation => ({
                ask: (question, lengthOf) =>
                  Effect.zipRight(
                    Effect.sync(() => asked.push(...String(question).split("\0").slice(0, -1))),
                    ask(question, lengthOf)
                  )
              }))
            )
        }))
      ).pipe(Layer.provide(runner({})))
    ),
    Layer.provide(Layer.merge(NodeFileSystem.layer, layerOf(environment({}))))
  )
