/**
 * Makes the clone ready: dependencies installed, the command built, node_modules/.bin/calm in place.
 *
 * Does only what is not done yet. Nothing is installed outside the clone; pnpm comes through npx. Several may run at
 * once: one works, the others wait for it.
 */
import { createHash } from "node:crypto"
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { withLock } from "./lock.mjs"
import { root, run, seconds } from "./run.mjs"

const PNPM = "pnpm@12.21.0"
const NODE = [20, 19]

const inClone = (...parts) => join(root, ...parts)
const installedMark = inClone("node_modules/.calm-installed")
const builtMark = inClone("packages/cli/dist/.built")
const command = inClone("node_modules/.bin/calm")

const say = (text) => process.stderr.write(`setup: ${text}\n`)

const packages = () => [
  ...readdirSync(inClone("packages"))
    .map((name) => join("packages", name))
    .filter((folder) => existsSync(inClone(folder, "package.json"))),
  "gates",
  "roles"
]

const skipped = new Set(["node_modules", "dist", "test", ".cache"])

/** Every file below a folder, or the file itself; nothing when there is no such. */
const filesOf = (path) => {
  const found = lstatSync(inClone(path), { throwIfNoEntry: false })
  if (found === undefined) return []
  if (!found.isDirectory()) return [path]
  return readdirSync(inClone(path))
    .filter((name) => !skipped.has(name))
    .sort()
    .flatMap((name) => filesOf(join(path, name)))
}

const digest = (paths, ...facts) => {
  const hash = createHash("sha256")
  hash.update(JSON.stringify(facts))
  for (const path of paths.flatMap(filesOf)) {
    const content = readFileSync(inClone(path))
    hash
      .update(`\0${relative(".", path)}\0${lstatSync(inClone(path)).mode & 0o111}\0${content.length}\0`)
      .update(content)
  }
  return hash.digest("hex")
}

/** What an installation depends on; the native part of a dependency fits one platform and one Node ABI. */
const installDigest = () =>
  digest(
    [
      "package.json",
      "pnpm-lock.yaml",
      "pnpm-workspace.yaml",
      ...packages().map((folder) => join(folder, "package.json"))
    ],
    PNPM,
    process.platform,
    process.arch,
    process.versions.modules
  )

/** What the built command depends on. */
const buildDigest = () =>
  digest([
    "pnpm-lock.yaml",
    "packages/cli/build.mjs",
    "packages/cli/bundle.mjs",
    "gates",
    "roles",
    ...packages().flatMap((folder) => [join(folder, "package.json"), join(folder, "src")])
  ])

const marked = (file) => (existsSync(file) ? readFileSync(file, "utf8") : undefined)

const isInstalled = () =>
  marked(installedMark) === installDigest() &&
  [".", ...packages()].every((folder) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(
      readFileSync(inClone(folder, "package.json"), "utf8")
    )
    return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
      existsSync(inClone(folder, "node_modules", name))
    )
  })

const isBuilt = () => marked(builtMark) === buildDigest() && existsSync(inClone("packages/cli/dist/calm.cjs"))

const isReady = () => isInstalled() && isBuilt() && existsSync(command)

/** A step that did not work; its output has been shown. */
class StepFailed extends Error {}

/**
 * Node's headers, where they came with this Node: the native part of better-sqlite3 is compiled against them without
 * fetching them. Nothing where there are none, or those of another version.
 */
const headers = () => {
  const prefix = dirname(dirname(realpathSync(process.execPath)))
  const version = marked(join(prefix, "include/node/node_version.h"))
  const number = (name) => new RegExp(`^#define NODE_${name}_VERSION (\\d+)`, "m").exec(version ?? "")?.[1]
  const found = `v${number("MAJOR")}.${number("MINOR")}.${number("PATCH")}`
  return found === process.version && process.env.npm_config_nodedir === undefined ? { npm_config_nodedir: prefix } : {}
}

const step = async (what, program, args, hint) => {
  const start = Date.now()
  say(`${what} ...`)
  // CI: pnpm must not ask before it replaces a folder that it did not make.
  const { code, output } = await run(program, args, { env: { ...process.env, ...headers(), CI: "true" } })
  if (code !== 0) {
    process.stderr.write(`${output.trimEnd().split("\n").slice(-40).join("\n")}\n`)
    throw new StepFailed(`${what} failed (exit ${code})${hint === undefined ? "" : `; ${hint}`}`)
  }
  say(`${what}: done in ${seconds(start)}`)
}

const prepare = async () => {
  if (!isInstalled()) {
    await step(
      "installing dependencies",
      process.platform === "win32" ? "npx.cmd" : "npx",
      ["--yes", PNPM, "install", "--frozen-lockfile"],
      `after a change of a package.json, \`npx ${PNPM} install\` brings the lockfile up to date`
    )
    writeFileSync(installedMark, installDigest())
  }
  if (!isBuilt()) {
    // Taken first: what is edited during the build is built by the next run.
    const sources = buildDigest()
    rmSync(builtMark, { force: true })
    await step("building calm", process.execPath, [inClone("packages/cli/build.mjs")])
    writeFileSync(builtMark, sources)
  }
  if (!existsSync(command)) {
    mkdirSync(inClone("node_modules/.bin"), { recursive: true })
    rmSync(command, { force: true })
    symlinkSync("../../packages/cli/bin/calm.cjs", command)
  }
}

/** Makes the clone ready; ends the process when it cannot be. */
export const setup = async () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1])) {
    say(`Node ${NODE.join(".")} or newer is needed; this is ${process.versions.node}`)
    process.exit(1)
  }
  if (isReady()) return
  try {
    const waiting = (pid) => say(`waiting for another setup of this clone (process ${pid}) ...`)
    await withLock(inClone(".cache/setup.lock"), waiting, prepare)
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    say(error.message)
    process.exit(1)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup()
