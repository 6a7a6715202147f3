/**
 * `node scripts/pack.mjs [folder]`: makes the tarballs that are installed, into `dist/` or the folder: that of the command,
 * and those of the packages that other programs use.
 *
 * The command is bundled, so that it needs nothing but the database's driver; the licences of what went into it go along.
 * The sources of the packages are compiled to JavaScript with declarations; the manifests name what was compiled, with the
 * versions in place of `workspace:*`. Effect and the test runner become peers: there must be one of each in a program.
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
import { bundleAll } from "../packages/cli/bundle.mjs"
import { root, run } from "./run.mjs"
import { setup } from "./setup.mjs"

/** Compiled; `tsconfig.pack.json` lists them, too. */
const compiled = ["domain", "process", "git", "sql", "core", "testing"].map((name) => join("packages", name))
/** Shipped as they are. */
const plain = ["gates", "roles"]
/** Shipped as a bundle. */
const cli = join("packages", "cli")
/** What is not bundled, for its native part. */
const driver = "better-sqlite3"

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

/** Makes one tarball of each folder; gives their paths. */
const tarballs = async (folder, stages) => {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm"
  const options = ["--ignore-scripts", "--loglevel=error", "--pack-destination", folder]
  await must("packing", npm, ["pack", ...options, ...stages])
  return stages.map((stage) => {
    const { name, version } = readJson(join(stage, "package.json"))
    return join(folder, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)
  })
}

/** Lets `make` work in a folder that is gone afterwards. */
const inTemporary = async (make) => {
  const work = mkdtempSync(join(tmpdir(), "calm-pack-"))
  try {
    return await make(work)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Makes the tarballs of the packages into an existing folder; gives their paths. */
export const pack = (folder) =>
  inTemporary(async (work) => {
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
    return tarballs(folder, stages)
  })

/** The folders of the packages of others that files belong to. */
const packagesOf = (files) => [
  ...new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []))
]

/** The licence of a package: its text, with what is told besides. */
const licenceOf = (folder) => {
  const { license, name, version } = manifestOf(folder)
  const texts = readdirSync(join(root, folder)).filter((each) => /^(?:licen[cs]e|copying|notice)/i.test(each))
  if (texts.length === 0) throw new Error(`${name} ${version} is bundled, and its package has no licence text`)
  const text = texts.map((each) => readFileSync(join(root, folder, each), "utf8").trim()).join("\n\n")
  return { title: `${name} ${version} (${license})`, text }
}

/** The licences of the packages that files belong to; those with the same text under one head. */
const licencesOf = (files) => {
  const texts = new Map()
  for (const { text, title } of packagesOf(files).map(licenceOf)) {
    texts.set(text, new Set([...(texts.get(text) ?? []), title]))
  }
  const parts = [...texts].map(([text, titles]) => `${[...titles].sort().join("\n")}\n\n${text}\n`).sort()
  return `calm contains parts of these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`
}

const commandManifest = () => {
  const { bin, dependencies, description, license, name, version } = manifestOf(cli)
  const { engines } = manifestOf(".")
  return { name, version, description, license, engines, bin, dependencies: { [driver]: dependencies[driver] } }
}

/** Makes the tarball of the command into an existing folder; gives its path. */
export const packCommand = (folder) =>
  inTemporary(async (work) => {
    const stage = join(work, "cli")
    mkdirSync(stage)
    cpSync(join(root, cli, "bin"), join(stage, "bin"), { recursive: true })
    mkdirSync(join(stage, "dist"))
    const files = await bundleAll(join(stage, "dist"))
    writeFileSync(join(stage, "THIRD-PARTY-LICENSES"), licencesOf(files))
    cpSync(join(root, "LICENSE"), join(stage, "LICENSE"))
    cpSync(join(root, cli, "README.md"), join(stage, "README.md"))
    writeJson(join(stage, "package.json"), commandManifest())
    const [tarball] = await tarballs(folder, [stage])
    return tarball
  })

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setup()
  const folder = resolve(process.argv[2] ?? join(root, "dist"))
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true })
  try {
    for (const tarball of [await packCommand(folder), ...(await pack(folder))]) console.log(tarball)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
