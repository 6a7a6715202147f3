import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { config, exits, packageJson, World, write } from "./world.ts"

const scripts = { test: "x", lint: "x" }

describe.concurrent("which tools a project uses", () => {
  it("is read from a commit, so that the base can be asked without a checkout", async () => {
    const world = new World({ "package.json": packageJson({ scripts }), ".flake8": "" })
    world.change({ "package.json": packageJson({}), "README.md": "" })
    // What lies in the folder but is not committed does not count, and nothing is run.
    write(world.worktree, { "package.json": packageJson({ scripts }) })
    assert.strictEqual((await world.detect("tests", "main")).exit, exits.passed)
    assert.strictEqual((await world.detect("tests", "HEAD")).exit, exits.skipped)
    assert.strictEqual((await world.detect("linter", "main")).exit, exits.passed)
    assert.strictEqual((await world.detect("types", "main")).exit, exits.skipped)
    assert.strictEqual((await world.detect("todos", "main")).exit, exits.passed)
    assert.strictEqual(world.leftovers(), "M package.json")
  })

  it("cannot be told where git fails", async () => {
    const world = new World({ "package.json": packageJson({ scripts }) })
    assert.strictEqual((await world.detect("tests", "no-such-ref")).exit, exits.unavailable)
    assert.strictEqual((await world.detect("tests", "--all")).exit, exits.unavailable)
    const elsewhere = await world.check("tests", { PATH: path.dirname(process.execPath), CALM_MODE: "nonsense" })
    assert.strictEqual(elsewhere.exit, exits.unavailable)
    fs.rmSync(path.join(world.bin, "git"))
    assert.strictEqual((await world.check("tests")).exit, exits.unavailable)
  })

  it("is not asked of the main checkout where the worktree is a leftover folder in it", async () => {
    const world = new World({ "package.json": packageJson({ scripts }) })
    fs.rmSync(path.join(world.worktree, ".git"))
    const answer = await world.check("tests")
    assert.strictEqual(answer.exit, exits.unavailable)
    assert.include(answer.summary, "is not a git worktree")
  })

  it("finds manifests at the root, else the shallowest down to depth 3, and never in what is not the project's own", async () => {
    const text = packageJson({ scripts })
    const found = async (files: Readonly<Record<string, string>>, env = {}) =>
      (await new World(files).detect("tests", "HEAD", env)).summary
    assert.strictEqual(await found({ "package.json": text, "a/package.json": text }), "npm test")
    assert.strictEqual(
      await found({ "b/package.json": text, "a/package.json": text, "a/c/package.json": text }),
      "a: npm test; b: npm test"
    )
    assert.strictEqual(await found({ "a/b/c/package.json": text }), "a/b/c: npm test")
    for (const folder of ["a/b/c/d", "fixtures", "a/vendor/b", ".hidden", "dist", "examples/x", "testdata"]) {
      assert.include(await found({ [`${folder}/package.json`]: text }), "skipped", folder)
    }
    const both = { "package.json": text, "web/package.json": text, "pytest.ini": "" }
    assert.strictEqual(await found(both), "npm test; pytest")
    assert.strictEqual(await found(both, config({ kind: "python" })), "pytest")
    assert.strictEqual(
      await found(both, config({ kinds: { "web/": "javascript", ".": "python" } })),
      "web: npm test; pytest"
    )
  })

  it("refuses a configuration that it does not understand, instead of checking less", async () => {
    const world = new World({ "package.json": packageJson({ scripts }) })
    for (const value of [
      { kind: "cobol" },
      { kinds: { a: 1 } },
      { gates: { tests: "npm test" } },
      [],
      { docFolders: "." }
    ]) {
      assert.strictEqual((await world.check("tests", config(value))).exit, exits.unavailable, JSON.stringify(value))
    }
    assert.strictEqual((await world.check("tests", { CALM_PROJECT_CONFIG: "{" })).exit, exits.unavailable)
  })
})

describe.concurrent("a project of several parts", () => {
  const files = {
    "package.json": packageJson({ scripts }),
    "api/go.mod": "",
    "api/a_test.go": "",
    "lib/Cargo.toml": ""
  }
  const passing = "  3 passing (5ms)\n  1 pending\n"
  const event = `${JSON.stringify({ Action: "pass", Package: "x", Test: "T" })}\n`

  it("passes with the sum of the counts where all that have tests pass", async () => {
    const world = new World(files)
    world.fake("npm", { stdout: passing })
    world.fake("go", { stdout: event, script: "process.stdout.write(process.cwd() + '\\n')" })
    const answer = await world.check("tests", { CALM_BASE: world.head(world.main) })
    assert.deepStrictEqual(
      [answer.exit, answer.tests, answer.summary],
      [exits.passed, "passed=4 failed=0 skipped=1", "npm test (mocha) passed; api: go test passed"]
    )
    assert.include(answer.stdout, path.join(world.worktree, "api"))
  })

  it("fails where one fails, else cannot check where one cannot, and names that one first", async () => {
    const world = new World(files)
    world.fake("npm", { stdout: passing })
    const missing = await world.check("tests")
    assert.strictEqual(missing.exit, exits.unavailable)
    assert.strictEqual(missing.summary, "api: go test could not check: go is not installed; npm test (mocha) passed")
    world.fake("npm", { exit: 1 })
    assert.strictEqual((await world.check("tests")).exit, exits.failed)
  })

  it("fails where a part is still there but dropped out of the check on the branch", async () => {
    const world = new World(files)
    const CALM_BASE = world.head(world.main)
    world.fake("npm", { stdout: passing })
    world.change({ "api/a_test.go": null })
    const answer = await world.check("tests", { CALM_BASE })
    assert.strictEqual(answer.exit, exits.failed)
    assert.include(answer.summary, "api: go test runs on the base and would not run here")
    // A part that was removed altogether is no longer asked for.
    world.change({ api: null })
    assert.strictEqual((await world.check("tests", { CALM_BASE })).exit, exits.passed)
    assert.strictEqual((await world.check("tests", { CALM_BASE: "0".repeat(40) })).exit, exits.unavailable)
  })
})
