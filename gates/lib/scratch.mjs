/** A temporary folder of this run for caches and reports, outside of the worktree and gone when the script ends. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"

/** @type {string | null} */
let folder = null

/** @param {string} name @returns {string} the path of this name inside; nothing is made there */
export const scratch = (name) => {
  folder ??= fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "calm-check-")))
  return path.join(folder, name)
}

export const removeScratch = () => {
  if (folder === null) return
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  folder = null
}
