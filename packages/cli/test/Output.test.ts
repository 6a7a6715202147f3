import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Output from "../src/Output.ts"
import * as Style from "../src/Style.ts"
import { document, json, run, terminal } from "./fixtures/run.ts"

describe("an answer", () => {
  it.effect("is text for people and one document for programs", () =>
    Effect.gen(function* () {
      const text = yield* run(["task", "check", "yes"])
      assert.deepStrictEqual(text, { stdout: "passed\n", stderr: "", exitCode: 0, reported: "" })
      const found = yield* run(["task", "check", "yes", "--json"])
      assert.strictEqual(found.stdout, '{"version":1,"data":{"passed":true}}\n')
    })
  )

  it.effect("is printed also when it is no, and the exit code tells the reason", () =>
    Effect.gen(function* () {
      const text = yield* run(["task", "check", "no"])
      assert.deepStrictEqual(text, { stdout: "failed\n", stderr: "note: look\n  here\n", exitCode: 7, reported: "" })
      const found = yield* json(["task", "check", "no"])
      assert.deepStrictEqual(found, { version: 1, data: { passed: false }, exitCode: 7 })
    })
  )

  it.effect("has colour on a terminal only", () =>
    Effect.gen(function* () {
      const argv = ["task", "create", "SPEC-1", "x\u001b[31m"]
      assert.strictEqual((yield* run(argv)).stdout, "created SPEC-1 x\\x1b[31m\n")
      assert.strictEqual((yield* run(argv, terminal)).stdout, "\u001b[32mcreated\u001b[39m SPEC-1 x\\x1b[31m\n")
    })
  )
})

describe("a failure", () => {
  it.effect("is two lines on stderr, and its category is the exit code", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* run(["task", "cancel", "SPEC-1", "--reason", "x"]), {
        stdout: "",
        stderr: "error: SPEC-1 is held\nhint: calm task create SPEC-1\n",
        exitCode: 7,
        reported: ""
      })
    })
  )

  it.effect("gives programs its fields as its schema encodes them, also when it failed inside a span", () =>
    Effect.gen(function* () {
      const { error, exitCode } = yield* json(["task", "cancel", "SPEC-1", "--reason", "x"])
      assert.strictEqual(exitCode, 7)
      assert.deepStrictEqual(error, {
        code: "task_held",
        category: "refused",
        message: "SPEC-1 is held",
        hint: "calm task create SPEC-1",
        details: { id: "SPEC-1", heldSince: "1970-01-01T00:00:00.000Z", by: null }
      })
    })
  )

  it.effect("of a command's layer is a failure like any other", () =>
    Effect.gen(function* () {
      const { error, exitCode } = yield* json(["task", "refusing"])
      assert.strictEqual(exitCode, 7)
      assert.strictEqual(error?.code, "task_held")
    })
  )

  it.effect("shows its cause with --log-level debug, on stderr", () =>
    Effect.gen(function* () {
      const outcome = yield* run(["task", "cancel", "SPEC-1", "--reason", "x", "--log-level", "debug", "--json"])
      assert.include(outcome.reported, "DEBUG The command failed.")
      assert.include(outcome.reported, "TaskHeld")
      yield* document(outcome.stdout)
    })
  )
})

describe("a fault of calm itself", () => {
  it.effect("says so without a trace of what happened", () =>
    Effect.gen(function* () {
      const outcome = yield* run(["task", "broken"])
      assert.strictEqual(outcome.exitCode, 1)
      assert.strictEqual(outcome.stdout + outcome.reported, "")
      assert.match(
        outcome.stderr,
        /^error: calm failed in an unexpected way\nhint: calm --log-level=debug task broken\n$/
      )
      assert.notInclude(outcome.stderr, "secret")
      const { error, exitCode } = yield* json(["task", "broken"])
      assert.strictEqual(exitCode, 1)
      assert.strictEqual(error?.code, "internal")
      assert.strictEqual(error?.category, "internal")
      assert.isNull(error?.details)
    })
  )

  it.effect("hints at the same command line with the log on, whatever was typed", () =>
    Effect.gen(function* () {
      const hinted = (...argv: ReadonlyArray<string>) =>
        Effect.map(json(["task", "broken", ...argv]), ({ error }) => error?.hint)
      assert.strictEqual(yield* hinted(), "calm --log-level=debug --json task broken")
      assert.strictEqual(
        yield* hinted("--log-level", "info", "--project=it's"),
        "calm --log-level=debug --json task broken '--project=it'\\''s'"
      )
    })
  )

  it.effect("shows its cause to the log", () =>
    Effect.gen(function* () {
      const outcome = yield* run(["task", "broken", "--log-level=debug"])
      assert.include(outcome.reported, "the secret cause")
      assert.notInclude(outcome.stdout + outcome.stderr, "secret")
    })
  )
})

