/** A Python project: its configuration files and the environment that its tools run in. */
import * as path from "node:path"
import { setupHint } from "../lib/protocol.mjs"
import { isProgram, which } from "../lib/run.mjs"
import { joined, upwards } from "../lib/tree.mjs"

/**
 * Lines below a header of a TOML or INI file, up to the next header; `null` where no header matches.
 * @param {import("../lib/check.mjs").Asked} asked @param {string} file @param {RegExp} header its name, without brackets
 * @returns {Array<string> | null}
 */
export const section = ({ dir, tree }, file, header) => {
  const text = tree.read(joined(dir, file))
  if (text === null) return null
  /** @type {Array<string> | null} */
  let lines = null
  let inside = false
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[{1,2}\s*([^[\]]+?)\s*\]{1,2}\s*(?:[#;].*)?$/.exec(line) ?? []
    if (name === undefined) {
      if (inside) lines?.push(line)
      continue
    }
    inside = header.test(name)
    if (inside) lines ??= []
  }
  return lines
}

/** @param {import("../lib/check.mjs").Asked} asked @param {ReadonlyArray<string>} files */
export const hasAny = ({ dir, tree }, files) => files.some((file) => tree.has(joined(dir, file)))

/** @param {import("../lib/check.mjs").Asked} asked @param {string} name @returns {string | null} of the worktree's own venv */
const inVenv = ({ dir, request }, name) => {
  for (const folder of upwards(dir)) {
    for (const venv of [".venv", "venv"]) {
      const file = path.join(request.worktree, folder, venv, "bin", name)
      if (isProgram(file)) return file
    }
  }
  return null
}

/** Programs through uv, whose lock file it does not touch. @param {import("../lib/check.mjs").Asked} asked @param {NodeJS.ProcessEnv} env */
const throughUv = ({ dir, tree }, env) =>
  upwards(dir).some((folder) => tree.has(joined(folder, "uv.lock"))) && which("uv", env) !== null
    ? ["uv", "run", "--frozen"]
    : null

/** @param {import("../lib/check.mjs").Asked} asked @param {NodeJS.ProcessEnv} env @returns {ReadonlyArray<string>} */
export const python = (asked, env) => {
  const own = inVenv(asked, "python") ?? inVenv(asked, "python3")
  if (own !== null) return [own]
  const uv = throughUv(asked, env)
  if (uv !== null) return [...uv, "python"]
  return [which("python3", env) === null && which("python", env) !== null ? "python" : "python3"]
}

/**
 * A tool such as ruff: of the worktree's venv, through uv, or as installed for the user.
 * @param {import("../lib/check.mjs").Asked} asked @param {string} name @param {NodeJS.ProcessEnv} env
 * @returns {ReadonlyArray<string>}
 */
export const pythonTool = (asked, name, env) => {
  const own = inVenv(asked, name)
  if (own !== null) return [own]
  const uv = throughUv(asked, env)
  return uv === null ? [name] : [...uv, name]
}

/**
 * What would bring a tool that is missing: the worktree's set-up where it installs anything, else the tool by itself.
 * @param {import("../lib/check.mjs").Asked} asked @param {string} name
 */
export const installHint = ({ request, tree }, name) =>
  request.config.setup || ["uv.lock", "poetry.lock", "Pipfile.lock"].some((file) => tree.has(file))
    ? setupHint(request)
    : `python3 -m pip install ${name}`
