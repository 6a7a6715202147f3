/** Running cargo in a worktree without leaving anything there that git would see. */
import * as fs from "node:fs"
import * as path from "node:path"
import { toolEnvironment } from "../lib/environment.mjs"
import { isIgnored } from "../lib/git.mjs"
import { crash, failed, passed, unavailable } from "../lib/outcome.mjs"
import { run } from "../lib/run.mjs"
import { scratch } from "../lib/scratch.mjs"
import { joined, upwards } from "../lib/tree.mjs"

/**
 * cargo ends with 101 for everything: code that does not compile or whose tests fail is told from a registry that
 * cannot be reached by what it says.
 */
const patterns = {
  code: /^error: (?:could not compile|test failed|doctest failed|\d+ targets? failed|failed to parse manifest)|^test result: FAILED/,
  lock: /^error: .*lock file .*needs to be updated|^error: cannot (?:update|create) the lock file .*--locked/,
  linker: /^error: linker `[^`]+` not found/,
  component:
    /^error: (?:no such (?:sub)?command|'cargo-\w+' is not installed|.*component .* not (?:installed|available))/
}

/** @param {import("../lib/check.mjs").Asked} asked */
export const usesCargo = ({ dir, tree }) => tree.has(joined(dir, "Cargo.toml"))

/**
 * @param {import("../lib/check.mjs").Asked} asked
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {Pick<import("../lib/run.mjs").Tool, "onLine">} [reading]
 */
export const cargo = async ({ dir, request, tree }, command, args, reading = {}) => {
  const cwd = path.join(request.worktree, dir)
  const env = toolEnvironment(request)
  if (!env["CARGO_TARGET_DIR"] && !isIgnored(request.worktree, joined(dir, "target/"))) {
    env["CARGO_TARGET_DIR"] = scratch("cargo-target")
  }
  const locked = upwards(dir).some((folder) => tree.has(joined(folder, "Cargo.lock")))
  const lock = path.join(cwd, "Cargo.lock")
  const temporary = !locked && !fs.existsSync(lock) && !isIgnored(request.worktree, joined(dir, "Cargo.lock"))
  const workspace = /^\s*\[workspace[\].]/m.test(tree.read(joined(dir, "Cargo.toml")) ?? "")
  try {
    return await run({
      argv: ["cargo", command, ...(locked ? ["--locked"] : []), ...(workspace ? ["--workspace"] : []), ...args],
      cwd,
      env,
      patterns,
      ...reading
    })
  } finally {
    if (temporary) fs.rmSync(lock, { force: true })
  }
}

/** @param {string} label @param {import("../lib/run.mjs").Ended} ended @returns {import("../lib/outcome.mjs").Outcome} */
export const judgeCargo = (label, ended) => {
  const why = crash(ended, "cargo")
  if (why !== null) return unavailable(label, why)
  if (ended.code === 0) return passed(label)
  if (ended.seen.has("component")) return unavailable(label, "this part of cargo is not installed")
  if (ended.seen.has("linker")) return unavailable(label, "the linker is not installed")
  if (ended.seen.has("lock")) return failed(label, "Cargo.lock does not fit Cargo.toml")
  if (ended.seen.has("code")) return failed(label)
  return unavailable(label, `cargo broke off (exit ${ended.code})`)
}

/** @param {string} label @param {string} command @param {ReadonlyArray<string>} args @returns {import("../lib/check.mjs").Plan} */
export const cargoPlan = (label, command, args) => (asked) =>
  usesCargo(asked) ? [{ label, run: async () => judgeCargo(label, await cargo(asked, command, args)) }] : []
