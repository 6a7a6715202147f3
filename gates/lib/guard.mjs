/**
 * Seeing to it that a worktree's tests do not load the main checkout's code. The guards run inside of Node and Python
 * and write what they find to a file of this run.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { toolEnvironment } from "./environment.mjs"
import { isRecord } from "./protocol.mjs"
import { scratch } from "./scratch.mjs"

const gates = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/**
 * @typedef {object} Finding
 * @property {string} file the file of the main checkout
 * @property {boolean} optional a dependency asked for it and may do without
 *
 * @typedef {object} Guard
 * @property {NodeJS.ProcessEnv} env
 * @property {() => { findings: ReadonlyArray<Finding>, started: boolean }} report
 */

let reports = 0

/** @param {string} word in the syntax of NODE_OPTIONS */
const quoted = (word) => `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`

/**
 * The environment for a guarded run in a folder of the worktree.
 * @param {import("./protocol.mjs").Request} request
 * @param {string} dir
 * @returns {Guard}
 */
export const guarded = (request, dir) => {
  const env = toolEnvironment(request)
  const report = scratch(`guard-${reports++}`)
  const folder = path.join(request.worktree, dir)
  // An editable install of the project may lead to the main checkout; the worktree's own code has to win.
  const own = [...new Set([path.join(folder, "src"), folder, path.join(request.worktree, "src"), request.worktree])]
  env["PYTHONPATH"] = [...own, ...(env["PYTHONPATH"] ? [env["PYTHONPATH"]] : []), path.join(gates, "python")].join(
    path.delimiter
  )
  if (request.main !== null && request.main !== request.worktree) {
    const option = `--require ${quoted(path.join(gates, "javascript", "guard.cjs"))}`
    const existing = env["NODE_OPTIONS"] ?? ""
    env["NODE_OPTIONS"] = existing.includes(option) ? existing : `${existing} ${option}`.trim()
    env["CALM_GUARD_MAIN"] = request.main
    env["CALM_GUARD_WORKTREE"] = request.worktree
  }
  env["CALM_GUARD_REPORT"] = report
  return { env, report: () => readReport(report) }
}

/** @param {string} file */
const readReport = (file) => {
  /** @type {Array<Finding>} */
  const findings = []
  let started = false
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").filter(Boolean) : []
  for (const line of lines) {
    const entry = parsed(line)
    if (typeof entry["started"] === "string") started = true
    else findings.push({ file: String(entry["file"]), optional: entry["optional"] === true })
  }
  return { findings, started }
}

/** @param {string} line @returns {Record<string, unknown>} */
const parsed = (line) => {
  try {
    const value = JSON.parse(line)
    if (isRecord(value)) return value
  } catch {
    // A line cut short still says that something was found.
  }
  return { file: line }
}
