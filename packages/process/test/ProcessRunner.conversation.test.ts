import * as ProcessRunner from "@calm/process/ProcessRunner"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { hasEnded, node } from "./fixtures.ts"

/** Answers each line with its pid and the length of the line; `never` not at all, `late` with a second line afterwards. */
const answering = (more: string = ""): ProcessRunner.Interlocutor =>
  node(`${more}
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "never") return
  process.stdout.write(process.pid + " " + line.length + "\\n")
  if (line === "late") setTimeout(() => process.stdout.write("more\\n"), 20)
})`)

const oneLine = (printed: Uint8Array): number | undefined => {
  const end = printed.indexOf(10)
  return end === -1 ? undefined : end + 1
}

const start = (interlocutor: ProcessRunner.Interlocutor) =>
  Effect.flatMap(ProcessRunner.ProcessRunner, ({ converse }) => converse(interlocutor))

const asked = Effect.fnUntraced(function* ({ ask }: ProcessRunner.Conversation, question: string) {
  return ProcessRunner.text(yield* ask(`${question}\n`, oneLine)).trimEnd()
})

const pidOf = (conversation: ProcessRunner.Conversation) =>
  Effect.map(asked(conversation, "pid"), (answer) => Number(answer.split(" ")[0]))

describe("ProcessRunner: conversations", () => {
  it.live("nothing is left of a program once its scope has ended, whether it listens or not", () =>
    Effect.gen(function* () {
      for (const program of [
        answering(),
        {
          ...answering("process.stdin.on('end', () => {}); setInterval(() => {}, 1000);"),
          grace: "100 millis" as const
        },
        { ...answering("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);"), grace: "100 millis" as const }
      ]) {
        const pid = yield* Effect.scoped(Effect.flatMap(start(program), pidOf))
        assert.isTrue(yield* hasEnded(pid))
      }
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("a program that was started where nothing can be interrupted ends with its scope, too", () =>
    Effect.gen(function* () {
      const pid = yield* Effect.scoped(Effect.flatMap(Effect.uninterruptible(start(answering())), pidOf))
      assert.isTrue(yield* hasEnded(pid))
    }).pipe(Effect.provide(ProcessRunner.layer))
  )

  it.live("a question longer than a pipe and an answer in many pieces come whole", () =>
    Effect.gen(function* () {
      const echo = yield* start(node("process.stdin.pipe(process.stdout)"))
      const question = `${"x".repeat(3_000_000)}\n`
      const answer = yield* echo.ask(question, oneLine)
      assert.strictEqual(answer.length, question.length)
      assert.isTrue(Buffer.from(question).equals(answer))
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("an answer that does not come in time is a timeout, in a finalizer, too, and nothing is asked after it", () =>
    Effect.gen(function* () {
      const conversation = yield* start({ ...answering(), deadline: "100 millis" })
      const outcome = yield* Deferred.make<string>()
      yield* Effect.void.pipe(
        Effect.ensuring(
          Effect.flatMap(Effect.flip(asked(conversation, "never")).pipe(Effect.orDie), ({ _tag }) =>
            Deferred.succeed(outcome, _tag)
          )
        )
      )
      assert.strictEqual(yield* Deferred.await(outcome), "ProgramTimedOut")
      assert.strictEqual((yield* Effect.flip(asked(conversation, "one")))._tag, "ProgramFailedToRun")
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("the answer to a question whose caller went away is not given to the next one", () =>
    Effect.gen(function* () {
      const conversation = yield* start(answering())
      yield* pidOf(conversation)
      const fiber = yield* Effect.fork(asked(conversation, "never"))
      yield* Effect.yieldNow()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.strictEqual((yield* Effect.flip(asked(conversation, "one")))._tag, "ProgramFailedToRun")
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("what comes after an answer is not taken for the next one", () =>
    Effect.gen(function* () {
      const conversation = yield* start(answering())
      yield* asked(conversation, "late")
      yield* Effect.sleep("300 millis")
      assert.strictEqual((yield* Effect.flip(asked(conversation, "one")))._tag, "ProgramFailedToRun")
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("an answer that never ends is not kept for ever", () =>
    Effect.gen(function* () {
      const conversation = yield* start({
        ...node("setInterval(() => process.stdout.write('x'.repeat(10_000)), 1)"),
        maxOutput: 100_000
      })
      const error = yield* Effect.flip(conversation.ask("one\n", () => undefined))
      assert.include(error.message, "too long")
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("a program that was killed between two questions has ended", () =>
    Effect.gen(function* () {
      const conversation = yield* start(answering())
      process.kill(yield* pidOf(conversation), "SIGKILL")
      const error = yield* Effect.flip(asked(conversation, "one"))
      assert.strictEqual(error._tag, "ProgramEnded")
      assert.isTrue(error._tag === "ProgramEnded" && error.signal === "SIGKILL")
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("a program that is not there, or whose folder is not, is told at once", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(start({ ...answering(), program: "calm-test-no-such-program" }))
      assert.strictEqual(missing._tag, "ProgramMissing")
      const nowhere = yield* Effect.flip(start({ ...answering(), cwd: "/calm-test-no-such-folder" }))
      assert.strictEqual(nowhere._tag, "ProgramFailedToRun")
    }).pipe(Effect.scoped, Effect.provide(ProcessRunner.layer))
  )

  it.live("an interruption while it is started leaves nothing behind", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const fiber = yield* Effect.fork(Scope.extend(start(answering()), scope))
      yield* Fiber.interrupt(fiber)
      yield* Scope.close(scope, Exit.void)
    }).pipe(Effect.provide(ProcessRunner.layer))
  )
})
