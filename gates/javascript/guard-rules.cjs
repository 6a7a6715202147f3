"use strict"
/** What the guard refuses: files of the main checkout outside of the worktree. */
const fs = require("node:fs")
const path = require("node:path")
const { fileURLToPath } = require("node:url")

const main = process.env["CALM_GUARD_MAIN"] ?? ""
const worktree = process.env["CALM_GUARD_WORKTREE"] ?? ""
const report = process.env["CALM_GUARD_REPORT"]
const gates = path.dirname(__dirname)
const append = fs.appendFileSync

/** @param {string} folder @param {string} file */
const isInside = (folder, file) => file === folder || file.startsWith(folder + path.sep)

/** @param {string} file */
const isForeign = (file) => isInside(main, file) && !isInside(worktree, file) && !isInside(gates, file)

/**
 * A dependency of the worktree that looks for an optional module has to see what it would see without the main checkout.
 * @param {string | undefined} file
 */
const isDependency = (file) =>
  typeof file === "string" && isInside(worktree, file) && file.includes(`${path.sep}node_modules${path.sep}`)

/**
 * @param {string} file @param {string | undefined} from @param {boolean} optional @param {string} code
 * @returns {Error} to be thrown
 */
const refuse = (file, from, optional, code) => {
  if (report) append(report, `${JSON.stringify({ file, from: from ?? null, optional })}\n`)
  const error = new Error(
    `${file} belongs to the main checkout, not to this worktree${from ? ` (asked for by ${from})` : ""}`
  )
  return Object.assign(error, { code })
}

const outside = "ERR_CALM_OUTSIDE_WORKTREE"

/**
 * Throws where a module was found in the main checkout.
 * @param {unknown} file @param {string | undefined} from @param {string} missing the code of a module that is not there
 */
const checkResolved = (file, from, missing) => {
  if (typeof file !== "string" || !path.isAbsolute(file) || !isForeign(file)) return
  const optional = isDependency(from)
  throw refuse(file, from, optional, optional ? missing : outside)
}

/** @param {unknown} url @param {unknown} parent */
const checkUrl = (url, parent) => {
  if (typeof url !== "string" || !url.startsWith("file:")) return
  const from = typeof parent === "string" && parent.startsWith("file:") ? fileURLToPath(parent) : undefined
  checkResolved(fileURLToPath(url), from, "ERR_MODULE_NOT_FOUND")
}

/** Throws where a file is read as code from the main checkout. @param {unknown} file */
const checkRead = (file) => {
  const name = file instanceof URL ? (file.protocol === "file:" ? fileURLToPath(file) : "") : file
  if (typeof name !== "string" || !/\.[cm]?[jt]sx?$/.test(name)) return
  const absolute = path.resolve(name)
  if (isForeign(absolute)) throw refuse(absolute, undefined, true, outside)
}

module.exports = { active: Boolean(main && worktree), checkRead, checkResolved, checkUrl }
