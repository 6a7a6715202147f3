/** What every ProcessRunner has to do, run over the real one and over each that stands in for it. */
import * as ProcessRunner from "@calm/process/ProcessRunner"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"

/** For each scenario a program that does what its name says. Deadlines and `onLine` are set by the suite. */
export interface Programs {
  /** Exits with 0 and prints nothing. */
  readonly succeeds: ProcessRunner.Request
  /** Exits with 7. */
  readonly failsWith7: ProcessRunner.Request
  /** Is ended by SIGKILL, which it sends to itself. */
  readonly killsItself: ProcessRunner.Request
  /** Prints `to stdout\n` on stdout and `to stderr\n` on stderr. */
  readonly printsOnBoth: ProcessRunner.Request
  /** Prints its stdin, which is `from stdin ✓\n`. */
  readonly printsStdin: ProcessRunner.Request
  /** Prints `abcdefghij` on stdout. */
  readonly printsTenLetters: ProcessRunner.Request
  /** Prints `one\ntwo ✓\r\n\nlast` on stdout. */
  readonly printsLines: ProcessRunner.Request
  /** A program that does not exist. */
  readonly missing: ProcessRunner.Request
  /** Prints `ready\n` on stdout and then runs for a minute or more. */
  readonly hangs: ProcessRunner.Request
  /**
   * Answers each line on its stdin: `end` by printing `bye\n` on stderr and exiting with 3, `twice` with `twice!\ntwice!\n`
   * in one piece, and any other with that line and `!`.
   */
  readonly answers: ProcessRunner.Request
}

/** An answer is one line. */
const oneLine = (printed: Uint8Array): number | undefined => {
  const end = printed.indexOf(10)
  return end === -1 ? undefined : end + 1
}

const asked = Effect.fnUntraced(function* ({ ask }: ProcessRunner.Conversation, question: string) {
  return ProcessRunner.text(yield* ask(question, oneLine))
})

const run = Effect.fnUntraced(function* (request: ProcessRunner.Request) {
  const runner = yield* ProcessRunner.ProcessRunner
  return yield* runner.run(request)
})

