/** Where the benchmarks happen: folders that are gone at the end, and calm as it is installed. */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assemble } from "../packages/cli/bundle.mjs"
import { root } from "../scripts/run.mjs"

const folders = new Set()

const removeAll = () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  folders.clear()
}

process.on("exit", removeAll)
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => {
    removeAll()
    process.kill(process.pid, signal)
  })

/** A temporary folder, links resolved; removed when this process ends, also by a signal. */
export const folder = () => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "calm-bench-")))
  folders.add(path)
  return path
}

/** What runs: nothing of the machine's or the user's settings of calm and git. */
export const environment = (home) => ({
  PATH: process.env.PATH,
  HOME: home,
  CALM_HOME: home,
  GIT_CONFIG_NOSYSTEM: "1"
})

/** Runs a program to its end; throws where it does not end well. Gives what it printed. */
export const run = (program, args, { cwd, env, input = "" }) => {
  const { error, signal, status, stderr, stdout } = spawnSync(program, args, {
    cwd,
    env,
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28
  })
  if (error !== undefined || status !== 0)
    throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? signal ?? status}\n${stdout}${stderr}`)
  return stdout
}

/** calm as it is installed, and the floors beside it, which find the database's driver where calm finds it. */
export const install = async () => {
  const base = folder()
  const program = await assemble(base)
  symlinkSync(join(root, "packages/cli/node_modules"), join(base, "node_modules"), "junction")
  cpSync(join(root, "bench/floors"), join(base, "floors"), { recursive: true })
  return { base, program, floor: (name) => join(base, "floors", `${name}.cjs`) }
}

const git = (place, ...args) => run("git", args, { cwd: place.repo, env: place.env })

/** Checks that end at once, so that evidence can be had. */
const settings = () => {
  const command = ["true"]
  return JSON.stringify({ gates: { tests: command, linter: command, types: command, fullTests: command } })
}

/** A repository with one commit that calm knows, with a home of its own. */
export const project = (installed, prepare = () => {}) => {
  const base = folder()
  const place = { base, home: join(base, "home"), repo: join(base, "repo"), env: environment(join(base, "home")) }
  mkdirSync(place.home)
  // As people have one; without it git has to be asked whether there is none.
  writeFileSync(join(place.home, ".gitconfig"), "[user]\n\tname = bench\n\temail = bench@localhost\n")
  mkdirSync(join(place.repo, ".calm"), { recursive: true })
  git(place, "init", "--quiet", "--initial-branch=main")
  prepare(place)
  if (!existsSync(join(place.repo, ".calm/project.json"))) {
    run("sh", ["-c", 'printf %s "$1" > .calm/project.json', "sh", settings()], { cwd: place.repo, env: place.env })
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "Begin")
  }
  const calm = (...words) => run(process.execPath, [installed.program, ...words], { cwd: place.repo, env: place.env })
  calm("init")
  return {
    ...place,
    database: join(place.home, "metadata.db"),
    id: JSON.parse(calm("init", "--json")).data.project.id,
    calm,
    git: (...args) => git(place, ...args)
  }
}
