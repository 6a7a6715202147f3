import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { root } from "../src/commands.ts"
import * as Tree from "../src/Tree.ts"
import type * as Style from "../src/Style.ts"
import { run, terminal } from "./fixtures/run.ts"
import * as World from "./fixtures/world.ts"

const wide: Style.Style = { terminal: true, color: false, width: 80 }

/** A project with two tasks, the second waiting for the first. */
const twoTasks = Effect.gen(function* () {
  const world = yield* World.project
  yield* world.line("task create SPEC-001 Greet")
  yield* world.line("task create SPEC-002 Part --blocked-by SPEC-001")
  return world
})

describe("--quiet", () => {
  it.scopedLive("leaves of an answer the id or path that a script goes on with, one a line, and else nothing", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const said = (line: string) =>
        Effect.map(
          world.calm([...line.split(" "), "--quiet"], { style: wide }),
          ({ stderr, stdout }) => stdout + stderr
        )
      assert.strictEqual(yield* said("task create SPEC-001 Greet"), "SPEC-001\n")
      assert.strictEqual(yield* said("task create SPEC-002 Part"), "SPEC-002\n")
      assert.strictEqual(yield* said("task list"), "SPEC-001\nSPEC-002\n")
      assert.strictEqual(yield* said("task list --phase done"), "")
      assert.strictEqual(yield* said("task update SPEC-002 --notes n"), "")
      assert.strictEqual(yield* said("counter increment merge_lock"), "1\n")
      assert.strictEqual(yield* said("worktree create SPEC-001"), `${world.worktree("SPEC-001")}\n`)
    })
  )

  it.effect("silences notes, warnings and progress, in JSON too, and changes no exit code", () =>
    Effect.gen(function* () {
      const no = yield* run(["task", "check", "no", "--quiet"], terminal)
      assert.deepStrictEqual(no, { stdout: "", stderr: "", reported: "", exitCode: 7 })
      const json = yield* run(["task", "check", "no", "--quiet", "--json"])
      assert.deepStrictEqual(json, {
        stdout: '{"version":1,"data":{"passed":false}}\n',
        stderr: "",
        reported: "",
        exitCode: 7
      })
      assert.strictEqual((yield* run(["warn", "--quiet"])).reported, "")
      assert.strictEqual((yield* run(["task", "stored", "--quiet"], terminal)).reported, "")
    })
  )

  it.effect("keeps errors whole, and a log that was asked for", () =>
    Effect.gen(function* () {
      const failed = yield* run(["--quiet", "task", "cancel", "SPEC-1", "--reason", "x"])
      assert.strictEqual(failed.stderr, "error: SPEC-1 is held\nhint: calm task create SPEC-1\n")
      assert.include((yield* run(["warn", "--quiet", "--log-level", "warning"])).reported, "WARN the worktree stays")
    })
  )

  it.effect("does not take away help, and leaves of the version the number", () =>
    Effect.gen(function* () {
      assert.include((yield* run(["task", "--help", "--quiet"])).stdout, "Usage: calm task")
      assert.match((yield* run(["--version", "--quiet"])).stdout, /^\d+\.\d+\.\d+\n$/)
    })
  )
})

describe("--fields", () => {
  it.scopedLive("gives programs these fields of each entry alone, in the order they were asked for", () =>
    Effect.gen(function* () {
      const world = yield* twoTasks
      const { stdout } = yield* world.calm(["task", "list", "--json", "--fields", "title,id"])
      assert.include(stdout, '"tasks":[{"title":"Greet","id":"SPEC-001"},{"title":"Part","id":"SPEC-002"}]')
    })
  )

  it.scopedLive("prints a line an entry with tabs between, and a table with these heads on a terminal", () =>
    Effect.gen(function* () {
      const world = yield* twoTasks
      const argv = ["task", "list", "--fields", "id,blockedBy,specialist"]
      const rows = "SPEC-001\t-\t-\nSPEC-002\tSPEC-001\t-\n"
      assert.strictEqual((yield* world.calm(argv)).stdout, rows)
      assert.strictEqual((yield* world.calm([...argv, "--quiet"], { style: wide })).stdout, rows)
      assert.strictEqual(
        (yield* world.calm(argv, { style: wide })).stdout,
        "ID        BLOCKED BY  SPECIALIST\nSPEC-001  -           -\nSPEC-002  SPEC-001    -\n"
      )
      const none = yield* world.calm(["task", "list", "--phase", "done", "--fields", "id"])
      assert.strictEqual(none.stdout, "")
    })
  )

  it.scopedLive("refuses a field that there is not, naming the nearest one, before anything is opened", () =>
    Effect.gen(function* () {
      const world = yield* World.make
      for (const [asked, named] of [
        ["id,titel", "title"],
        ["blocked", "blockedBy"],
        ["ID", "id"]
      ] as const) {
        const { error, exitCode } = yield* world.json(["task", "list", "--fields", asked])
        assert.strictEqual(exitCode, 1)
        assert.strictEqual(error?.code, "invalid_value")
        assert.include(error?.message, `did you mean '${named}'?`)
      }
      assert.strictEqual((yield* world.json(["task", "list", "--fields", ""])).exitCode, 1)
      assert.strictEqual(
        (yield* world.json(["task", "show", "SPEC-001", "--fields", "id"])).error?.code,
        "unknown_option"
      )
    })
  )
})

it.effect("every command that is called list has fields to choose from", () =>
  Effect.gen(function* () {
    for (const { entry, path } of Tree.entries(root)) {
      if (path.at(-1) !== "list") continue
      const { leaf } = yield* Effect.promise(entry.load)
      assert.isNotEmpty(leaf.options.find(({ name }) => name === "fields")?.choices, path.join(" "))
    }
  })
)
