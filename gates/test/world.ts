/** A main checkout with one worktree, fake tools on a PATH of its own, and the check scripts run on it. */
import { execFile, execFileSync, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"

export const gates = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

export type Files = Readonly<Record<string, string | Uint8Array>>

export interface Fake {
  readonly stdout?: string
  readonly stderr?: string
  readonly exit?: number
  /** Lines of shell that run first. */
  readonly shell?: string
  /** A script for Node that runs next; `args` are the words it was called with. */
  readonly script?: string
}

export interface Answer {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  /** Values of the `calm:` lines. */
  readonly tests: string | undefined
  readonly summary: string | undefined
  readonly hint: string | undefined
}

export const exits = { passed: 0, failed: 1, unavailable: 2, skipped: 3 }

const roots: Array<string> = []

// At the end of the file: its tests run side by side.
afterAll(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true, force: true })
})

/** Where a program of this machine is. */
const programFile = (name: string): string => {
  const found = (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file))
  if (found === undefined) throw new Error(`${name} is needed for these tests`)
  return found
}

export const write = (folder: string, files: Files): void => {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    fs.writeFileSync(path.join(folder, name), content)
  }
}

const shellWord = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

export class World {
  readonly root: string
  readonly main: string
  readonly worktree: string
  readonly bin: string
  readonly temp: string
  readonly task = "SPEC-001"

  constructor(files: Files, name = "main") {
    this.root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "calm gates-")))
    roots.push(this.root)
    this.main = path.join(this.root, name)
    this.worktree = path.join(this.main, ".worktrees", this.task)
    this.bin = path.join(this.root, "bin")
    this.temp = path.join(this.root, "tmp")
    for (const folder of [this.main, this.bin, this.temp]) fs.mkdirSync(folder, { recursive: true })
    for (const program of ["git", "npm", "sh"]) fs.symlinkSync(programFile(program), path.join(this.bin, program))
    fs.symlinkSync(process.execPath, path.join(this.bin, "node"))
    write(this.main, { ".gitignore": "node_modules\n.worktrees\n.venv\n", ...files })
    this.git(this.main, "init", "-q", "--template=", "-b", "main")
    this.commitAll(this.main)
    this.git(this.main, "worktree", "add", "-q", this.worktree, "-b", this.task)
  }

  environment(): NodeJS.ProcessEnv {
    return {
      PATH: this.bin,
      HOME: this.root,
      TMPDIR: this.temp,
      GIT_CONFIG_NOSYSTEM: "1",
      npm_config_update_notifier: "false",
      CALM_MAIN_CHECKOUT: this.main
    }
  }

  git(folder: string, ...args: ReadonlyArray<string>): string {
    const who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgSign=false"]
    return execFileSync("git", [...who, ...args], { cwd: folder, env: this.environment(), encoding: "utf8" }).trim()
  }

  commitAll(folder: string): void {
    this.git(folder, "add", "-A")
    this.git(folder, "commit", "-q", "--allow-empty", "-m", "change")
  }

  head(folder: string): string {
    return this.git(folder, "rev-parse", "HEAD")
  }

  /** Commits a change on the task's branch; `null` removes a file. */
  change(files: Readonly<Record<string, string | Uint8Array | null>>): void {
    for (const [name, content] of Object.entries(files)) {
      if (content === null) fs.rmSync(path.join(this.worktree, name), { recursive: true })
      else write(this.worktree, { [name]: content })
    }
    this.commitAll(this.worktree)
  }

  /** A program on the PATH, or at `file` relative to the worktree. */
  fake(name: string, fake: Fake, file = path.join(this.bin, name)): void {
    const target = path.resolve(this.worktree, file)
    const { exit = 0, script, shell = "", stderr = "", stdout = "" } = fake
    const lines = ["#!/bin/sh", `{ printf '%s\\0' "$@"; printf '\\n'; } >> ${shellWord(this.calls(name))}`]
    lines.push(shell)
    if (script !== undefined) {
      const before = path.join(this.root, "fakes", `${name}.cjs`)
      write(path.dirname(before), { [path.basename(before)]: `const args = process.argv.slice(2)\n${script}\n` })
      // Its own ending is the fake's: a script may exit or be killed.
      lines.push(
        `${shellWord(process.execPath)} ${shellWord(before)} "$@" || { code=$?; test $code -gt 128 && kill -9 $$; exit $code; }`
      )
    }
    if (stdout !== "") lines.push(`printf '%s' ${shellWord(stdout)}`)
    if (stderr !== "") lines.push(`printf '%s' ${shellWord(stderr)} >&2`)
    lines.push(`exit ${exit}`)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    // What stands there may be a link to the real program.
    fs.rmSync(target, { force: true })
    fs.writeFileSync(target, `${lines.join("\n")}\n`, { mode: 0o755 })
  }

  private calls(name: string): string {
    return path.join(this.root, `calls-${name}`)
  }

  /** With which words a fake was called, call by call. */
  called(name: string): ReadonlyArray<ReadonlyArray<string>> {
    if (!fs.existsSync(this.calls(name))) return []
    const calls = fs.readFileSync(this.calls(name), "utf8").split("\0\n").slice(0, -1)
    return calls.map((call) => (call === "" ? [] : call.split("\0")))
  }

  private start(check: string, env: Readonly<Record<string, string | undefined>>) {
    return {
      args: [path.join(gates, `${check}.mjs`), this.worktree, this.task],
      options: { cwd: this.root, env: { ...this.environment(), ...env } }
    }
  }

  check(check: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<Answer> {
    const { args, options } = this.start(check, env)
    return new Promise((resolve) => {
      const child = execFile(process.execPath, args, { ...options, encoding: "utf8" }, (_, stdout, stderr) => {
        const value = (key: string) => new RegExp(`^calm: ${key} (.*)$`, "m").exec(stdout)?.[1]
        const said = { tests: value("tests"), summary: value("summary"), hint: value("hint") }
        resolve({ exit: child.exitCode, stdout, stderr, ...said })
      })
    })
  }

  /** Starts a check in a process group of its own, as calm does. */
  spawn(check: string, env: Readonly<Record<string, string>> = {}) {
    const { args, options } = this.start(check, env)
    return spawn(process.execPath, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] })
  }

  detect(check: string, ref: string, env: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.check(check, { CALM_MODE: "detect", CALM_REF: ref, ...env })
  }

  /** What git would see that was not there: must stay empty after a check. */
  leftovers(): string {
    return this.git(this.worktree, "status", "--porcelain") + fs.readdirSync(this.temp).join(" ")
  }
}

export const config = (value: unknown) => ({ CALM_PROJECT_CONFIG: JSON.stringify(value) })

export const packageJson = (value: Readonly<Record<string, unknown>>) =>
  JSON.stringify({ name: "project", version: "1.0.0", ...value })
