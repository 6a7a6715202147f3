import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { exits, packageJson, World, write } from "./world.ts"

const nodeTest = packageJson({ scripts: { test: "node --test" } })
/** Checked by `node --test` itself, which is faster than by way of npm. */
const direct = packageJson({})
const passing = `require("node:test")("adds", () => {})\n`
const failing = `require("node:test")("adds", () => { throw new Error("no") })\n`

describe.concurrent("tests of a JavaScript project", () => {
  it("passes with counts, really run by npm and node:test, and leaves nothing behind", async () => {
    const world = new World({
      "package.json": nodeTest,
      "test/a.test.js": `${passing}require("node:test").skip("later", () => {})\n`
    })
    // Both would make an inner `node --test` run nothing or elsewhere.
    const answer = await world.check("tests", { NODE_TEST_CONTEXT: "child-v8", GIT_DIR: "/nowhere" })
    assert.deepStrictEqual(
      [answer.exit, answer.tests, answer.summary, answer.hint],
      [exits.passed, "passed=1 failed=0 skipped=1", "npm test (node:test) passed", undefined],
      answer.stdout + answer.stderr
    )
    assert.strictEqual(world.leftovers(), "")
  })

  it("fails where a test fails, and where the script hides the exit code but the counts say so", async () => {
    const world = new World({ "package.json": nodeTest, "test/a.test.js": failing })
    const answer = await world.check("tests")
    assert.deepStrictEqual(
      [answer.exit, answer.tests, answer.summary],
      [exits.failed, "passed=0 failed=1 skipped=0", "npm test (node:test) failed"]
    )
    world.change({ "package.json": packageJson({ scripts: { test: "node --test || true" } }) })
    assert.strictEqual((await world.check("tests")).exit, exits.failed)
  })

  it("fails where no test ran, although the runner says success", async () => {
    const world = new World({
      "package.json": packageJson({}),
      "test/a.test.js": `require("node:test").skip("later", () => {})\n`
    })
    const answer = await world.check("tests")
    assert.deepStrictEqual(
      [answer.exit, answer.summary],
      [exits.failed, "node --test (node:test) failed: no test ran (1 skipped)"]
    )
  })

  it("skips where there is nothing but npm's placeholder", async () => {
    const script = 'echo "Error: no test specified" && exit 1'
    const world = new World({ "package.json": packageJson({ scripts: { test: script } }) })
    assert.strictEqual((await world.check("tests")).exit, exits.skipped)
    assert.strictEqual((await world.detect("tests", "HEAD")).exit, exits.skipped)
  })

  it.each([
    ["pnpm-lock.yaml", "", "pnpm"],
    ["yarn.lock", "", "yarn"],
    ["package-lock.json", "", "npm"],
    ["package-lock.json", "pnpm@9.0.0", "pnpm"]
  ])("chooses the package manager by %s and packageManager=%s: %s", async (lock, packageManager, manager) => {
    const world = new World({
      "package.json": packageJson({ scripts: { test: "x" }, ...(packageManager === "" ? {} : { packageManager }) }),
      [lock]: ""
    })
    fs.rmSync(path.join(world.bin, "npm"))
    world.fake(manager, { stdout: " Test Files  1 passed (1)\n      Tests  3 passed | 1 skipped (4)\n" })
    const answer = await world.check("tests")
    assert.deepStrictEqual(
      [answer.exit, answer.tests, answer.summary],
      [exits.passed, "passed=3 failed=0 skipped=1", `${manager} test (vitest) passed`]
    )
    assert.deepStrictEqual(world.called(manager), [["run", "test"]])
  })

  it("cannot check without the package manager, or where a signal or a missing program ended the run", async () => {
    const world = new World({ "package.json": nodeTest, "pnpm-lock.yaml": "" })
    const missing = await world.check("tests")
    assert.deepStrictEqual(
      [missing.exit, missing.summary],
      [exits.unavailable, "pnpm test could not check: pnpm is not installed"]
    )
    for (const fake of [
      { exit: 127 },
      { exit: 126 },
      { exit: 139 },
      { script: "process.kill(process.pid, 'SIGKILL')" }
    ]) {
      world.fake("pnpm", fake)
      assert.strictEqual((await world.check("tests")).exit, exits.unavailable, JSON.stringify(fake))
    }
    // A runner that ends with the number of failures is not mistaken for one that was ended.
    world.fake("pnpm", { exit: 137, stdout: "  3 passing (5ms)\n  137 failing\n" })
    assert.strictEqual((await world.check("tests")).exit, exits.failed)
  })

  it("runs vitest or jest of the worktree where no script names them", async () => {
    for (const [name, args, stdout] of [
      ["vitest", ["run"], "      Tests  2 passed (2)\n"],
      ["jest", ["--ci"], "Tests:       1 skipped, 2 passed, 3 total\n"]
    ] as const) {
      const world = new World({ "package.json": packageJson({ devDependencies: { [name]: "1" } }) })
      const absent = await world.check("tests")
      assert.deepStrictEqual([absent.exit, absent.hint], [exits.unavailable, "calm worktree setup SPEC-001"])
      fs.mkdirSync(path.join(world.worktree, "node_modules", name), { recursive: true })
      world.fake(name, { stdout }, `node_modules/.bin/${name}`)
      const answer = await world.check("tests")
      assert.deepStrictEqual([answer.exit, answer.summary], [exits.passed, `${name} passed`])
      assert.deepStrictEqual(world.called(name), [args])
    }
  })

  it("cannot check a package.json that is not JSON", async () => {
    const world = new World({ "package.json": "{" })
    assert.strictEqual((await world.check("tests")).exit, exits.unavailable)
    assert.strictEqual((await world.detect("tests", "HEAD")).exit, exits.unavailable)
  })
})

