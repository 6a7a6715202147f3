/** A JavaScript project: its package.json, its package manager, its scripts and its programs. */
import * as path from "node:path"
import { isProgram } from "../lib/run.mjs"
import { CannotCheck, isRecord, setupHint } from "../lib/protocol.mjs"
import { joined, upwards } from "../lib/tree.mjs"

/**
 * @typedef {object} Package
 * @property {Readonly<Record<string, unknown>>} json
 * @property {Readonly<Record<string, string>>} scripts
 * @property {ReadonlySet<string>} required names of dependencies and devDependencies, optional ones left out
 */

/** @param {unknown} value */
const names = (value) => (isRecord(value) ? Object.keys(value) : [])

/** @param {import("../lib/tree.mjs").Tree} tree @param {string} dir @returns {Package | null} */
export const readPackage = (tree, dir) => {
  const file = joined(dir, "package.json")
  const text = tree.read(file)
  if (text === null) return null
  const json = parsed(text.replace(/^\uFEFF/, ""), file)
  const scripts = Object.entries(isRecord(json["scripts"]) ? json["scripts"] : {}).flatMap(([name, script]) =>
    typeof script === "string" && script.trim() !== "" ? [[name, script]] : []
  )
  const optional = new Set(names(json["optionalDependencies"]))
  const required = [...names(json["dependencies"]), ...names(json["devDependencies"])]
  return {
    json,
    scripts: Object.fromEntries(scripts),
    required: new Set(required.filter((name) => !optional.has(name)))
  }
}

/** @param {string} text @param {string} file @returns {Record<string, unknown>} */
const parsed = (text, file) => {
  try {
    const value = JSON.parse(text)
    if (isRecord(value)) return value
  } catch {
    // Said below.
  }
  throw new CannotCheck(`${file} is not valid JSON`)
}

const lockFiles = /** @type {const} */ ([
  ["pnpm", "pnpm-lock.yaml"],
  ["yarn", "yarn.lock"],
  ["npm", "package-lock.json"],
  ["npm", "npm-shrinkwrap.json"],
  ["bun", "bun.lock"],
  ["bun", "bun.lockb"]
])

/** Named by `packageManager`, else told by the nearest lock file, else npm. @param {import("../lib/check.mjs").Asked} asked */
export const packageManager = ({ dir, tree }) => {
  for (const folder of upwards(dir)) {
    const declared = readPackage(tree, folder)?.json["packageManager"]
    const [, name] = /^(npm|pnpm|yarn|bun)@/.exec(typeof declared === "string" ? declared : "") ?? []
    if (name !== undefined) return name
    const lock = lockFiles.find(([, file]) => tree.has(joined(folder, file)))
    if (lock !== undefined) return lock[0]
  }
  return "npm"
}

/**
 * A program installed in the worktree, searched upwards to the worktree's root and no further.
 * @param {import("../lib/check.mjs").Asked} asked @param {string} name
 */
export const localProgram = ({ dir, request }, name) => {
  for (const folder of upwards(dir)) {
    const file = path.join(request.worktree, folder, "node_modules", ".bin", name)
    if (isProgram(file)) return file
  }
  throw new CannotCheck(`${name} is not installed in this worktree`, setupHint(request))
}
