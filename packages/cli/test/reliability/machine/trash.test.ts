import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as World from "../../fixtures/world.ts"
import { stateOf } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { database, operations, prepare } from "./operations.ts"

describe("a worktree in the trash", () => {
  it.scopedLive(
    "whose row was lost with the database is taken on record again by doctor --fix, and comes back as it was",
    () =>
      Effect.gen(function* () {
        const world = yield* World.make
        const calm = Effect.fnUntraced(function* (words: string) {
          const { exitCode, stderr, stdout } = yield* world.calm(words.split(" "))
          assert.strictEqual(exitCode, 0, `${words}: ${stderr}`)
          return stdout
        })
        const removal = operations["worktree remove"]
        assert.isDefined(removal)
        if (removal === undefined) return
        yield* prepare(world, { ...removal, before: ["init", "task create SPEC-001 Greet", "backup create monday"] })
        yield* calm("worktree create SPEC-001 --no-setup")
        for (const step of removal.before) if (typeof step === "function") step(world)
        const before = stateOf(world.worktree("SPEC-001"))
        yield* calm("worktree remove SPEC-001")

        // Nothing can be read of the rows: what the backup knows is all there is.
        ChildProcess.execFileSync("sh", ["-c", `rm -f ${database(world)}*`])
        yield* calm("init")
        yield* calm("backup restore monday --yes")
        const { exitCode } = yield* world.line("worktree restore SPEC-001")
        assert.strictEqual(exitCode, 3)
        assert.include(yield* calm("doctor"), "calm has no record of it")

        assert.include(yield* calm("doctor --fix"), "calm worktree restore SPEC-001")
        assert.notInclude(yield* calm("doctor --fix"), "on record")
        yield* calm("worktree restore SPEC-001")
        assert.deepStrictEqual(stateOf(world.worktree("SPEC-001")), before)
        yield* calm("worktree remove SPEC-001")
        yield* calm("worktree restore SPEC-001")
        report({ suite: "machine", what: "worktrees whose row was lost", tried: 1, losses: 0 })
      }),
    120_000
  )
})
