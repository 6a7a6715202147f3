/** Workers at the command line: what an agent reads before it begins, and what is recorded in its name. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Style from "../src/Style.ts"
import * as World from "./fixtures/world.ts"

const terminal: Style.Style = { terminal: true, color: false, width: 80 }

/** A task with a worktree and a spec to review. */
const reviewable = Effect.gen(function* () {
  const world = yield* World.project
  yield* world.line("task create SPEC-001 Greet")
  yield* world.line("worktree create SPEC-001 --no-setup")
  World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
  /** The id of a new worker, as a shell would take it. */
  const start = (role: string) =>
    Effect.map(world.calm(["worker", "start", "SPEC-001", role, "--quiet"]), ({ stdout }) => stdout.trim())
  return { ...world, start }
})

describe("worker context", () => {
  it.scopedLive("prints norms and page, then facts that fit a screen, and ends with commands that can be run", () =>
    Effect.gen(function* () {
      const { calm, start, worktree } = yield* reviewable
      const id = yield* start("spec-reviewer")
      const { stdout } = yield* calm(["worker", "context", "SPEC-001", "spec-reviewer"], { style: terminal })
      const [norms, facts = ""] = stdout.split(/^(?=# SPEC-001 Greet$)/m)
      const page = (yield* calm(["worker", "prompt", "spec-reviewer"])).stdout
      const base = (yield* calm(["worker", "prompt", "_base"])).stdout
      assert.strictEqual(norms, `${base}\n${page}\n`)
      assert.isAtMost(facts.split("\n").length, 24, facts)
      assert.include(facts, "✗ spec reviews: 0 of 2 approvals")
      assert.include(facts, Path.join(worktree("SPEC-001"), "planning_docs/SPEC-001/spec.md"))
      const next = facts.split("## Next\n")[1]?.trimEnd().split("\n") ?? []
      assert.deepStrictEqual(next, [
        `  cd ${worktree("SPEC-001")}`,
        `  calm review record SPEC-001 spec approved --worker ${id}`,
        `  calm review record SPEC-001 spec changes_requested --worker ${id} --notes "What must change, where, and why"`,
        `  calm worker complete ${id}`
      ])
      for (const line of next.slice(1)) {
        const { exitCode, stderr } = yield* calm(World.wordsOf(line), { cwd: worktree("SPEC-001") })
        assert.strictEqual(exitCode, 0, `${line}\n${stderr}`)
      }
    })
  )

  it.scopedLive("has with --json the same in parts, the prompts as texts", () =>
    Effect.gen(function* () {
      const { calm, line } = yield* reviewable
      const { data } = yield* line("worker context SPEC-001 spec-reviewer")
      assert.nestedPropertyVal(data, "worker", null)
      assert.nestedPropertyVal(data, "ahead.to", "DESIGN")
      assert.nestedPropertyVal(data, "ahead.unmet[0].check", "spec reviews")
      assert.nestedPropertyVal(data, "role.source", "built-in")
      assert.nestedProperty(data, "commands[0]")
      const { stdout } = yield* calm(["worker", "context", "SPEC-001", "spec-reviewer", "--json"])
      const prompts =
        (yield* calm(["worker", "prompt", "spec-reviewer"])).stdout +
        (yield* calm(["worker", "prompt", "_base"])).stdout
      assert.isBelow(stdout.length - prompts.length, 4_000)
    })
  )

  it.scopedLive("stays a screen with long notes and many documents, and says where the rest is", () =>
    Effect.gen(function* () {
      const { calm, json, worktree } = yield* reviewable
      yield* json(["task", "update", "SPEC-001", `--notes=${"line\n".repeat(500)}`])
      const files = Array.from({ length: 30 }, (_, index) => [`planning_docs/SPEC-001/n${index}.md`, "x"] as const)
      World.commit(worktree("SPEC-001"), Object.fromEntries(files))
      const { stdout } = yield* calm(["worker", "context", "SPEC-001", "spec-reviewer"])
      const facts = stdout.slice(stdout.indexOf("# SPEC-001 Greet"))
      assert.isAtMost(facts.split("\n").length, 45)
      assert.include(facts, "calm task show SPEC-001")
    })
  )

  it.scopedLive("and a prompt never reach the terminal with anything that it would obey", () =>
    Effect.gen(function* () {
      const { calm, home, json } = yield* reviewable
      Fs.writeFileSync(Path.join(home, "roles/evil.md"), "\u001b[2J\u001b]0;owned\u0007\n\u202eevil\n")
      yield* json(["task", "update", "SPEC-001", "--notes=\u001b[31m\u202e", "--touches=\u202e"])
      yield* json(["worker", "start", "SPEC-001", "evil"])
      for (const argv of [
        ["worker", "context", "SPEC-001", "evil"],
        ["worker", "prompt", "evil"],
        ["worker", "prompt", "\u001b[2J\u202e"],
        ["worker", "list"]
      ])
        for (const style of [Style.plain, terminal]) {
          const { stderr, stdout } = yield* calm(argv, { style })
          assert.notMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        }
    })
  )
})

describe("CALM_WORKER_ID", () => {
  it.scopedLive("names the worker in the log of all that is done with it, and gives its commands their name", () =>
    Effect.gen(function* () {
      const { calm, line, start, worktree } = yield* reviewable
      const id = yield* start("spec-reviewer")
      const variables = { CALM_WORKER_ID: id }
      const done = [
        "task update SPEC-001 --notes seen",
        "review record SPEC-001 spec approved",
        "task transition SPEC-001 DESIGN --gate-result fail",
        "worker start SPEC-001 backend",
        "counter increment merges_since_docs",
        "worker complete <id>"
      ]
      for (const text of done) {
        const { error, exitCode } = yield* line(text.replace("<id>", id), { variables, cwd: worktree("SPEC-001") })
        assert.strictEqual(exitCode, 0, `${text}: ${error?.message ?? ""}`)
      }
      const { data } = yield* line(`log --limit ${done.length}`)
      for (const [index] of done.entries()) assert.nestedPropertyVal(data, `events[${index}].workerId`, id)
      const { stdout } = yield* calm(["log", "--limit", `${done.length}`])
      for (const text of stdout.trim().split("\n")) assert.include(text, `\t${id}\t`)
    })
  )
})

describe("the line that starts a worker and names it to the shell", () => {
  it.scopedLive("fails where starting fails: exported at once it would go on, with a person's rights", () =>
    Effect.gen(function* () {
      const { calm } = yield* reviewable
      const { stdout } = yield* calm(["worker", "context", "SPEC-001", "spec-reviewer"])
      const line = stdout.split("\n").find((text) => text.includes("$(calm worker start")) ?? ""
      const status = (start: string) =>
        ChildProcess.spawnSync(
          "sh",
          ["-c", `calm() { ${start}; }\n${line}\n[ $? -eq 0 ] && sh -c 'echo $CALM_WORKER_ID'`],
          {
            encoding: "utf8"
          }
        ).stdout
      assert.deepStrictEqual([status("return 3"), status("echo W-1")], ["", "W-1\n"])
    })
  )

  it("stands in no page in the form that hides the failure", () => {
    const root = Path.resolve(import.meta.dirname, "../../..")
    const pages = ["docs", "roles"].flatMap((folder) =>
      Fs.readdirSync(Path.join(root, folder)).map((name) => Path.join(root, folder, name))
    )
    assert.isAbove(pages.length, 20)
    for (const page of [Path.join(root, "README.md"), ...pages])
      assert.notMatch(Fs.readFileSync(page, "utf8"), /export CALM_WORKER_ID="?\$\(/, page)
  })
})

describe("a worker's end", () => {
  it.scopedLive("is told with its reason, in the list too, and the task is free again", () =>
    Effect.gen(function* () {
      const { calm, line, start } = yield* reviewable
      const id = yield* start("backend")
      assert.strictEqual((yield* line("worktree remove SPEC-001")).error?.code, "removal_refused")
      const reason = "The test database is\nnot reachable"
      const failed = yield* calm(["worker", "fail", id, "--reason", reason])
      assert.include(failed.stdout, `Failed ${id} (backend, SPEC-001): The test database is⏎not reachable`)
      assert.strictEqual((yield* calm(["worker", "list"])).stdout, "")
      const { stdout } = yield* calm(["worker", "list", "--status", "failed"], { style: terminal })
      // Whole on 80 columns: the id is typed again, the reason is read.
      assert.match(stdout, new RegExp(`^ID .*STATUS.*\\n${id} +SPEC-001 +backend +failed `))
      assert.include(stdout.replace(/\s+/g, " "), "The test database is⏎not reachable")
      for (const text of stdout.split("\n")) assert.isAtMost(Style.widthOf(text), 80)
      assert.strictEqual((yield* line("worktree remove SPEC-001")).exitCode, 0)
    })
  )
})
