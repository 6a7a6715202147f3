/** A worktree's tests never run on the main checkout's code, be it its dependencies or its own packages. */
import { Dependencies } from "@calm/core/Dependencies"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { calm, edit, lacks, outcome, started } from "./support/calm.ts"

const gate = "IMPLEMENT-CODE_REVIEW"
const manifest = (more: object) =>
  JSON.stringify({ name: "greetings", private: true, type: "module", scripts: { test: "node --test" }, ...more })
const saying = (name: string, said: string) => ({
  [`${name}/package.json`]: JSON.stringify({ name: Path.basename(name), version: "1.0.0", main: "index.cjs" }),
  [`${name}/index.cjs`]: `module.exports = ${JSON.stringify(said)}\n`
})
const testOf = (name: string, said: string) => ({
  "test/said.test.js": `import assert from "node:assert/strict"
import test from "node:test"
import said from ${JSON.stringify(name)}
test("says", () => assert.equal(said, ${JSON.stringify(said)}))
`
})

const install = (folder: string, files: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(files)) edit(folder, name, text)
}

const checkTests = Effect.flatMap(calm, ({ gates }) => gates.check("SPEC-001", gate)).pipe(
  Effect.map(({ verdict }) => ({ tests: outcome(verdict, "tests"), exit: lacks(verdict).exit }))
)

it.scopedLive(
  "dependencies that only the main checkout has are not the worktree's: could not check, until it has its own",
  () =>
    Effect.gen(function* () {
      const { repo } = yield* RealWorld.RealWorld
      install(repo, saying("node_modules/dep", "hello"))
      const worktree = yield* started("SPEC-001")
      yield* World.commit("SPEC-001", testOf("dep", "hello"))

      const without = yield* checkTests
      assert.strictEqual(without.tests?.status, "unavailable")
      assert.strictEqual(without.tests?.hint, "calm worktree setup SPEC-001")
      assert.strictEqual(without.exit, 8)

      Fs.symlinkSync(Path.join(repo, "node_modules"), Path.join(worktree, "node_modules"))
      assert.strictEqual((yield* checkTests).tests?.status, "unavailable", "a link to the main checkout's is none")
      Fs.rmSync(Path.join(worktree, "node_modules"))

      install(worktree, saying("node_modules/dep", "hello"))
      assert.strictEqual((yield* checkTests).tests?.status, "passed")
    }).pipe(
      Effect.provide(RealWorld.layer({ files: { "package.json": manifest({ dependencies: { dep: "1.0.0" } }) } }))
    )
)

const setup = [
  "node",
  "-e",
  `const fs = require("node:fs")
fs.mkdirSync("node_modules/dep", { recursive: true })
fs.writeFileSync("node_modules/dep/index.js", "module.exports = 'set up'")`
]

it.scopedLive(
  "the setup command of the base gives a worktree its dependencies, at its making and by worktree setup",
  () =>
    Effect.gen(function* () {
      const { world, worktrees } = yield* calm
      const worktree = yield* started("SPEC-001")
      yield* World.commit("SPEC-001", testOf("dep", "set up"))
      assert.strictEqual((yield* checkTests).tests?.hint, "calm worktree setup SPEC-001")
      // What a branch says of setting up is not asked.
      yield* World.commit("SPEC-001", { ".calm/project.json": JSON.stringify({ setup: ["false"] }) })
      const { detail, status } = yield* worktrees.setup("SPEC-001")
      assert.deepStrictEqual([status, detail], ["installed", null])
      assert.isTrue(Fs.existsSync(Path.join(worktree, "node_modules/dep")))
      assert.isFalse(Fs.existsSync(Path.join(world.repo, "node_modules")))
      assert.strictEqual((yield* checkTests).tests?.status, "passed")
    }).pipe(
      Effect.provide(
        RealWorld.layer({
          files: {
            "package.json": manifest({ dependencies: { dep: "1.0.0" } }),
            ".calm/project.json": JSON.stringify({ setup })
          }
        })
      )
    )
)

it.scopedLive("a setup that fails is told and leaves the worktree", () =>
  Effect.gen(function* () {
    const { tasks, worktrees } = yield* calm
    yield* started("SPEC-001")
    yield* worktrees.remove("SPEC-001", "removed")
    const { installation, worktree } = yield* worktrees.create("SPEC-001")
    assert.deepStrictEqual([installation.status, installation.detail], ["failed", "the registry is on fire"])
    assert.isTrue(Fs.existsSync(worktree.path))
    assert.strictEqual((yield* tasks.get("SPEC-001")).phase, "SPEC")
    const { install } = yield* Dependencies
    assert.strictEqual((yield* install(worktree.path, {})).status, "nothing to install")
  }).pipe(
    Effect.provide(
      RealWorld.layer({
        files: {
          ".calm/project.json": JSON.stringify({
            setup: ["node", "-e", `console.error("the registry is on fire"); process.exitCode = 3`]
          })
        }
      })
    )
  )
)

it.scopedLive("a package of the main checkout that its node_modules link to is not what a worktree's tests judge", () =>
  Effect.gen(function* () {
    const { repo } = yield* RealWorld.RealWorld
    Fs.mkdirSync(Path.join(repo, "node_modules"))
    Fs.symlinkSync("../packages/greet", Path.join(repo, "node_modules/greet"))
    const worktree = yield* started("SPEC-001")
    // The branch breaks the package; the main checkout's would pass.
    yield* World.commit("SPEC-001", { ...saying("packages/greet", "broken"), ...testOf("greet", "hello") })
    const { tests } = yield* checkTests
    assert.strictEqual(tests?.status, "unavailable")
    assert.include(tests?.summary, "main checkout")
    assert.strictEqual(tests?.hint, "calm worktree setup SPEC-001")

    Fs.mkdirSync(Path.join(worktree, "node_modules"))
    Fs.symlinkSync("../packages/greet", Path.join(worktree, "node_modules/greet"))
    assert.strictEqual((yield* checkTests).tests?.status, "failed", "judged on its own package")
  }).pipe(
    Effect.provide(
      RealWorld.layer({
        files: { "package.json": manifest({ workspaces: ["packages/*"] }), ...saying("packages/greet", "hello") }
      })
    )
  )
)