/** The suite. Only its deadline stands on the test clock; all else takes the time that real processes take. */
export const processRunnerContract = <E>(
  name: string,
  layer: Layer.Layer<ProcessRunner.ProcessRunner, E>,
  programs: Programs
): void => {
  describe(`ProcessRunner: ${name}`, () => {
    it.live("an exit with 0 has succeeded and tells no signal", () =>
      Effect.gen(function* () {
        const exit = yield* run(programs.succeeds)
        assert.strictEqual(exit.exitCode, 0)
        assert.strictEqual(exit.signal, null)
        assert.isTrue(ProcessRunner.succeeded(exit))
        assert.strictEqual(ProcessRunner.text(exit.stdout), "")
        assert.isFalse(exit.truncated)
        assert.isAtLeast(exit.duration, 0)
      }).pipe(Effect.provide(layer))
    )

    it.live("another exit code is an answer, not a failure", () =>
      Effect.gen(function* () {
        const exit = yield* run(programs.failsWith7)
        assert.strictEqual(exit.exitCode, 7)
        assert.strictEqual(exit.signal, null)
        assert.isFalse(ProcessRunner.succeeded(exit))
      }).pipe(Effect.provide(layer))
    )

    it.live("an end by a signal is an answer that names the signal", () =>
      Effect.gen(function* () {
        const exit = yield* run(programs.killsItself)
        assert.strictEqual(exit.exitCode, null)
        assert.strictEqual(exit.signal, "SIGKILL")
        assert.isFalse(ProcessRunner.succeeded(exit))
      }).pipe(Effect.provide(layer))
    )

    it.live("the two streams are kept apart", () =>
      Effect.gen(function* () {
        const exit = yield* run(programs.printsOnBoth)
        assert.strictEqual(ProcessRunner.text(exit.stdout), "to stdout\n")
        assert.strictEqual(ProcessRunner.text(exit.stderr), "to stderr\n")
      }).pipe(Effect.provide(layer))
    )

    it.live("stdin arrives, as a string and as bytes", () =>
      Effect.gen(function* () {
        const input = "from stdin ✓\n"
        const asString = yield* run({ ...programs.printsStdin, stdin: input })
        assert.strictEqual(ProcessRunner.text(asString.stdout), input)
        const asBytes = yield* run({ ...programs.printsStdin, stdin: new TextEncoder().encode(input) })
        assert.strictEqual(ProcessRunner.text(asBytes.stdout), input)
      }).pipe(Effect.provide(layer))
    )

    it.live("of a long output the first and the last half are kept, and it says so", () =>
      Effect.gen(function* () {
        const cut = yield* run({ ...programs.printsTenLetters, maxOutput: 4 })
        assert.strictEqual(ProcessRunner.text(cut.stdout), "abij")
        assert.isTrue(cut.truncated)
        const whole = yield* run({ ...programs.printsTenLetters, maxOutput: 10 })
        assert.strictEqual(ProcessRunner.text(whole.stdout), "abcdefghij")
        assert.isFalse(whole.truncated)
      }).pipe(Effect.provide(layer))
    )

    it.live("lines are handed out one by one, the last one without its newline too", () =>
      Effect.gen(function* () {
        const lines = yield* Ref.make<ReadonlyArray<string>>([])
        const exit = yield* run({
          ...programs.printsLines,
          onLine: (line) => Ref.update(lines, (before) => [...before, line])
        })
        assert.deepStrictEqual(yield* Ref.get(lines), ["one", "two ✓", "", "last"])
        assert.strictEqual(ProcessRunner.text(exit.stdout), "one\ntwo ✓\r\n\nlast")
      }).pipe(Effect.provide(layer))
    )

    it.live("a program that does not exist is missing", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(run(programs.missing))
        assertEquals(error, new ProcessRunner.ProgramMissing({ program: programs.missing.program, code: "ENOENT" }))
      }).pipe(Effect.provide(layer))
    )

    it.effect("a program that runs past its deadline on the Effect clock is a timeout that tells its last lines", () =>
      Effect.gen(function* () {
        const ready = yield* Deferred.make<string>()
        const fiber = yield* Effect.fork(
          run({ ...programs.hangs, deadline: "20 seconds", onLine: (line) => Deferred.succeed(ready, line) })
        )
        yield* Deferred.await(ready)
        yield* TestClock.adjust("20 seconds")
        assertEquals(
          yield* Effect.flip(Fiber.join(fiber)),
          new ProcessRunner.ProgramTimedOut({ program: programs.hangs.program, deadline: 20_000, tail: "ready" })
        )
      }).pipe(Effect.provide(layer))
    )

    it.live("a program that is asked again and again answers each question", () =>
      Effect.gen(function* () {
        const { converse } = yield* ProcessRunner.ProcessRunner
        const conversation = yield* converse(programs.answers)
        assert.strictEqual(yield* asked(conversation, "one ✓\n"), "one ✓!\n")
        // However many ask at once, each has its own answer.
        const questions = Array.from({ length: 20 }, (_, at) => `question ${at}`)
        const answers = yield* Effect.forEach(questions, (question) => asked(conversation, `${question}\n`), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(
          answers,
          questions.map((question) => `${question}!\n`)
        )
      }).pipe(Effect.scoped, Effect.provide(layer))
    )

    it.live("a program that ends instead of answering is told with how it ended and what it said", () =>
      Effect.gen(function* () {
        const { converse } = yield* ProcessRunner.ProcessRunner
        const conversation = yield* converse(programs.answers)
        assertEquals(
          yield* Effect.flip(asked(conversation, "end\n")),
          new ProcessRunner.ProgramEnded({
            program: programs.answers.program,
            exitCode: 3,
            signal: null,
            tail: "bye"
          })
        )
      }).pipe(Effect.scoped, Effect.provide(layer))
    )

    it.live("more than the answer is not taken for an answer", () =>
      Effect.gen(function* () {
        const { converse } = yield* ProcessRunner.ProcessRunner
        const error = yield* Effect.flip(asked(yield* converse(programs.answers), "twice\n"))
        assert.strictEqual(error._tag, "ProgramFailedToRun")
      }).pipe(Effect.scoped, Effect.provide(layer))
    )

    it.live("an interrupted run ends without waiting for the program", () =>
      Effect.gen(function* () {
        const ready = yield* Deferred.make<string>()
        const fiber = yield* Effect.fork(run({ ...programs.hangs, onLine: (line) => Deferred.succeed(ready, line) }))
        assert.strictEqual(yield* Deferred.await(ready), "ready")
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      }).pipe(Effect.provide(layer))
    )
  })
}
