/** Checks that cannot be made, hang, are the project's own, or are taken away. */
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, lacks, names, outcome, put, refused, started } from "./support/calm.ts"

const gate = "IMPLEMENT-CODE_REVIEW"
const json = (value: unknown) => JSON.stringify(value, null, 2)

it.scopedLive(
  "a linter that is configured and not installed cannot check: unavailable, exit code 8, never skipped",
  () =>
    Effect.gen(function* () {
      const { gates, transitions } = yield* calm
      yield* started("SPEC-001")
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      const { verdict } = yield* gates.check("SPEC-001", gate)
      assert.strictEqual(outcome(verdict, "linter")?.status, "unavailable")
      assert.strictEqual(outcome(verdict, "tests")?.status, "passed")
      assert.strictEqual(outcome(verdict, "types")?.status, "skipped", "a tool that nobody uses")
      assert.strictEqual(lacks(verdict).exit, 8)
      yield* put("SPEC-001", "IMPLEMENT")
      const refusal = yield* refused(transitions.transition("SPEC-001", { to: "CODE_REVIEW" }))
      assert.deepStrictEqual([refusal.exit, names(refusal)], [8, ["linter"]])
    }).pipe(Effect.provide(RealWorld.layer({ files: { "eslint.config.js": "export default []\n" } })))
)

/** Is there such a process? */
const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it.scopedLive(
  "a test that hangs is ended at gates.timeout with all it started, and counts as a timeout, exit code 5",
  () =>
    Effect.gen(function* () {
      const { gates, world } = yield* calm
      yield* started("SPEC-001")
      yield* World.commit("SPEC-001", {
        "test/hangs.test.js": `import { writeFileSync } from "node:fs"
import { spawn } from "node:child_process"
const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"])
writeFileSync(process.env.HOME + "/pids", process.pid + " " + child.pid)
setInterval(() => {}, 1000)
`
      })
      const { verdict } = yield* gates.check("SPEC-001", "TEST-INTEGRATE")
      assert.strictEqual(outcome(verdict, "full tests")?.status, "unavailable")
      assert.strictEqual(outcome(verdict, "full tests")?.unmet, "timeout")
      assert.include(outcome(verdict, "full tests")?.summary, "gates.timeout")
      assert.strictEqual(lacks(verdict).exit, 5)
      const pids = Fs.readFileSync(Path.join(world.user, "pids"), "utf8").split(" ").map(Number)
      assert.strictEqual(pids.length, 2)
      // A process that was just killed may still be in the system's table.
      yield* Effect.sync(() => pids.filter(lives)).pipe(
        Effect.filterOrFail((left) => left.length === 0),
        Effect.retry(Schedule.spaced("20 millis").pipe(Schedule.upTo("5 seconds")))
      )
    }).pipe(
      Effect.provide(
        RealWorld.layer({ files: { ".calm/project.json": json({ gates: { timeout: 2, tests: ["node", "--test"] } }) } })
      )
    )
)

const licence = `import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
const [worktree, task] = process.argv.slice(2)
const files = execFileSync("git", ["ls-files", "src"], { cwd: worktree, encoding: "utf8" }).trim().split("\\n")
const bare = files.filter((file) => !readFileSync(worktree + "/" + file, "utf8").includes("licence"))
console.log("calm: summary " + task + ": " + (bare.length === 0 ? "all licensed" : "without licence: " + bare.join(", ")))
process.exit(bare.length === 0 ? 0 : 1)
`
/** What is asked in the place of all that the gate of the code asks. */
const asked = (...checks: ReadonlyArray<object>) =>
  json({ version: 1, gates: [{ type: "feature", from: "IMPLEMENT", to: "CODE_REVIEW", mode: "replace", checks }] })

const ownChecks = {
  ".calm/checks/licence.mjs": licence,
  ".calm/gates.json": asked({ kind: "script", name: "licences", script: ".calm/checks/licence.mjs" }),
  "src/words.js": `// licence\nexport const hello = "Hello"\n`
}

it.scopedLive(
  "a project's own check runs as it is on the base: a branch that edits or deletes it is judged by the base's",
  () =>
    Effect.gen(function* () {
      const { gates, merges, world } = yield* calm
      const worktree = yield* started("SPEC-001")
      const licences = Effect.map(gates.check("SPEC-001", gate), ({ verdict }) => outcome(verdict, "licences"))
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      const asWritten = yield* licences
      assert.strictEqual(asWritten?.status, "failed")
      assert.strictEqual(asWritten?.summary, "SPEC-001: without licence: src/SPEC-001.js")

      yield* World.commit("SPEC-001", { ".calm/checks/licence.mjs": "process.exit(0)\n" })
      assert.strictEqual((yield* licences)?.status, "failed", "the branch's version is not asked")

      Fs.rmSync(Path.join(worktree, ".calm"), { recursive: true })
      yield* World.commit("SPEC-001", {})
      assert.strictEqual((yield* licences)?.status, "failed", "it is still in the gate")
      const refusal = yield* refused(merges.merge("SPEC-001"))
      assert.property(refusal.reasons, "licences", "and the merge asks for it, too")

      yield* World.commit("SPEC-001", { "src/SPEC-001.js": `// licence\nexport const name = "SPEC-001"\n` })
      assert.strictEqual((yield* licences)?.status, "passed")

      yield* World.commitIn(world.repo, { ".calm/checks/licence.mjs": "process.exit(2)\n" })
      assert.strictEqual((yield* licences)?.status, "unavailable", "a new definition voids the result")
    }).pipe(Effect.provide(RealWorld.layer({ files: ownChecks })))
)