describe.concurrent("a worktree's tests never run against the main checkout's code", () => {
  const dependency = { "package.json": packageJson({ name: "dep" }), "index.js": "module.exports = 'main'\n" }

  it("refuses where a declared dependency is installed in the main checkout only, and never starts the tests", async () => {
    const world = new World({
      "package.json": packageJson({ scripts: { test: "node --test" }, dependencies: { dep: "1", "@a/b": "1" } }),
      "test/a.test.js": `require("node:fs").writeFileSync("ran", "")\n${passing}`
    })
    write(path.join(world.main, "node_modules/dep"), dependency)
    write(path.join(world.main, "node_modules/@a/b"), dependency)
    const answer = await world.check("tests")
    assert.deepStrictEqual(
      [answer.exit, answer.summary, answer.hint],
      [
        exits.unavailable,
        "npm test could not check: dependencies are not installed in this worktree: dep, @a/b",
        "calm worktree setup SPEC-001"
      ]
    )
    assert.isFalse(fs.existsSync(path.join(world.worktree, "ran")))
    write(path.join(world.worktree, "node_modules/dep"), dependency)
    write(path.join(world.worktree, "node_modules/@a/b"), dependency)
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
  })

  it("does not ask for optional dependencies, and accepts Plug'n'Play", async () => {
    const world = new World({
      "package.json": packageJson({ dependencies: { dep: "1" }, optionalDependencies: { dep: "1" } }),
      "test/a.test.js": passing
    })
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
    world.change({ "package.json": packageJson({ dependencies: { dep: "1" } }), ".pnp.cjs": "" })
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
  })

  it("looks at every package of a workspace", async () => {
    const scripts = { test: "node --test" }
    const world = new World({
      "package.json": packageJson({ scripts, workspaces: ["packages/*"] }),
      "packages/a/package.json": packageJson({ name: "a", dependencies: { dep: "1" } }),
      "test/a.test.js": passing
    })
    assert.include((await world.check("tests")).summary, "not installed in this worktree: dep")
    world.change({
      "package.json": packageJson({ scripts }),
      "pnpm-workspace.yaml": 'packages: # all\n  - "packages/*" # of them\n  - "!packages/b"\nother:\n  - x\n'
    })
    assert.include((await world.check("tests")).summary, "not installed in this worktree: dep")
    write(path.join(world.worktree, "packages/a/node_modules/dep"), dependency)
    world.fake("npm", { stdout: "  1 passing (2ms)\n" })
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
  })

  it.each(["tests", "linter", "types"])(
    "refuses a workspace link and a node_modules that lead to the main checkout: %s",
    async (check) => {
      const scripts = { test: "x", lint: "x", typecheck: "x" }
      const world = new World({
        "package.json": packageJson({ scripts, dependencies: { "@a/dep": "1" } }),
        "packages/dep/index.js": ""
      })
      const modules = path.join(world.worktree, "node_modules")
      fs.mkdirSync(path.join(modules, "@a"), { recursive: true })
      fs.symlinkSync(path.join(world.main, "packages/dep"), path.join(modules, "@a/dep"))
      const linked = await world.check(check)
      assert.deepStrictEqual([linked.exit, linked.hint], [exits.unavailable, "calm worktree setup SPEC-001"])
      assert.include(linked.summary, "lead out of this worktree: @a/dep")
      fs.rmSync(modules, { recursive: true })
      fs.mkdirSync(path.join(world.main, "node_modules/@a/dep"), { recursive: true })
      fs.symlinkSync(path.join(world.main, "node_modules"), modules)
      assert.include((await world.check(check)).summary, "lead out of this worktree: node_modules")
      fs.rmSync(modules)
      fs.mkdirSync(path.join(modules, "@a"), { recursive: true })
      fs.symlinkSync(path.join(world.worktree, "packages/dep"), path.join(modules, "@a/dep"))
      world.fake("npm", { stdout: "  1 passing (2ms)\n" })
      assert.strictEqual((await world.check(check)).exit, exits.passed)
    }
  )

  it.each([
    ["require", "test/a.test.cjs", `require("node:test")("x", () => { require("dep") })`],
    ["import()", "test/a.test.cjs", `require("node:test")("x", async () => { await import("dep") })`],
    ["import", "test/a.test.mjs", `import "dep"\nimport test from "node:test"\ntest("x", () => {})`],
    ["a caught require", "test/a.test.cjs", `require("node:test")("x", () => { try { require("dep") } catch {} })`],
    ["a relative path", "test/a.test.cjs", `require("node:test")("x", () => { require("../../../own.js") })`]
  ])("stops an undeclared module of the main checkout at run time: %s", async (_, file, text) => {
    const world = new World({ "package.json": direct, "own.js": "", [file]: text })
    write(path.join(world.main, "node_modules/dep"), dependency)
    const answer = await world.check("tests", { NODE_OPTIONS: "--no-warnings" })
    assert.deepStrictEqual(
      [answer.exit, answer.hint],
      [exits.unavailable, "calm worktree setup SPEC-001"],
      answer.stdout
    )
    assert.include(answer.summary, "code of the main checkout would have been used: ")
  })

  it("leaves the worktree's own modules and those outside of the project alone", async () => {
    const text = `require("node:test")("x", () => {
      require("dep"); require("../own.js"); require(process.env.HOME + "/elsewhere.js")
      if (!process.env.NODE_OPTIONS.startsWith("--no-warnings ")) throw new Error(process.env.NODE_OPTIONS)
    })`
    const world = new World({ "package.json": direct, "own.js": "", "test/a.test.cjs": text }, "main checkout")
    write(world.root, { "elsewhere.js": "" })
    write(path.join(world.worktree, "node_modules/dep"), dependency)
    const answer = await world.check("tests", { NODE_OPTIONS: "--no-warnings" })
    assert.strictEqual(answer.exit, exits.passed, answer.stdout)
  })

  it("lets a dependency find out that an optional module is absent, as it would in a checkout of its own", async () => {
    const test = `require("node:test")("x", () => { if (require("lib") !== "without") throw new Error("found") })`
    const world = new World({ "package.json": direct, "test/a.test.cjs": test })
    const probe = `try { module.exports = require("dep") } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error
      module.exports = "without"
    }`
    write(path.join(world.main, "node_modules/dep"), dependency)
    write(path.join(world.worktree, "node_modules/lib"), { "index.js": probe })
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
    // One that cannot do without makes the run say nothing about the code.
    write(path.join(world.worktree, "node_modules/lib"), { "index.js": `module.exports = require("dep")` })
    assert.strictEqual((await world.check("tests")).exit, exits.unavailable)
  })

  it("does not find the main checkout's programs and modules through the caller's variables", async () => {
    const test = `require("node:test")("x", () => { try { require("dep") } catch (error) { if (error.code === "MODULE_NOT_FOUND") return }; throw 1 })`
    const world = new World({ "package.json": packageJson({ scripts: { test: "outer" } }), "test/a.test.js": test })
    const modules = path.join(world.main, "packages/x/node_modules")
    write(path.join(modules, "dep"), dependency)
    world.fake("outer", {}, path.join(modules, ".bin/outer"))
    const env = { PATH: `${path.join(modules, ".bin")}:${world.bin}`, NODE_PATH: modules }
    assert.strictEqual((await world.check("tests", env)).exit, exits.unavailable)
    assert.deepStrictEqual(world.called("outer"), [])
    world.change({ "package.json": direct })
    assert.strictEqual((await world.check("tests", env)).exit, exits.passed)
  })
})
