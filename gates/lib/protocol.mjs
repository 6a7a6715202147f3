/**
 * What calm tells a check script and what the script answers: argv, environment, exit codes and the `calm:` lines.
 */
import * as fs from "node:fs"
import * as path from "node:path"

/** Exit codes of a check. */
export const exitCodes = { passed: 0, failed: 1, unavailable: 2, skipped: 3 }

const kinds = ["javascript", "python", "rust", "go", "shell"]

/** The check could not be made. Never a pass, never a skip. */
export class CannotCheck extends Error {
  /**
   * @param {string} message
   * @param {string | null} [hint] a command that would help
   */
  constructor(message, hint = null) {
    super(message)
    this.name = "CannotCheck"
    this.hint = hint
  }
}

/**
 * The part of the project's configuration that checks read.
 * @typedef {object} Config
 * @property {string | null} kind
 * @property {Record<string, string> | null} kinds
 * @property {ReadonlyArray<string>} docFolders
 * @property {boolean} setup whether the project names a command of its own that prepares a worktree
 * @property {Record<string, ReadonlyArray<string> | null>} gates own commands; `null`: the project says there is none
 */

/**
 * @typedef {object} Request
 * @property {string} worktree real path
 * @property {string} task
 * @property {string | null} main real path of the main checkout, where calm named it
 * @property {string | null} base
 * @property {string | null} mergeBase
 * @property {Config} config
 * @property {"run" | "detect"} mode
 * @property {string} ref
 * @property {ReadonlyArray<string> | null} command
 */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value)

/** @param {unknown} value @returns {value is Array<string>} */
const isArgv = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "string" && !item.includes("\0"))

/** A folder of the configuration as git writes it; the whole repository is "". @param {string} folder */
const folderOf = (folder) => {
  const normal = path.posix.normalize(folder.replaceAll("\\", "/")).replace(/\/+$/, "")
  if (normal.startsWith("/") || normal === ".." || normal.startsWith("../")) {
    throw new CannotCheck(`The configuration names the folder ${JSON.stringify(folder)} outside of the project`)
  }
  return normal === "." ? "" : normal
}

/** @param {string} text @param {string} from */
const parseJson = (text, from) => {
  try {
    return /** @type {unknown} */ (JSON.parse(text))
  } catch {
    throw new CannotCheck(`${from} is not valid JSON`)
  }
}

/** @param {string | undefined} text @returns {Config} */
const readConfig = (text) => {
  const value = text === undefined || text === "" ? {} : parseJson(text, "CALM_PROJECT_CONFIG")
  const invalid = (/** @type {string} */ key) => new CannotCheck(`The project's configuration has an invalid ${key}`)
  if (!isRecord(value)) throw invalid("form")
  const kind = value["kind"] ?? null
  if (kind !== null && (typeof kind !== "string" || !kinds.includes(kind))) throw invalid("kind")
  /** @type {Record<string, string> | null} */
  let byFolder = null
  if (value["kinds"] !== undefined && value["kinds"] !== null) {
    if (!isRecord(value["kinds"])) throw invalid("kinds")
    byFolder = {}
    for (const [folder, name] of Object.entries(value["kinds"])) {
      if (typeof name !== "string" || !kinds.includes(name)) throw invalid(`kinds (${folder})`)
      byFolder[folderOf(folder)] = name
    }
  }
  const docFolders = value["docFolders"] ?? ["planning_docs", "bug_reports", "changelog.d"]
  if (!isArgv(docFolders)) throw invalid("docFolders")
  /** @type {Record<string, ReadonlyArray<string> | null>} */
  const gates = {}
  const own = value["gates"] ?? {}
  if (!isRecord(own)) throw invalid("gates")
  for (const name of ["tests", "linter", "types"]) {
    const command = own[name]
    if (command === undefined) continue
    if (command === null || command === false || (Array.isArray(command) && command.length === 0)) gates[name] = null
    else if (isArgv(command)) gates[name] = command
    else throw invalid(`gates.${name}`)
  }
  const folders = docFolders.map(folderOf).filter((folder) => folder !== "")
  return { kind, kinds: byFolder, docFolders: folders, gates, setup: isArgv(own["setup"]) }
}

/** @param {string} folder @param {string} what */
const realFolder = (folder, what) => {
  try {
    const real = fs.realpathSync(folder)
    if (fs.statSync(real).isDirectory()) return real
  } catch {
    // Named below.
  }
  throw new CannotCheck(`${what} ${folder} is not a folder`)
}

/**
 * @param {ReadonlyArray<string>} argv without node and the script
 * @param {NodeJS.ProcessEnv} env
 * @returns {Request}
 */
export const readRequest = (argv, env) => {
  const [worktree, task] = argv
  if (!worktree || !task) throw new CannotCheck("Usage: <check> <worktree> <task id>")
  const mode = env["CALM_MODE"] || "run"
  if (mode !== "run" && mode !== "detect") throw new CannotCheck(`Unknown CALM_MODE ${JSON.stringify(mode)}`)
  /** @type {ReadonlyArray<string> | null} */
  let command = null
  if (env["CALM_COMMAND"]) {
    const value = parseJson(env["CALM_COMMAND"], "CALM_COMMAND")
    if (!isArgv(value) || !value[0]) throw new CannotCheck("CALM_COMMAND is not a list of words")
    command = value
  }
  return {
    worktree: realFolder(worktree, "The worktree"),
    task,
    main: env["CALM_MAIN_CHECKOUT"] ? realFolder(env["CALM_MAIN_CHECKOUT"], "The main checkout") : null,
    base: env["CALM_BASE"] || null,
    mergeBase: env["CALM_MERGE_BASE"] || null,
    config: readConfig(env["CALM_PROJECT_CONFIG"]),
    mode,
    ref: mode === "detect" ? env["CALM_REF"] || "HEAD" : "HEAD",
    command
  }
}

/** The command that gives a worktree its own dependencies. @param {Pick<Request, "task">} request */
export const setupHint = (request) => `calm worktree setup ${request.task}`

/** @param {"tests" | "summary" | "hint"} key @param {string} text */
export const say = (key, text) => {
  process.stdout.write(`calm: ${key} ${text.replace(/\s+/g, " ").trim()}\n`)
}

/** Is `file` the folder or inside of it? Both absolute. @param {string} folder @param {string} file */
export const isInside = (folder, file) => {
  if (file === folder) return true
  return file.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep)
}
