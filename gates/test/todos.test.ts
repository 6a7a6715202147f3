import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { config, exits, World } from "./world.ts"

const todos = (world: World, env: Readonly<Record<string, string>> = {}) =>
  world.check("todos", { CALM_MERGE_BASE: world.head(world.main), ...env })

/** The lines that are printed for what was found. */
const found = (answer: { readonly stdout: string }) =>
  answer.stdout.split("\n").filter((line) => !/^(?:calm:|$)/.test(line))

describe.concurrent("TODOs that a branch adds", () => {
  it("fail without a task id on the line, named by file and line", async () => {
    const world = new World({ "a.js": "one\n// TODO old\n" })
    world.change({ "a.js": "zero\none\n// TODO old\n// FIXME later\n", "sub/b.py": "x = 1  # XXX\n" })
    const answer = await todos(world)
    assert.strictEqual(answer.exit, exits.failed)
    assert.deepStrictEqual(found(answer), ["a.js:4: // FIXME later", "sub/b.py:1: x = 1  # XXX"])
    assert.strictEqual(answer.summary, "todos failed: 2 without a task id on the line: a.js:4, sub/b.py:1")
  })

  it("are told from tracked ones by a task id, not by any word with a number", async () => {
    const tracked = ["// TODO SPEC-12: later", "// TODO(BUG-003) later", "// FIXME PROJ-1-2", "// TODO spec-001"]
    const unmarked = ["const TODOS = todo(XXXX)", "SPEC-12"]
    const untracked = [
      "// TODO",
      "// TODO: read UTF-8 and SHA-256",
      "// TODO-1",
      "// XXX-1",
      "// TODO spec-0011",
      "TODO",
      "++ b/x.js TODO",
      "-- a/TODO",
      "é TODO"
    ]
    const world = new World({ "a.js": "one\n" })
    world.change({ "a.js": `${[...tracked, ...unmarked, ...untracked].join("\n")}\n` })
    const first = tracked.length + unmarked.length + 1
    assert.deepStrictEqual(
      found(await todos(world)),
      untracked.map((line, index) => `a.js:${first + index}: ${line}`)
    )
  })

  it("do not count in documents, lock files, removed lines and binary files", async () => {
    const world = new World({ "a.js": "// TODO old\n" })
    world.change({
      "a.js": "",
      "planning_docs/SPEC-001/spec.md": "TODO\n",
      "bug_reports/BUG-1.md": "TODO\n",
      "changelog.d/SPEC-001.md": "TODO\n",
      "sub/package-lock.json": "TODO\n",
      "yarn.lock": "TODO\n",
      "image.png": Buffer.from("\0\n TODO \n")
    })
    assert.strictEqual((await todos(world)).exit, exits.passed)
    world.change({ "planning_docs_code/a.js": "TODO\n" })
    assert.deepStrictEqual(found(await todos(world)), ["planning_docs_code/a.js:1: TODO"])
  })

  it("count where the configuration names other document folders", async () => {
    const world = new World({})
    world.change({ "planning_docs/a.md": "TODO\n", "docs/a.md": "TODO\n" })
    assert.deepStrictEqual(found(await todos(world, config({ docFolders: ["docs/"] }))), ["planning_docs/a.md:1: TODO"])
  })

  it("are found in files with unusual names", async () => {
    const world = new World({})
    world.change({ 'a "b"\t\\ñ\n.js': "TODO\n", " c d.js": "TODO\n", "-e.js": "TODO\n", "no-newline.js": "TODO" })
    assert.deepStrictEqual(found(await todos(world)).sort(), [
      " c d.js:1: TODO",
      "-e.js:1: TODO",
      'a \\"b\\"\\t\\\\ñ\\n.js:1: TODO',
      "no-newline.js:1: TODO"
    ])
  })

  it("cannot be hidden by attributes or by how git is set up", async () => {
    const world = new World({ "a.js": "one\ntwo\n" })
    world.change({
      ".gitattributes": "*.js -diff\n*.py diff=hide\n",
      "a.js": "one\nTODO\ntwo\nTODO\n",
      "b.py": "TODO\n"
    })
    for (const [name, value] of [
      ["diff.noprefix", "true"],
      ["diff.mnemonicPrefix", "true"],
      ["diff.hide.textconv", "true"],
      ["diff.external", "true"],
      ["diff.interHunkContext", "9"],
      ["color.ui", "always"]
    ] as const) {
      world.git(world.main, "config", name, value)
    }
    const env = { GIT_DIR: path.join(world.main, ".git"), GIT_EXTERNAL_DIFF: "true" }
    assert.deepStrictEqual(found(await todos(world, env)), ["a.js:2: TODO", "a.js:4: TODO", "b.py:1: TODO"])
  })

  it("pass where none was added, but never where git fails", async () => {
    const world = new World({ "a.js": "// TODO\n" })
    assert.strictEqual((await todos(world)).exit, exits.passed)
    assert.strictEqual((await world.check("todos")).exit, exits.unavailable)
    assert.strictEqual((await todos(world, { CALM_MERGE_BASE: "0".repeat(40) })).exit, exits.unavailable)
    assert.strictEqual((await todos(world, { CALM_MERGE_BASE: "--output=x" })).exit, exits.unavailable)
    const git = world.head(world.main)
    fs.rmSync(path.join(world.bin, "git"))
    assert.strictEqual((await world.check("todos", { CALM_MERGE_BASE: git })).exit, exits.unavailable)
    world.fake("git", { exit: 128, stderr: "fatal: bad object\n" })
    assert.strictEqual((await world.check("todos", { CALM_MERGE_BASE: git })).exit, exits.unavailable)
  })
})
