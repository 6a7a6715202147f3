/** An installation that is not whole: above all the driver of the database, whose native part is made when it is installed. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Installation from "./fixtures/installation.ts"
import { document } from "./fixtures/run.ts"

const tarball = Installation.tarballForAll()

/** A module for Node, as one compiled for another Node has it: it says its version when it is loaded. */
const foreignModule = `
  struct module { int version; unsigned flags; void *handle; const char *file; void *plain, *init; const char *name; void *more, *next; };
  void node_module_register(void *);
  static void init(void) {}
  static struct module it = { 1, 0, 0, "foreign.c", 0, (void *)init, "better_sqlite3", 0, 0 };
  __attribute__((constructor)) static void load(void) { node_module_register(&it); }
`

const native = (driver: string) => Path.join(driver, "build/Release/better_sqlite3.node")

/** What can be wrong with the driver of the database, and what is said of it; with the essential ones more is tried. */
const broken = [
  {
    what: "was not built, since scripts were not run",
    make: (driver: string) => Fs.rmSync(Path.join(driver, "build"), { recursive: true }),
    reason: "not_built",
    said: /it was not built$/,
    essential: true
  },
  {
    what: "is garbage",
    make: (driver: string) => Fs.writeFileSync(native(driver), "no module\n".repeat(999)),
    reason: "not_built",
    said: /: (?:invalid ELF header|.*not a (?:mach-o|valid).*)$/i,
    essential: false
  },
  {
    what: "was cut off",
    make: (driver: string) => Fs.truncateSync(native(driver), 100),
    reason: "not_built",
    said: /cannot be loaded: .+$/,
    essential: false
  },
  {
    what: "was built for another Node",
    make: (driver: string) => {
      const source = Path.join(driver, "foreign.c")
      Fs.writeFileSync(source, foreignModule)
      const link = process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : []
      ChildProcess.execFileSync("cc", ["-shared", "-fPIC", ...link, "-o", native(driver), source])
    },
    reason: "not_built",
    said: new RegExp(`built for another Node \\(NODE_MODULE_VERSION 1, this Node has ${process.versions.modules}\\)$`),
    essential: false
  },
  {
    what: "is not there at all",
    make: (driver: string) => Fs.rmSync(driver, { recursive: true }),
    reason: "not_installed",
    said: /: Cannot find module 'better-sqlite3'$/,
    essential: true
  },
  {
    what: "lacks a package that it needs",
    make: (driver: string) => Fs.rmSync(Path.join(driver, "../bindings"), { recursive: true }),
    reason: "not_installed",
    said: /: Cannot find module 'bindings'$/,
    essential: false
  }
] as const

