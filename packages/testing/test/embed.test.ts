/** The packages as another program gets them: packed, installed into a folder of its own, compiled against, run. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Url from "node:url"

const root = Path.resolve(import.meta.dirname, "../../..")
const example = Path.join(root, "examples/embed")

const Manifest = Schema.parseJson(
  Schema.Struct({
    name: Schema.String,
    version: Schema.String,
    exports: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
    bin: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
    dependencies: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
    devDependencies: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
    peerDependencies: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String }))
  })
)

const manifestIn = (folder: string) =>
  Schema.decodeSync(Manifest)(Fs.readFileSync(Path.join(folder, "package.json"), "utf8"))

/** Where the program is installed. */
let app = ""

/** A package of others, as this workspace has it. */
const thirdParty = (name: string): string => {
  const places = [root, ...Fs.readdirSync(Path.join(root, "packages")).map((each) => Path.join(root, "packages", each))]
  const found = places.map((place) => Path.join(place, "node_modules", name)).find((path) => Fs.existsSync(path))
  assert.isDefined(found, `${name} is not installed in the workspace`)
  return Fs.realpathSync(found)
}

const link = (folder: string, name: string, target: string) => {
  Fs.mkdirSync(Path.dirname(Path.join(folder, "node_modules", name)), { recursive: true })
  Fs.symlinkSync(target, Path.join(folder, "node_modules", name), "junction")
}

/**
 * What a package manager does, without its network: each package unpacked into a folder where it finds what its manifest
 * names, and nothing else, so that a dependency that was forgotten is missing here as it would be for a user.
 */
const install = (tarballs: ReadonlyArray<string>) => {
  const folders = new Map<string, string>()
  const places = tarballs.map((tarball) => {
    const place = Path.join(app, "installed", Path.basename(tarball, ".tgz"))
    Fs.mkdirSync(place, { recursive: true })
    ChildProcess.execFileSync("tar", ["-xzf", tarball, "-C", place])
    const manifest = manifestIn(Path.join(place, "package"))
    const folder = Path.join(place, "node_modules", manifest.name)
    Fs.mkdirSync(Path.dirname(folder), { recursive: true })
    Fs.renameSync(Path.join(place, "package"), folder)
    folders.set(manifest.name, folder)
    return { place, manifest }
  })
  const find = (name: string) => folders.get(name) ?? thirdParty(name)
  for (const { manifest, place } of [...places, { place: app, manifest: manifestIn(app) }]) {
    const needed = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies }
    for (const name of Object.keys(needed)) link(place, name, find(name))
  }
}

/** Runs Node in the program's folder; gives what it printed, and fails when it does not end well. */
const node = (...args: ReadonlyArray<string>) =>
  Effect.async<string>((resume) => {
    ChildProcess.execFile(process.execPath, [...args], { cwd: app, encoding: "utf8" }, (error, stdout, stderr) =>
      resume(
        Effect.sync(() => {
          assert.isNull(error, `node ${args.join(" ")}\n${stdout}${stderr}`)
          return stdout
        })
      )
    )
  })

/** The program that an installed package brings along. */
const bin = (name: string): string => {
  const folder = Path.join(app, "node_modules", name)
  return Path.join(folder, Object.values(manifestIn(folder).bin ?? {})[0] ?? "")
}

/** Every public module of the packages; the contract suites, which are modules of tests, on their own. */
const publicModules = () => {
  const installed = Fs.readdirSync(Path.join(app, "node_modules/@calm")).map((name) => `@calm/${name}`)
  const all = installed.flatMap((name) =>
    Object.keys(manifestIn(Path.join(app, "node_modules", name)).exports ?? {})
      .filter((path) => !/\*|\.json$/.test(path))
      .map((path) => `${name}${path.slice(1)}`)
  )
  return { modules: all.filter((path) => !path.includes("/contracts/")), all }
}

