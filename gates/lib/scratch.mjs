/** A temporary folder of this run for caches and reports, outside of the worktree and gone when the script ends. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { CannotCheck } from "./protocol.mjs"

/** @type {string | null} */
let folder = null

const make = () => {
  const within = os.tmpdir()
  try {
    return fs.realpathSync(fs.mkdtempSync(path.join(within, "calm-check-")))
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^E[A-Z]+: |, mkdtemp .*$/g, "") : String(error)
    const at = `'${within.replaceAll("'", `'\\''`)}'`
    // Bytes, and files: either may have come to its end.
    throw new CannotCheck(`no temporary folder can be made in ${within}: ${why}`, `df -h ${at} && df -i ${at}`)
  }
}

/** @param {string} name @returns {string} the path of this name inside; nothing is made there */
export const scratch = (name) => {
  folder ??= make()
  return path.join(folder, name)
}

export const removeScratch = () => {
  if (folder === null) return
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  folder = null
}