describe("an installation whose driver of the database", () => {
  for (const { make, reason, said, what } of broken)
    it.scopedLive(
      `${what} says so in one line, with the command that mends it`,
      () =>
        Effect.gen(function* () {
          const { answer, calm, driver, package_ } = yield* Installation.place(tarball())
          yield* answer("init")
          make(driver)
          const listed = calm("task", "list", "--json")
          assert.deepStrictEqual([listed.status, listed.stderr], [2, ""])
          const { error } = yield* document(listed.stdout)
          assert.deepInclude(error, { code: "store_error", category: "database" })
          assert.propertyVal(error?.details, "reason", reason)
          assert.match(error?.message ?? "", said)
          assert.include(error?.hint, `--prefix '${reason === "not_built" ? driver : package_}'`)
          const doctor = calm("doctor")
          assert.deepStrictEqual([doctor.status, doctor.stderr], [2, ""])
          assert.include(doctor.stdout, `database\n  ✗ ${error?.message}\n    → ${error?.hint}\n\n`)
        }),
      60_000
    )

  for (const { make, what } of broken.filter((each) => each.essential))
    it.scopedLive(
      `${what} does all that needs no database, and answers the rest alike`,
      () =>
        Effect.gen(function* () {
          const { answer, calm, driver } = yield* Installation.place(tarball())
          yield* answer("init")
          yield* answer("task", "create", "SPEC-001", "A title")
          assert.match(calm("complete", "task", "").stdout, /^SPEC-001\t/)
          make(driver)
          for (const line of [
            "--version",
            "--help",
            "help phases",
            "completions bash",
            "complete task",
            "schema status"
          ]) {
            const { status, stderr, stdout } = calm(...line.split(" "))
            assert.deepStrictEqual([status, stderr, stdout === ""], [0, "", line === "complete task"], line)
          }
          const first = calm("status")
          assert.match(first.stderr, /^error: The database driver [^\n]+\nhint: npm [^\n]+\n$/)
          for (const line of ["init", "task create SPEC-002 Two", "worktree create SPEC-001", "worktree list"]) {
            const { status, stderr, stdout } = calm(...line.split(" "))
            assert.deepStrictEqual([status, stdout, stderr], [2, "", first.stderr], line)
          }
        }),
      60_000
    )

  it.scopedLive(
    "was not built is mended by the command that is hinted at, as it stands",
    () =>
      Effect.gen(function* () {
        const { answer, calm, driver, home, repo } = yield* Installation.place(tarball())
        yield* answer("init")
        // In the place of the compiler, which takes minutes: what it would make.
        Fs.renameSync(Path.join(driver, "build"), Path.join(driver, "made"))
        const install = "mkdir -p build/Release && cp made/Release/*.node build/Release"
        Fs.writeFileSync(
          Path.join(driver, "package.json"),
          JSON.stringify({ name: "better-sqlite3", version: "12.6.2", main: "lib/index.js", scripts: { install } })
        )
        const { error } = yield* document(calm("status", "--json").stdout)
        const npm = { npm_config_cache: home, npm_config_offline: "true", npm_config_update_notifier: "false" }
        const env = { ...process.env, HOME: home, ...npm, npm_config_ignore_scripts: "true" }
        ChildProcess.execFileSync("sh", ["-c", error?.hint ?? ""], { cwd: repo, env, stdio: "pipe" })
        assert.strictEqual(calm("status").status, 0)
      }),
    60_000
  )
})

describe("the doctor of an installation", () => {
  it.scopedLive("tells why calm starts slower than it could", () =>
    Effect.gen(function* () {
      const { answer, calm, home, package_ } = yield* Installation.place(tarball())
      yield* answer("init")
      const said = () => calm("doctor").stdout.match(/^ {2}. .*(?:slower|compiled).*\n(?: {4}→ .*)?/m)?.[0]
      assert.include(said(), `  ✓ what is compiled once is kept in ${package_}/dist/cache`)
      Fs.rmSync(Path.join(package_, "dist/cache"), { recursive: true, force: true })
      Fs.writeFileSync(Path.join(package_, "dist/cache"), "")
      assert.include(said(), `  ✓ what is compiled once is kept in ${home}/cache/code`)
      Fs.rmSync(Path.join(home, "cache"), { recursive: true })
      Fs.writeFileSync(Path.join(home, "cache"), "")
      assert.match(said() ?? "", /^ {2}! calm starts slower than it could: neither .* may be written\n {4}→ ls -ld /)
    })
  )

  it.scopedLive("tells what of the package is missing", () =>
    Effect.gen(function* () {
      const { answer, calm, package_ } = yield* Installation.place(tarball())
      yield* answer("init")
      for (const name of ["gates", "roles"]) {
        const folder = Path.join(package_, "dist", name)
        Fs.renameSync(folder, `${folder}.gone`)
        const { status, stdout } = calm("doctor")
        assert.include(stdout, `  ✗ ${folder} is missing`)
        assert.notStrictEqual(status, 0)
        Fs.renameSync(`${folder}.gone`, folder)
      }
      assert.strictEqual(calm("doctor").status, 0)
    })
  )
})
