/**
 * That `--json` prints one document and nothing else, of every command: bad usage and interruption here; success and
 * refusal on the way of everyCommand.test.ts.
 */
import { commandLine } from "@calm/domain/CommandLine"
import { Environment } from "@calm/process/Environment"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { root } from "../src/commands.ts"
import * as Output from "../src/Output.ts"
import * as Program from "../src/Program.ts"
import * as Style from "../src/Style.ts"
import * as Tree from "../src/Tree.ts"
import { document, terminal } from "./fixtures/run.ts"
import { wordsOf } from "./fixtures/world.ts"

/** What a command line comes to where its surroundings never get ready; `begun` is done once they are waited for. */
const running = Effect.fnUntraced(function* (argv: ReadonlyArray<string>, style: Style.Style) {
  const begun = yield* Deferred.make<void>()
  const said: Array<string> = []
  const mode: Output.Mode = { json: true, quiet: false, stdout: style, stderr: style }
  const fiber = yield* Program.run(root, ["--json", ...argv], {
    mode,
    environment: Layer.effect(Environment, Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never)),
    gates: "/",
    roles: "/",
    input: { interactive: false, text: () => Effect.never, confirm: () => Effect.never },
    report: (text) => void said.push(text)
  }).pipe(Effect.fork)
  return { begun, fiber, mode, said }
})

describe("with --json", () => {
  for (const { entry, path } of Tree.entries(root)) {
    const command = path.join(" ")

    it.effect(`${command}: bad usage is one document, on a terminal, too`, () =>
      Effect.gen(function* () {
        for (const style of [Style.plain, terminal]) {
          const { fiber, said } = yield* running([...path, "--no-such-option"], style)
          const outcome = yield* Fiber.join(fiber)
          assert.strictEqual(outcome.exitCode, 1)
          assert.strictEqual(outcome.stderr + said.join(""), "")
          assert.notInclude(outcome.stdout, "\u001b")
          const { data, error } = yield* document(outcome.stdout)
          assert.isUndefined(data)
          assert.strictEqual(error?.code, "unknown_option")
          assert.strictEqual(error?.category, "validation")
          assert.strictEqual(error?.hint, `calm ${command} --help`)
        }
      })
    )

    it.effect(`${command}: interrupted in the middle, it says nothing of its own before it is told so`, () =>
      Effect.gen(function* () {
        const { leaf } = yield* Effect.promise(entry.load)
        const argv = wordsOf(leaf.examples[0] ?? "")
        const { begun, fiber, mode, said } = yield* running(argv, terminal)
        yield* Effect.raceFirst(Deferred.await(begun), Fiber.join(fiber))
        const exit = yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.isInterrupted(exit))
        assert.notInclude(said.join(""), "{")
        const outcome = Output.interrupted(mode, argv)
        assert.strictEqual(outcome.exitCode, 130)
        assert.strictEqual(outcome.stderr, "")
        const { error } = yield* document(outcome.stdout)
        assert.strictEqual(error?.category, "interrupted")
        assert.strictEqual(error?.hint, commandLine("calm", ...argv))
      })
    )
  }
})
