/**
 * `node scripts/pack.mjs [folder]`: makes the tarballs that other programs install, into `dist/` or the folder.
 *
 * The sources are compiled to JavaScript with declarations; the manifests name what was compiled, with the versions in
 * place of `workspace:*`. Effect and the test runner become peers: there must be one of each in a program.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { root, run } from "./run.mjs"
import { setup } from "./setup.mjs"

/** Compiled; `tsconfig.pack.json` lists them, too. */
const compiled = ["domain", "process", "git", "sql", "core", "testing"].map((name) => join("packages", name))
/** Shipped as they are. */
const plain = ["gates", "roles"]

const notShipped = new Set(["test", "dist", "node_modules", "package.json"])
const isShipped = (path) => !notShipped.has(basename(path)) && !/^tsconfig.*\.json$/.test(basename(path))

const isPeer = (name) => name === "effect" || name.startsWith("@effect/") || name === "vitest"

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"))
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
const manifestOf = (folder) => readJson(join(root, folder, "package.json"))

const versions = new Map([...compiled, ...plain].map(manifestOf).map(({ name, version }) => [name, version]))

/** The two kinds of dependency of a manifest, with versions that hold outside of the workspace. */
const dependenciesOf = ({ dependencies = {} }) => {
  const entries = Object.entries(dependencies)
  return {
    dependencies: Object.fromEntries(
      entries
        .filter(([name]) => !isPeer(name))
        .map(([name, version]) => [name, version === "workspace:*" ? versions.get(name) : version])
    ),
    peerDependencies: Object.fromEntries(
      entries.filter(([name]) => isPeer(name)).map(([name, version]) => [name, `^${version}`])
    )
  }
}

/** `./src/tasks/Tasks.ts` as it is shipped. */
const conditionsOf = (source) => {
  const stem = source.replace(/^\.\/src\//, "./dist/").replace(/\.ts$/, "")
  return { types: `${stem}.d.ts`, import: `${stem}.js` }
}

const manifest = (folder, exports) => {
  const { description, license, name, type, version, ...rest } = manifestOf(folder)
  return {
    name,
    version,
    description,
    license,
    type,
    engines: manifestOf(".").engines,
    sideEffects: [],
    exports: { ...exports(rest.exports), "./package.json": "./package.json" },
    ...dependenciesOf(rest)
  }
}

/** Every module that the manifest of a package names must be there. */
const complete = (stage) => {
  const { exports, name } = readJson(join(stage, "package.json"))
  for (const path of Object.values(exports).flatMap((target) =>
    typeof target === "string" ? target : Object.values(target)
  )) {
    if (!path.includes("*") && !existsSync(join(stage, path)))
      throw new Error(`${name} exports ${path}, which is not there`)
  }
  return stage
}

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/**
 * Declarations name each other by `.js`, which every tool understands (the compiler leaves `.ts` there; the length is
 * the same, so maps stay right), and maps point to the sources that lie beside `dist`.
 */
const finish = (stage) => {
  const dist = join(stage, "dist")
  for (const file of filesBelow(dist)) {
    if (file.endsWith(".d.ts")) {
      writeFileSync(file, readFileSync(file, "utf8").replaceAll(/((?:from |import\()"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"'))
    }
    if (!file.endsWith(".map")) continue
    const source = join(stage, "src", relative(dist, file).replace(/(?:\.d\.ts|\.js)\.map$/, ".ts"))
    writeJson(file, { ...readJson(file), sources: [relative(dirname(file), source)] })
  }
}

const must = async (what, program, args) => {
  const { code, output } = await run(program, args)
  if (code !== 0) throw new Error(`${what} failed (exit ${code})\n${output.trimEnd()}`)
  return output.trim()
}

/** Makes the tarballs into an existing folder; gives their paths. */
export const pack = async (folder) => {
  const work = mkdtempSync(join(tmpdir(), "calm-pack-"))
  try {
    const emitted = join(work, "emitted")
    const compiler = await must("finding the compiler", join(root, "node_modules/.bin/effect-tsgo"), ["get-exe-path"])
    await must("compiling", compiler, ["-p", join(root, "tsconfig.pack.json"), "--outDir", emitted])

    const stages = [...compiled, ...plain].map((each) => {
      const stage = join(work, basename(each))
      if (plain.includes(each)) {
        cpSync(join(root, each), stage, { recursive: true, filter: isShipped })
        writeJson(
          join(stage, "package.json"),
          manifest(each, (exports) => exports)
        )
      } else {
        mkdirSync(stage)
        renameSync(join(emitted, each, "src"), join(stage, "dist"))
        cpSync(join(root, each, "src"), join(stage, "src"), { recursive: true })
        cpSync(join(root, each, "README.md"), join(stage, "README.md"))
        finish(stage)
        const exports = (sources) =>
          Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, conditionsOf(source)]))
        writeJson(join(stage, "package.json"), manifest(each, exports))
      }
      cpSync(join(root, "LICENSE"), join(stage, "LICENSE"))
      return complete(stage)
    })
    const npm = process.platform === "win32" ? "npm.cmd" : "npm"
    await must("packing", npm, [
      "pack",
      "--ignore-scripts",
      "--loglevel=error",
      "--pack-destination",
      folder,
      ...stages
    ])
    return stages.map((stage) => {
      const { name, version } = readJson(join(stage, "package.json"))
      return join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)
    })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup()
  const folder = resolve(process.argv[2] ?? join(root, "dist"))
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true })
  try {
    for (const tarball of await pack(folder)) console.log(tarball)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