describe("what a command needs", () => {
  it.effect("is built when it runs, and tells a terminal so", () =>
    Effect.gen(function* () {
      const outcome = yield* run(["task", "stored"], terminal)
      assert.include(outcome.reported, "opened")
      assert.strictEqual((yield* run(["task", "stored"])).reported, "")
    })
  )

  it.effect("is not built for help, for bad usage or for the schema", () =>
    Effect.gen(function* () {
      for (const argv of [
        ["task", "stored", "--help"],
        ["task", "stored", "surplus"],
        ["schema", "task", "stored"]
      ]) {
        assert.notInclude((yield* run(argv, terminal)).reported, "opened")
      }
    })
  )
})

describe("a warning", () => {
  it.effect("is a note for people without being asked for, in JSON mode too", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run(["warn"])).reported, "note: the worktree stays: busy\\x1b[2J\n")
      const both = yield* run(["warn", "--json"])
      assert.strictEqual(both.reported, "note: the worktree stays: busy\\x1b[2J\n")
      assert.strictEqual(both.stdout, '{"version":1,"data":{}}\n')
    })
  )

  it.effect("is a line of the log where one is asked for, and nothing where less is asked for", () =>
    Effect.gen(function* () {
      const { reported } = yield* run(["warn", "--log-level", "warning"])
      assert.match(reported, /^\S+ WARN the worktree stays: busy\\x1b\[2J \{"pid":1\}\n$/)
      assert.strictEqual((yield* run(["warn", "--log-level", "error"])).reported, "")
    })
  )
})

it.effect("an interruption is no outcome of the program: only the process knows who interrupted", () =>
  Effect.gen(function* () {
    const started = yield* Deferred.make<void>()
    const fiber = yield* Effect.fork(Effect.zipRight(Deferred.succeed(started, undefined), run(["wait"])))
    yield* Deferred.await(started)
    assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
  })
)

it("an interruption names what goes on with what is left, else where to see how things stand", () => {
  const mode = { json: false, quiet: false, stdout: Style.plain, stderr: Style.plain }
  const said = (argv: ReadonlyArray<string>, left?: string) => Output.interrupted(mode, argv, left).stderr
  assert.strictEqual(said(["gate", "check", "X-1"]), "error: Interrupted\nhint: calm status\n")
  assert.strictEqual(
    said(["--project", "a b", "worktree", "create", "X-1"], "calm worktree setup X-1"),
    "error: Interrupted\nhint: calm --project 'a b' worktree setup X-1\n"
  )
})

it.effect("codes for terminals in data are escaped in JSON, too", () =>
  Effect.gen(function* () {
    const outcome = Output.answer(
      { json: true, quiet: false, stdout: Style.plain, stderr: Style.plain },
      { data: { text: "\u001b[2J\u009b2J\u202e" }, text: () => "", quiet: "", category: undefined, notices: [] }
    )
    assert.match(outcome.stdout, /^[\u0020-\u007e\n]*$/)
    assert.deepStrictEqual((yield* document(outcome.stdout)).data, { text: "\u001b[2J\u009b2J\u202e" })
  })
)

describe("schema", () => {
  it.effect("lists the commands, and those of a group", () =>
    Effect.gen(function* () {
      const { data } = yield* json(["schema", "task"])
      const names = ["create", "cancel", "add", "check", "stored", "refusing", "broken"]
      assert.deepStrictEqual(data, { commands: names.map((name) => `task ${name}`) })
      assert.include((yield* run(["schema"])).stdout, "task create\n")
    })
  )

  it.effect("prints the JSON Schema of a command's data", () =>
    Effect.gen(function* () {
      const { data } = yield* json(["schema", "task", "check"])
      assert.deepStrictEqual(data, {
        $schema: "http://json-schema.org/draft-07/schema#",
        type: "object",
        required: ["passed"],
        properties: { passed: { type: "boolean" } },
        additionalProperties: false
      })
    })
  )

  it.effect("names the nearest command when there is none of that name", () =>
    Effect.gen(function* () {
      const { error, exitCode } = yield* json(["schema", "task", "chekc"])
      assert.strictEqual(exitCode, 1)
      assert.include(error?.message, "did you mean 'task check'?")
    })
  )
})
