/** The package of the command: what is in it, and the main job with it, as somebody does it who installed it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { isBuiltin } from "node:module"
import * as Path from "node:path"
import { bundleAll } from "../bundle.mjs"
import * as Installation from "./fixtures/installation.ts"
import * as World from "./fixtures/world.ts"

const root = Path.resolve(import.meta.dirname, "../../..")
const read = (...parts: ReadonlyArray<string>): string => Fs.readFileSync(Path.join(...parts), "utf8")

const tarball = Installation.tarballForAll()

const filesBelow = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => Path.relative(folder, Path.join(entry.parentPath, entry.name)))

const report = "# Wrong\n\n## Reproduction\n\nRun it.\n\n## Root cause\n\nA typo.\n\n## Fix plan\n\nMend it.\n"

describe("the package of the command", () => {
  it.scopedLive("holds all that it needs but for the driver of the database, in less than 3 MB", () =>
    Effect.gen(function* () {
      const folder = Path.join(yield* World.folder, "unpacked")
      Installation.unpack(tarball(), folder)
      const files = filesBelow(folder)
      const size = files.reduce((sum, file) => sum + Fs.statSync(Path.join(folder, file)).size, 0)
      assert.isBelow(size, 3_000_000)
      assert.includeMembers(
        [...files],
        [
          "bin/calm.cjs",
          "dist/gates/table.json",
          "dist/gates/tests.mjs",
          "dist/roles/backend.md",
          "LICENSE",
          "README.md"
        ]
      )
      // Nothing of a test, a build or a run.
      assert.deepStrictEqual(
        files.filter((file) => /\.(?:ts|map|tsbuildinfo)$|(?:^|\/)(?:test|cache)\//.test(file)),
        []
      )

      const wanted: unknown = JSON.parse(read(root, "packages/sql/package.json"))
      const engines: unknown = JSON.parse(read(root, "package.json"))
      const manifest: unknown = JSON.parse(read(folder, "package.json"))
      assert.nestedPropertyVal(wanted, "dependencies.better-sqlite3", "12.6.2")
      assert.deepStrictEqual(manifest, {
        name: "@calm/cli",
        version: "0.1.0",
        description: "The calm command.",
        license: "MIT",
        engines: { node: ">=20.19" },
        bin: { calm: "./bin/calm.cjs" },
        dependencies: { "better-sqlite3": "12.6.2" }
      })
      assert.nestedPropertyVal(engines, "engines.node", ">=20.19")

      // What the programs ask Node for, by name.
      const asked = files
        .filter((file) => /^(?:bin|dist)\/\w+\.cjs$/.test(file))
        .flatMap((file) =>
          Array.from(
            read(folder, file).matchAll(/(?:\brequire|\(__filename\))\("([^"./][^"]*)"\)/g),
            ([, name = ""]) => name
          )
        )
      assert.isAbove(asked.length, 10)
      assert.deepStrictEqual([...new Set(asked.filter((name) => !isBuiltin(name)))], ["better-sqlite3"])
    })
  )

  it.scopedLive("holds the licence of every package that went into it", () =>
    Effect.gen(function* () {
      const folder = yield* World.folder
      Installation.unpack(tarball(), Path.join(folder, "unpacked"))
      const licences = read(folder, "unpacked/THIRD-PARTY-LICENSES")
      const inputs = yield* Effect.promise(() => bundleAll(Fs.mkdtempSync(Path.join(folder, "built-"))))
      const packages = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []))
      assert.isAtLeast(packages.size, 8)
      for (const each of packages) {
        const manifest = read(root, each, "package.json")
        const [, name] = /"name": "([^"]+)"/.exec(manifest) ?? []
        const [, version] = /"version": "([^"]+)"/.exec(manifest) ?? []
        assert.include(licences, `\n${name} ${version} (`)
        const text = Fs.readdirSync(Path.join(root, each)).find((file) => /^licen[cs]e/i.test(file)) ?? ""
        assert.include(licences, read(root, each, text).trim(), name)
      }
    })
  )
})

describe("the main job with the installed package", () => {
  it.scopedLive(
    "goes from an idea to main where every path has blanks and letters that are not ASCII",
    () =>
      Effect.gen(function* () {
        const { answer, calm, home, repo } = yield* Installation.place(tarball())
        assert.strictEqual(calm("--version").stdout, "calm 0.1.0\n")
        assert.nestedPropertyVal(yield* answer("init"), "project.path", repo)
        assert.isTrue(Fs.existsSync(Path.join(home, "metadata.db")))
        yield* answer("task", "create", "BUG-001", "Begrüßung fehlt ✓", "--type", "bug")
        const made = yield* answer("worktree", "create", "BUG-001")
        const worktree = Path.join(repo, ".worktrees/BUG-001")
        assert.nestedPropertyVal(made, "worktree.path", worktree)

        // Not before there is something to judge.
        assert.strictEqual(calm("task", "transition", "BUG-001", "INVESTIGATED").status, 7)
        World.commit(worktree, {
          "bug_reports/BUG-001.md": report,
          "changelog.d/BUG-001.md": "* Grüßt\n",
          "src/Grüße ✓.js": "export const greeting = 'Grüß Gott'\n",
          "test/Grüße ✓.test.js": "export {}\n"
        })
        yield* answer("task", "transition", "BUG-001", "INVESTIGATED")
        assert.strictEqual(calm("gate", "check", "BUG-001", "INVESTIGATED-FIXED").status, 0)
        yield* answer("task", "transition", "BUG-001", "FIXED")
        for (const reviewer of ["Zoë", "Ωμέγα"])
          yield* answer("review", "record", "BUG-001", "bugfix", "approved", "--by", reviewer)
        yield* answer("task", "transition", "BUG-001", "REVIEWED")
        assert.strictEqual(calm("gate", "check", "BUG-001", "REVIEWED-TESTED").status, 0)
        yield* answer("task", "transition", "BUG-001", "TESTED")
        yield* answer("worktree", "merge", "BUG-001")

        assert.isTrue(Fs.existsSync(Path.join(repo, "src/Grüße ✓.js")), "main was not moved")
        assert.isFalse(Fs.existsSync(worktree))
        assert.strictEqual(World.git(repo, "status", "--porcelain"), "")
        assert.nestedPropertyVal(yield* answer("task", "show", "BUG-001"), "task.phase", "MERGED")
        const status = calm("status")
        assert.deepStrictEqual([status.status, status.stderr], [0, ""])
        assert.include(status.stdout, "BUG-001")
        // With its own driver and its own cache, it has nothing to say against the installation.
        const doctor = calm("doctor")
        assert.include(doctor.stdout, "✓ better-sqlite3 is built for this Node")
        assert.include(doctor.stdout, "✓ what is compiled once is kept in ")
      }),
    120_000
  )
})
