/** Asking git, with nothing of the caller's `GIT_*` in the way. */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import { CannotCheck } from "./protocol.mjs"

const gitEnvironment = () => {
  /** @type {NodeJS.ProcessEnv} */
  const env = {}
  for (const [name, value] of Object.entries(process.env)) if (!name.startsWith("GIT_")) env[name] = value
  env["LC_ALL"] = "C"
  return env
}

/**
 * @param {string} worktree
 * @param {ReadonlyArray<string>} args
 * @param {ReadonlyArray<number>} [answers] exit codes that are answers
 */
export const git = (worktree, args, answers = [0]) => {
  const options = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]
  const result = spawnSync("git", [...options, ...args], {
    cwd: worktree,
    env: gitEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 29
  })
  if (result.error) throw new CannotCheck(`git ${args[0]} could not be run: ${result.error.message}`)
  if (result.status === null || !answers.includes(result.status)) {
    const reason = result.stderr.toString("utf8").trim().split("\n")[0] || (result.signal ?? `exit ${result.status}`)
    throw new CannotCheck(`git ${args[0]} failed: ${reason}`)
  }
  return { code: result.status, stdout: result.stdout }
}

/** The full name of a commit. @param {string} worktree @param {string} ref */
export const commitOf = (worktree, ref) =>
  git(worktree, ["rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`])
    .stdout.toString("utf8")
    .trim()

/**
 * The folder given has to be a worktree itself: a leftover folder inside of the main checkout would make git speak of
 * the main checkout instead.
 * @param {string} worktree
 */
export const requireWorktree = (worktree) => {
  const top = git(worktree, ["rev-parse", "--show-toplevel"]).stdout.toString("utf8").replace(/\n$/, "")
  if (top === "" || fs.realpathSync(top) !== worktree) {
    throw new CannotCheck(`${worktree} is not a git worktree`)
  }
}

/** Does git ignore this path (with a trailing slash: this folder)? @param {string} worktree @param {string} file */
export const isIgnored = (worktree, file) => git(worktree, ["check-ignore", "-q", "--", file], [0, 1]).code === 0

/** Files that git does not know and does not ignore. @param {string} worktree */
export const untracked = (worktree) =>
  git(worktree, ["ls-files", "--others", "--exclude-standard", "-z"])
    .stdout.toString("utf8")
    .split("\0")
    .filter(Boolean)
