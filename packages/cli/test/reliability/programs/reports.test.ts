import * as Gates from "@calm/core/Gates"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import { hunt } from "../hostile/hunt.ts"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import * as Mutations from "./mutations.ts"

/** What no answer may hold: a terminal would obey it. */
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])/

/** What scripts print that calm reads: counts, a summary, a hint, findings. */
const printed: ReadonlyArray<Uint8Array> = [
  "calm: tests passed=12 failed=3 skipped=1\ncalm: summary npm test failed\ncalm: hint calm worktree setup SPEC-001\n",
  "ok 1 - a\n\u001b[31mnot ok 2 - b\u001b[0m\ncalm: tests passed=1 failed=1\n",
  "src/a.js:3: TODO without a task\nsrc/ü ✓.js:9: FIXME 𝄞\ncalm: summary 2 without a task id\n",
  "progress 1 %\rprogress 100 %\r\n".repeat(300)
].map((text) => Buffer.from(text))

/** All is in memory: without it the event loop would stand still, and vitest would take the test for dead. */
const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** How the check ends: with a code, or by a signal. */
const endOf = ({ code, mutation }: { readonly code: number; readonly mutation: Mutations.Mutation }) =>
  mutation.exit ?? code

it.effect(
  "whatever a check prints, its exit code decides, and what calm shows of it is short, whole and harmless",
  () =>
    Effect.gen(function* () {
      yield* World.featureIn("IMPLEMENT")
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      const checks = yield* CalmTest.ScriptedChecks
      const gates = yield* Gates.Gates
      const { losses, slowest, tried } = yield* hunt(
        FastCheck.record({
          text: FastCheck.nat(printed.length - 1),
          other: FastCheck.nat(printed.length - 1),
          script: FastCheck.constantFrom("tests", "todos"),
          code: FastCheck.nat(3),
          mutation: Mutations.mutation,
          onStderr: Mutations.mutation
        }),
        scaled(250, 1500),
        Effect.fnUntraced(function* (input) {
          yield* turn
          const { mutation, onStderr, script } = input
          const text = printed[input.text] ?? new Uint8Array(0)
          const other = printed[input.other] ?? new Uint8Array(0)
          const end = endOf(input)
          yield* checks.set(script, {
            stdout: Mutations.damaged(text, other, mutation),
            stderr: Mutations.damaged(other, text, onStderr),
            ...(typeof end === "string" ? { signal: end } : { exitCode: end })
          })
          const exit = yield* Effect.exit(gates.check("SPEC-001", "IMPLEMENT-CODE_REVIEW", { fresh: true }))
          yield* checks.set(script, { stdout: CalmTest.counts(1, 0, 0) })
          return exit
        }),
        (exit, input) => {
          const { mutation, script } = input
          const end = endOf(input)
          const where = `${script} ${Mutations.told(mutation)}, ends with ${end}`
          if (Exit.isFailure(exit)) return Effect.succeed([`${where}: ${Cause.pretty(exit.cause).slice(0, 400)}`])
          const name = script === "tests" ? "tests" : "no untracked TODOs"
          const outcome = exit.value.verdict.outcomes.find(({ check }) => check === name)
          if (outcome === undefined) return Effect.succeed([`${where}: it was not checked`])
          const { evidence, hint, status, summary } = outcome
          const faults: Array<string> = []
          // What neither the base nor the branch has is skipped, and stops nobody.
          if (end !== 0 && (status === "passed" || (end !== 3 && exit.value.verdict.passed)))
            faults.push(`${where}: passed`)
          const counts = evidence?.counts
          if (status === "passed" && (counts?.failed ?? 0) > 0) faults.push(`${where}: passed with failures`)
          if (summary === "" || summary.length > 700 || summary.includes("\n") || raw.test(summary))
            faults.push(`${where}: no clear line: ${JSON.stringify(summary.slice(0, 200))}`)
          if (raw.test(hint ?? "")) faults.push(`${where}: the hint ${JSON.stringify(hint)}`)
          const tail = evidence?.tail ?? ""
          if (raw.test(tail) || tail.split("\n").length > 40 || tail.length > 40 * 501)
            faults.push(`${where}: the tail ${JSON.stringify(tail.slice(0, 200))}`)
          return Effect.succeed(faults)
        }
      )
      report({
        suite: "programs",
        what: "outputs of checks",
        tried,
        losses: losses.length,
        note: `the slowest took ${slowest.millis} ms of the processor`
      })
      assert.deepStrictEqual(losses.slice(0, 20), [])
    }).pipe(Effect.provide(CalmTest.layer)),
  scaled(300_000, 1_800_000)
)
