import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { exits, packageJson, World } from "./world.ts"

/** A project that declares one tool, installed in the worktree. */
const withTool = (dependency: string, files: Readonly<Record<string, string>> = {}) => {
  const world = new World({ "package.json": packageJson({ devDependencies: { [dependency]: "1" } }), ...files })
  fs.mkdirSync(path.join(world.worktree, "node_modules", dependency), { recursive: true })
  return world
}

const crashed = `/project/node_modules/x.js:1\nthrow new Error("x")\n\nNode.js v20.20.2\n`

describe.concurrent("linter of a JavaScript project", () => {
  it.each([
    ["eslint", "eslint", ["."]],
    ["oxlint", "oxlint", []],
    ["@biomejs/biome", "biome", ["lint"]]
  ] as const)("runs the worktree's %s: passed, failed, could not check", async (dependency, program, args) => {
    const world = withTool(dependency)
    const missing = await world.check("linter")
    assert.deepStrictEqual([missing.exit, missing.hint], [exits.unavailable, "calm worktree setup SPEC-001"])
    for (const [fake, exit] of [
      [{}, exits.passed],
      [{ exit: 1, stdout: "1:1 error no-undef\n" }, exits.failed],
      [{ exit: 2, stderr: "Oops! Something went wrong!\n" }, exits.unavailable],
      [{ exit: 1, stderr: crashed }, exits.unavailable]
    ] as const) {
      world.fake(program, fake, `node_modules/.bin/${program}`)
      assert.strictEqual((await world.check("linter")).exit, exit, JSON.stringify(fake))
    }
    assert.deepStrictEqual(world.called(program)[0], [...args])
  })

  it("prefers the lint script, whose eslint may break off", async () => {
    const world = new World({ "package.json": packageJson({ scripts: { lint: "eslint ." } }) })
    for (const [exit, expected] of [
      [0, exits.passed],
      [1, exits.failed],
      [2, exits.unavailable],
      [127, exits.unavailable]
    ] as const) {
      world.fake("npm", { exit })
      const answer = await world.check("linter")
      assert.strictEqual(answer.exit, expected, `exit ${exit}`)
    }
    assert.deepStrictEqual(world.called("npm")[0], ["run", "lint"])
    world.change({ "package.json": packageJson({ scripts: { lint: "own-linter" } }) })
    world.fake("npm", { exit: 2 })
    assert.strictEqual((await world.check("linter")).exit, exits.failed)
  })

  it("knows eslint by its configuration file alone, and skips where nothing names a linter", async () => {
    const world = new World({ "package.json": packageJson({}), "eslint.config.js": "", "sub/biome.json": "{}" })
    const answer = await world.check("linter")
    assert.deepStrictEqual(
      [answer.exit, answer.summary],
      [exits.unavailable, "eslint could not check: eslint is not installed in this worktree"]
    )
    world.change({ "eslint.config.js": null })
    assert.strictEqual((await world.check("linter")).exit, exits.skipped)
  })
})

describe.concurrent("types of a JavaScript project", () => {
  const tsconfig = { "tsconfig.json": "{}" }

  it("runs the worktree's tsc without writing: passed, failed, could not check", async () => {
    const world = withTool("typescript", tsconfig)
    assert.strictEqual((await world.check("types")).hint, "calm worktree setup SPEC-001")
    for (const [fake, exit] of [
      [{}, exits.passed],
      [{ exit: 2, stdout: "a.ts(1,1): error TS2322: Type\n" }, exits.failed],
      [{ exit: 1, stdout: "\u001b[91merror\u001b[0m\u001b[90m TS18003: \u001b[0mNo inputs\n" }, exits.failed],
      [{ exit: 1, stdout: "error TS5023: Unknown compiler option '--incremental'.\n" }, exits.unavailable],
      [{ exit: 1, stderr: crashed }, exits.unavailable],
      [{ exit: 134 }, exits.unavailable]
    ] as const) {
      world.fake("tsc", fake, "node_modules/.bin/tsc")
      assert.strictEqual((await world.check("types")).exit, exit, JSON.stringify(fake))
    }
    const [args = []] = world.called("tsc")
    assert.deepStrictEqual(args.slice(0, 5), ["-p", ".", "--noEmit", "--incremental", "--tsBuildInfoFile"])
    assert.isTrue(args[5]?.startsWith(world.temp))
  })

  it("builds a solution, with output only where that is needed, and removes what git would see", async () => {
    const world = withTool("typescript", {
      "tsconfig.json": '{ // all\n "files": [], /* none */ "references": [{ "path": "./a" }], }'
    })
    const refused = `if (args.includes("--noEmit")) {
      process.stdout.write("b/tsconfig.json(1,1): error TS6310: Referenced project may not disable emit.\\n")
      process.exit(1)
    }
    require("node:fs").writeFileSync("a.tsbuildinfo", "")`
    world.fake("tsc", { script: refused }, "node_modules/.bin/tsc")
    assert.strictEqual((await world.check("types")).exit, exits.passed)
    assert.deepStrictEqual(world.called("tsc"), [["-b", "--noEmit"], ["-b"]])
    assert.strictEqual(world.leftovers(), "")
  })

  it("prefers a script, but not one called types that writes declarations", async () => {
    const world = withTool("typescript", tsconfig)
    world.fake("tsc", {}, "node_modules/.bin/tsc")
    for (const [scripts, expected] of [
      [{ typecheck: "tsc" }, "npm run typecheck passed"],
      [{ "type-check": "tsc" }, "npm run type-check passed"],
      [{ types: "tsc --noEmit" }, "npm run types passed"],
      [{ types: "tsc --emitDeclarationOnly" }, "tsc passed"]
    ] as const) {
      world.change({ "package.json": packageJson({ scripts, devDependencies: { typescript: "1" } }) })
      world.fake("npm", {})
      assert.strictEqual((await world.check("types")).summary, expected)
    }
    world.change({ "package.json": packageJson({}), "tsconfig.json": null })
    assert.strictEqual((await world.check("types")).exit, exits.skipped)
  })
})
