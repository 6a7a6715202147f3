/** The environment a tool is given: the caller's, without what would bend its verdict. */
import * as path from "node:path"
import { isInside } from "./protocol.mjs"

/** Names of variables that point git at another repository; the rest of `GIT_*` (names, ssh) is the user's. */
const gitLocal = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_CONFIG_COUNT",
  "GIT_CONFIG_PARAMETERS",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_NAMESPACE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE"
])

const dropped = new Set([
  // Between calm and the check script alone.
  "CALM_MODE",
  "CALM_REF",
  "CALM_COMMAND",
  "CALM_PROJECT_CONFIG",
  // Of a test runner that calm itself may have been started from: `node --test` runs nothing where it sees its own.
  "NODE_TEST_CONTEXT",
  "NODE_V8_COVERAGE",
  "JEST_WORKER_ID",
  "MOCHA_COLORS",
  "PYTEST_CURRENT_TEST",
  "PYTEST_XDIST_WORKER",
  "PYTEST_VERSION",
  // Options from outside of the repository could leave tests or findings out.
  "PYTEST_ADDOPTS",
  "PYTEST_PLUGINS",
  "SHELLCHECK_OPTS",
  // Of a package manager that calm may have been started from: they name another package.
  "INIT_CWD",
  "npm_command",
  "npm_config_local_prefix",
  "npm_execpath",
  "npm_node_execpath",
  "PNPM_SCRIPT_SRC_DIR",
  "UV_PROJECT_ENVIRONMENT",
  "UV_PROJECT",
  // Plain output.
  "FORCE_COLOR",
  "CLICOLOR_FORCE",
  "PY_COLORS"
])

/** @param {string} name */
const isDropped = (name) =>
  dropped.has(name) ||
  gitLocal.has(name) ||
  /^(?:VITEST(?:_|$)|npm_lifecycle_|npm_package_|GIT_CONFIG_(?:KEY|VALUE)_|CALM_GUARD_)/.test(name)

/** Is this a path of the main checkout that is not the worktree's? @param {import("./protocol.mjs").Request} request @param {string} file */
export const isMainOnly = (request, file) =>
  request.main !== null && isInside(request.main, file) && !isInside(request.worktree, file)

/**
 * @param {import("./protocol.mjs").Request} request
 * @returns {NodeJS.ProcessEnv}
 */
export const toolEnvironment = (request) => {
  /** @type {NodeJS.ProcessEnv} */
  const env = {}
  for (const [name, value] of Object.entries(process.env)) if (!isDropped(name)) env[name] = value
  const kept = (/** @type {string | undefined} */ list, /** @type {(entry: string) => boolean} */ keep) =>
    (list ?? "")
      .split(path.delimiter)
      .filter((entry) => entry !== "" && keep(entry))
      .join(path.delimiter)
  // A package manager that started calm puts the main checkout's programs and modules first.
  env["PATH"] = kept(env["PATH"], (entry) => !(isMainOnly(request, entry) && /node_modules[\\/]/.test(entry)))
  for (const name of ["NODE_PATH", "PYTHONPATH"]) {
    const rest = kept(env[name], (entry) => !isMainOnly(request, path.resolve(entry)))
    if (rest === "") delete env[name]
    else env[name] = rest
  }
  env["NO_COLOR"] = "1"
  // Keeps runners from watching for changes and from writing new snapshots into the worktree.
  env["CI"] ??= "true"
  env["PYTHONDONTWRITEBYTECODE"] = "1"
  env["RUFF_NO_CACHE"] = "true"
  return env
}