/** A check that passes only while the other one runs: each says that it has begun, and waits until the other says so. */
const meeting = (own: string, other: string) => `import { existsSync, writeFileSync } from "node:fs"
writeFileSync(process.env.HOME + "/${own}", "")
const end = performance.now() + 20_000
const wait = () => {
  if (existsSync(process.env.HOME + "/${other}")) process.exit(0)
  if (performance.now() > end) console.log("calm: summary ${other} did not begin")
  if (performance.now() > end) process.exit(1)
  setTimeout(wait, 10)
}
wait()
`

const side = (name: string) => ({ kind: "script", name, script: `.calm/checks/${name}.mjs` })

it.scopedLive(
  "the checks of a gate run side by side: nobody waits for a linter and then for the tests",
  () =>
    Effect.gen(function* () {
      const { gates } = yield* calm
      yield* started("SPEC-001")
      yield* World.commit("SPEC-001", World.codeOf("SPEC-001"))
      const { verdict } = yield* gates.check("SPEC-001", gate)
      assert.deepStrictEqual(
        verdict.outcomes.map(({ check, status, summary }) => [check, status, summary]),
        ["left", "right"].map((name) => [name, "passed", "passed"])
      )
    }).pipe(
      Effect.provide(
        RealWorld.layer({
          files: {
            ".calm/checks/left.mjs": meeting("left", "right"),
            ".calm/checks/right.mjs": meeting("right", "left"),
            ".calm/gates.json": asked(side("left"), side("right"))
          }
        })
      )
    ),
  90_000
)

/** Tests that only the script of package.json finds. */
const scripted = (scripts: object) => json({ name: "greetings", private: true, type: "module", scripts })

it.scopedLive("a branch that takes the test script away does not pass: the base runs this check", () =>
  Effect.gen(function* () {
    const { gates, world } = yield* calm
    const worktree = yield* started("SPEC-001")
    Fs.rmSync(Path.join(worktree, "test"), { recursive: true })
    yield* World.commit("SPEC-001", { "package.json": scripted({}), "src/SPEC-001.js": "export const name = 1\n" })
    const { verdict } = yield* gates.check("SPEC-001", gate)
    assert.strictEqual(outcome(verdict, "tests")?.status, "failed")
    assert.match(outcome(verdict, "tests")?.summary ?? "", /base/)

    Fs.rmSync(Path.join(worktree, "package.json"))
    yield* World.commit("SPEC-001", {})
    const { verdict: bare } = yield* gates.check("SPEC-001", gate)
    assert.strictEqual(outcome(bare, "tests")?.status, "failed", "nor does one that is no JavaScript project any more")
    assert.strictEqual(yield* world.git(worktree, "status", "--porcelain"), "", "the checks leave nothing behind")
  }).pipe(
    Effect.provide(RealWorld.layer({ files: { "package.json": scripted({ test: "node check.js" }), "check.js": "" } }))
  )
)

it.scopedLive("a project without any tests is not waved through, unless its base says that there are none", () =>
  Effect.gen(function* () {
    const { gates, world } = yield* calm
    const worktree = yield* started("SPEC-001")
    yield* World.commit("SPEC-001", { "src/SPEC-001.js": "export const name = 1\n" })
    const tests = Effect.map(gates.check("SPEC-001", gate), ({ verdict }) => outcome(verdict, "tests"))
    assert.strictEqual((yield* tests)?.status, "failed")
    yield* World.commit("SPEC-001", { ".calm/project.json": json({ gates: { noTests: true } }) })
    assert.strictEqual((yield* tests)?.status, "failed", "the branch cannot say so")
    Fs.rmSync(Path.join(worktree, ".calm"), { recursive: true })
    yield* World.commit("SPEC-001", {})
    yield* World.commitIn(world.repo, { ".calm/project.json": json({ gates: { noTests: true } }) })
    const declared = yield* tests
    assert.deepStrictEqual([declared?.status, declared?.unmet], ["skipped", null])
  }).pipe(Effect.provide(RealWorld.layer({ files: { "package.json": scripted({}), "test/words.test.js": null } })))
)
