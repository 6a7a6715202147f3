import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NextCommand from "../src/NextCommand.ts"
import * as World from "./fixtures/world.ts"

describe("where --project was given", () => {
  it.scopedLive("every command that is printed to run next means the same project, as text and in JSON", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const there = { cwd: world.base }
      const named = ["--project", "repo"]
      const made = yield* world.calm(["task", "create", "SPEC-001", "Greet", ...named], there)
      assert.include(made.stdout, "→ calm --project repo worktree create SPEC-001\n")

      const { error } = yield* world.json(["task", "create", "SPEC-001", "Greet", ...named], there)
      assert.strictEqual(error?.hint, "calm --project repo task show SPEC-001")
      const refused = yield* world.calm(["task", "create", "SPEC-001", "Greet", ...named], there)
      assert.include(refused.stderr, "\nhint: calm --project repo task show SPEC-001\n")

      const moved = ["task", "transition", "SPEC-001", "DESIGN", ...named]
      const reasons = (yield* world.calm(moved, there)).stderr.match(/→ .*/g) ?? []
      assert.isNotEmpty(reasons)
      for (const reason of reasons) assert.match(reason, /calm --project repo [a-z]/)
      const details = JSON.stringify((yield* world.json(moved, there)).error?.details)
      assert.notMatch(details, /"hint":"calm (?!--project)/)

      const explained = yield* world.json(["explain", "SPEC-001", ...named], there)
      assert.propertyVal(explained.data, "next", "calm --project repo worktree create SPEC-001")
      assert.notMatch(JSON.stringify(explained.data), /"(?:command|hint)":"calm (?!--project)/)
      assert.strictEqual(
        (yield* world.calm(["explain", "SPEC-001", "--quiet", ...named], there)).stdout,
        "calm --project repo worktree create SPEC-001\n"
      )
      assert.include((yield* world.calm(["status", ...named], there)).stdout, "Next: calm --project repo ")
    })
  )

  it.scopedLive("and nothing of it where the folder or the environment says which project is meant", () =>
    Effect.gen(function* () {
      const world = yield* World.project
      const argv = ["task", "create", "SPEC-001", "Greet"]
      const variables = { CALM_PROJECT: world.repo }
      const { stdout } = yield* world.calm(argv, { cwd: world.base, variables })
      assert.include(stdout, "→ calm worktree create SPEC-001\n")
      assert.notInclude((yield* world.calm(argv)).stderr, "--project")
    })
  )
})

describe("the project in a command", () => {
  const there = (line: string, project = "../o'ther") => NextCommand.inProject(project, line)

  it("stands where calm is called, however the line begins, and in each call", () => {
    const calm = `calm --project '../o'\\''ther'`
    assert.strictEqual(there("calm task list"), `${calm} task list`)
    assert.strictEqual(there("CALM_WORKER_ID=w-1 calm status"), `CALM_WORKER_ID=w-1 ${calm} status`)
    assert.strictEqual(
      there(`cd "$(calm worktree path A)" && calm status`),
      `cd "$(${calm} worktree path A)" && ${calm} status`
    )
    assert.strictEqual(there("try again with: calm status"), `try again with: ${calm} status`)
    assert.strictEqual(there("calm status", "$& $1"), `calm --project '$& $1' status`)
  })

  it("is not put into what is no call, into help, or a second time", () => {
    for (const line of [
      "git -C /x/calm status",
      `git commit -m "be calm now"`,
      "calm task --help",
      "calm --project x status",
      "unset CALM_PROJECT"
    ]) {
      assert.strictEqual(there(line), line)
    }
    assert.strictEqual(NextCommand.inProject(undefined, "calm status"), "calm status")
  })

  it("is put into the fields that hold commands, however deep, and into no other text", () => {
    const value = {
      hint: "calm a",
      title: "calm b",
      list: [{ next: "calm c", commands: ["calm d", "npm ci"], hint: null }]
    }
    assert.deepStrictEqual(NextCommand.inProjectAll("x", value), {
      hint: "calm --project x a",
      title: "calm b",
      list: [{ next: "calm --project x c", commands: ["calm --project x d", "npm ci"], hint: null }]
    })
  })

  it("a path of no end of slashes is not given back whole", () => {
    const named = (path: string) => NextCommand.inProject(path, "calm init")
    assert.strictEqual(named("/".repeat(100_000)), "calm --project / init")
    assert.strictEqual(named(`a${"/.".repeat(50_000)}//b/../.c/`), "calm --project a/b/../.c/ init")
    assert.strictEqual(named("./repo"), "calm --project ./repo init")
  })
})