beforeAll(() => {
  app = Fs.realpathSync(Fs.mkdtempSync(Path.join(Os.tmpdir(), "calm-embed-")))
  const notCopied = new Set(["node_modules", "dist", "vendor"])
  Fs.cpSync(example, app, { recursive: true, filter: (path) => !notCopied.has(Path.basename(path)) })
  const vendor = Path.join(app, "vendor")
  Fs.mkdirSync(vendor)
  const script = Url.pathToFileURL(Path.join(root, "scripts/pack.mjs")).href
  const program = `import { pack } from ${JSON.stringify(script)}; await pack(process.argv[1])`
  ChildProcess.execFileSync(process.execPath, ["--input-type=module", "--eval", program, vendor], { encoding: "utf8" })
  install(Fs.readdirSync(vendor).map((name) => Path.join(vendor, name)))
}, 120_000)

afterAll(() => Fs.rmSync(app, { recursive: true, force: true }))

describe("a program of its own that installed calm's packages", () => {
  it("names the packages as they are packed, and everything else as the workspace has it", () => {
    const { dependencies = {}, devDependencies = {} } = manifestIn(example)
    for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (wanted.startsWith("file:")) assert.isTrue(Fs.existsSync(Path.join(app, wanted.slice("file:".length))), wanted)
      else assert.strictEqual(wanted, manifestIn(thirdParty(name)).version, name)
    }
  })

  it.live(
    "finds each public module, and each finds what it needs by what its manifest names",
    () =>
      Effect.gen(function* () {
        const { modules } = publicModules()
        assert.isAtLeast(modules.length, 50)
        Fs.writeFileSync(Path.join(app, "everyModule.mjs"), modules.map((name) => `import "${name}"`).join("\n"))
        assert.strictEqual(yield* node("everyModule.mjs"), "")
      }),
    60_000
  )

  it.live(
    "compiles strictly against the declarations of every public module, under both ways of finding modules",
    () =>
      Effect.gen(function* () {
        const { all, modules } = publicModules()
        const importing = (names: ReadonlyArray<string>) =>
          names.map(
            (name, index) => `import type * as M${index} from "${name}"\nexport type T${index} = typeof M${index}`
          )
        Fs.writeFileSync(Path.join(app, "src/everyModule.ts"), importing(modules).join("\n"))
        Fs.writeFileSync(Path.join(app, "test/everyModule.ts"), importing(all).join("\n"))
        const bundler = ["--module", "esnext", "--moduleResolution", "bundler"]
        for (const args of [["tsconfig.json"], ["tsconfig.test.json"], ["tsconfig.json", ...bundler]])
          assert.strictEqual(yield* node(bin("typescript"), "--noEmit", "-p", ...args), "")
      }),
    120_000
  )

  it.live(
    "makes a task over the real database with its own git, is refused, told why, and moves it",
    () =>
      Effect.gen(function* () {
        // Its types are the business of the test before this one.
        yield* node(bin("typescript"), "--noCheck", "-p", ".")
        assert.deepStrictEqual((yield* node("dist/src/main.js")).trimEnd().split("\n"), [
          'There is no task "SPEC-404" in this project; try: calm task list --all',
          "SPEC-001 may not move to DESIGN: 2 conditions are not met",
          "  spec reviews: planning_docs/SPEC-001/spec.md is not committed",
          "  approval: planning_docs/SPEC-001/spec.md is not committed",
          "SPEC-001 moved from SPEC to DESIGN",
          "SPEC-001 is in DESIGN after 1 move",
          "git: a commit: Start",
          "git: a worktree on SPEC-001",
          "git: a commit: Spec of SPEC-001"
        ])
      }),
    60_000
  )

  it.live(
    "is tested in memory by its own tests, and finds each contract suite there",
    () =>
      Effect.gen(function* () {
        const contracts = publicModules().all.filter((path) => path.includes("/contracts/"))
        assert.strictEqual(contracts.length, 3)
        const imports = contracts.map((name) => `expect(Object.keys(await import("${name}"))).not.toEqual([])`)
        Fs.writeFileSync(
          Path.join(app, "test/everyContract.test.mjs"),
          `import { expect, it } from "vitest"\nit("imports", async () => {\n${imports.join("\n")}\n})\n`
        )
        assert.match(yield* node(bin("vitest"), "run", "--reporter=tap-flat"), /^ok 6 /m)
      }),
    60_000
  )
})
