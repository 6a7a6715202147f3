/** The package of the command in the hands of npm: what it links, which scripts it runs, and what is left to do where it runs none. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Installation from "./fixtures/installation.ts"
import * as Registry from "./fixtures/registry.ts"
import { document } from "./fixtures/run.ts"
import * as World from "./fixtures/world.ts"

const tarball = Installation.tarballForAll()

/** A machine whose npm has never run: all that it and calm write is below one folder. */
const machine = Effect.gen(function* () {
  const registry = yield* Registry.serve
  const base = yield* World.folder
  const package_ = Path.join(base, "Geladen ✓ é/calm-cli-0.1.0.tgz")
  const home = Path.join(base, "Zuhause von Jürgen & Ωμέγα")
  const empty = Path.join(base, "leer é")
  for (const folder of [Path.dirname(package_), home, empty]) Fs.mkdirSync(folder)
  Fs.copyFileSync(tarball(), package_)
  const prefix = Path.join(base, "Meine Werkzeuge é")
  const repo = World.repository(Path.join(base, "mein Projekt ✓ é"))

  // Nothing of the surroundings: whoever runs the tests may have told their npm to run no scripts.
  const env = {
    PATH: `${Path.dirname(process.execPath)}${Path.delimiter}${process.env["PATH"]}`,
    HOME: home,
    TMPDIR: base,
    npm_config_audit: "false",
    npm_config_cache: Path.join(base, "Gemerktes é"),
    npm_config_fetch_retries: "0",
    npm_config_fund: "false",
    npm_config_globalconfig: Path.join(base, "npmrc"),
    npm_config_registry: registry,
    npm_config_update_notifier: "false"
  }
  /** Not synchronous, as elsewhere: the registry is in this process. */
  const run = (cwd: string, program: string, ...args: ReadonlyArray<string>) =>
    Effect.async<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }>((resume, signal) => {
      ChildProcess.execFile(program, [...args], { cwd, encoding: "utf8", env, signal }, (error, stdout, stderr) =>
        resume(Effect.succeed({ status: error === null ? 0 : error.code, stdout, stderr }))
      )
    })
  /** What a program prints that succeeds. */
  const said = (cwd: string, program: string, ...args: ReadonlyArray<string>) =>
    Effect.map(run(cwd, program, ...args), ({ status, stderr, stdout }) => {
      assert.strictEqual(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`)
      return stdout
    })
  /** Installs calm for all projects; gives the command. */
  const install = (...options: ReadonlyArray<string>) =>
    Effect.as(
      said(empty, "npm", "install", "--global", "--prefix", prefix, ...options, package_),
      Path.join(prefix, "bin/calm")
    )
  return { empty, install, package_, prefix, repo, run, said }
})

describe("calm by npm", () => {
  it.scopedLive(
    "is a command that works, where every path has blanks and letters that are not ASCII",
    () =>
      Effect.gen(function* () {
        const { install, repo, said } = yield* machine
        const calm = yield* install()
        assert.strictEqual(yield* said(repo, calm, "--version"), "calm 0.1.0\n")
        yield* said(repo, calm, "init")
        yield* said(repo, calm, "task", "create", "SPEC-001", "Begrüßung fehlt ✓")
        const { data } = yield* document(yield* said(repo, calm, "task", "list", "--json"))
        assert.nestedPropertyVal(data, "tasks[0].title", "Begrüßung fehlt ✓")
        assert.include(yield* said(repo, calm, "doctor"), "✓ better-sqlite3 is built for this Node")
      }),
    120_000
  )

  it.scopedLive(
    "works without being installed",
    () =>
      Effect.gen(function* () {
        const { empty, package_, repo, said } = yield* machine
        const npx = (cwd: string, ...words: ReadonlyArray<string>) =>
          said(cwd, "npx", "--yes", "--package", package_, "--", "calm", ...words)
        assert.strictEqual(yield* npx(empty, "--version"), "calm 0.1.0\n")
        assert.deepStrictEqual(Fs.readdirSync(empty), [])
        // With a driver of the database, too.
        assert.include(yield* npx(repo, "init"), `Registered ${repo}\n`)
      }),
    120_000
  )

  it.scopedLive(
    "says, where no scripts were run, which command builds the driver of the database, and works after it",
    () =>
      Effect.gen(function* () {
        const { empty, install, prefix, repo, run, said } = yield* machine
        const calm = yield* install("--ignore-scripts")
        assert.strictEqual(yield* said(repo, calm, "--version"), "calm 0.1.0\n")
        const driver = Path.join(prefix, "lib/node_modules/@calm/cli/node_modules/better-sqlite3")
        const hint = `npm run install --prefix '${driver}'`
        const message = `The database driver ${driver} cannot be loaded: it was not built`
        assert.deepStrictEqual(yield* run(repo, calm, "init"), {
          status: 2,
          stdout: "",
          stderr: `error: ${message}\nhint: ${hint}\n`
        })
        yield* said(empty, "sh", "-c", hint)
        assert.include(yield* said(repo, calm, "init"), `Registered ${repo}\n`)
      }),
    120_000
  )
})
