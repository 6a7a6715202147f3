import * as Git from "@calm/git/Git"
import * as Environment from "@calm/process/Environment"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as World from "../../fixtures/world.ts"
import { hunt } from "../hostile/hunt.ts"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import * as Mutations from "./mutations.ts"
import { make, type Question, questions, type Repository } from "./questions.ts"

const environment = Environment.layerOf({ variables: {}, cwd: "/", home: "/", user: "me", node: "node" })

const gitOver = (runner: Layer.Layer<ProcessRunner.ProcessRunner>) =>
  Git.layer.pipe(Layer.provide(Layer.mergeAll(runner, NodeFileSystem.layer, environment)))

/** What git was asked, and what it said. */
interface Said {
  readonly args: string
  readonly stdin: string
  readonly exit: ProcessRunner.Exit
}

const ended: Omit<ProcessRunner.Exit, "stdout"> = {
  exitCode: 0,
  signal: null,
  stderr: new Uint8Array(0),
  truncated: false,
  duration: 1
}

const keyOf = ({ args, stdin = "" }: ProcessRunner.Request) => ({
  args: JSON.stringify(args),
  stdin: Buffer.from(stdin).toString("latin1")
})

/** The true git, with each of its answers written down. */
const recorded = Effect.fnUntraced(function* (question: Question, world: Repository) {
  const said: Array<Said> = []
  const recording = Layer.effect(
    ProcessRunner.ProcessRunner,
    Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
      run: (request: ProcessRunner.Request) =>
        Effect.tap(run(request), (exit) => Effect.sync(() => said.push({ ...keyOf(request), exit }))),
      converse: (interlocutor: ProcessRunner.Interlocutor) =>
        Effect.map(converse(interlocutor), ({ ask }): ProcessRunner.Conversation => ({
          ask: (question, lengthOf) =>
            Effect.tap(ask(question, lengthOf), (stdout) =>
              Effect.sync(() =>
                said.push({ ...keyOf({ ...interlocutor, stdin: question }), exit: { ...ended, stdout } })
              )
            )
        }))
    }))
  ).pipe(Layer.provide(ProcessRunner.layer))
  const answer = yield* Effect.flatMap(Git.Git, (git) => question.ask(git, world)).pipe(
    Effect.provide(gitOver(recording))
  )
  assert.isTrue(Schema.is(question.answer)(answer), `${question.name}: ${JSON.stringify(answer)}`)
  return said
})

const silent: Mutations.Mutation = { kind: "silent", at: 0, length: 0, bytes: new Uint8Array(0), exit: 0 }

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 300) ?? "nothing"

it.scopedLive(
  "whatever git prints, each question ends with a value that looks like one, or with an error of git",
  () =>
    Effect.gen(function* () {
      const base = yield* World.folder
      const world = make(base)
      const known: Array<{ readonly question: Question; readonly said: ReadonlyArray<Said> }> = []
      for (const question of questions) known.push({ question, said: yield* recorded(question, world) })
      // From now on nothing is done: where a worktree was made, it has to seem that none is.
      World.git(world.repo, "worktree", "remove", `${world.repo}-added`)
      const everything = known.flatMap(({ said }) => said)

      let playing: ReadonlyArray<Said> = []
      let wrong: { readonly at: number; readonly mutation: Mutations.Mutation; readonly other: Uint8Array } | undefined
      let turn = 0
      const scripted = ProcessRunner.layerScripted(() => {
        const now = turn++
        const said = playing[now]?.exit
        if (said === undefined) return { exitCode: 128, stderr: "fatal: asked for more than was written down\n" }
        const { exitCode, signal, stderr, stdout } = said
        if (wrong?.at !== now) return { stdout, stderr, exitCode: exitCode ?? 0, signal: signal ?? undefined }
        const { mutation, other } = wrong
        const end = mutation.exit ?? exitCode ?? 0
        return {
          stdout: Mutations.damaged(stdout, other, mutation),
          stderr,
          ...(typeof end === "string" ? { signal: end } : { exitCode: end })
        }
      })

      const git = yield* Effect.provide(Git.Git, gitOver(scripted))
      /** What is wrong with what a question comes to when one of the answers of git is damaged. */
      const attempt = Effect.fnUntraced(function* (
        { question, said }: (typeof known)[number],
        mutation: Mutations.Mutation,
        at: number,
        other: Uint8Array
      ) {
        playing = said
        turn = 0
        wrong = { at, mutation, other }
        const exit = yield* Effect.exit(question.ask(git, world))
        const asked = `${question.name}, answer ${at + 1} of ${said.length} ${Mutations.told(mutation)}`
        if (Exit.isSuccess(exit)) {
          if (!Schema.is(question.answer)(exit.value)) return [`${asked}: misread as ${shown(exit.value)}`]
          if (mutation === silent && at === 0 && question.silence !== true)
            return [`${asked}: silence was understood as ${shown(exit.value)}`]
        } else if (Cause.isDie(exit.cause)) return [`${asked}: ${Cause.pretty(exit.cause).slice(0, 600)}`]
        return []
      })

      const silences: Array<string> = []
      for (const each of known)
        for (const [at] of each.said.entries()) silences.push(...(yield* attempt(each, silent, at, new Uint8Array(0))))
      const hunted = yield* hunt(
        FastCheck.record({
          question: FastCheck.constantFrom(...known.map(({ question }) => question.name)),
          answer: FastCheck.nat(),
          other: FastCheck.nat(),
          mutation: Mutations.mutation
        }),
        scaled(1000, 20_000),
        Effect.fnUntraced(function* ({ answer, mutation, other, question: name }) {
          const each = known.find(({ question }) => question.name === name)
          const theirs = everything[other % everything.length]?.exit.stdout
          return each === undefined || theirs === undefined
            ? [`there is no question ${name}`]
            : yield* attempt(each, mutation, answer % each.said.length, theirs)
        }),
        Effect.succeed
      )
      const losses = [...silences, ...hunted.losses]
      report({
        suite: "programs",
        what: "inputs",
        tried: everything.length + hunted.tried,
        losses: losses.length,
        note: `the slowest took ${hunted.slowest.millis} ms of the processor`
      })
      assert.deepStrictEqual(losses.slice(0, 20), [])
    }),
  scaled(300_000, 1_800_000)
)
