/** Finding the TODOs that a branch adds without saying which task they belong to. */
import { commitOf, git } from "./git.mjs"
import { isInside } from "./protocol.mjs"
import { baseName } from "./tree.mjs"

/** @typedef {{ readonly file: string, readonly line: number, readonly text: string }} Todo */

const marker = /\b(?:TODO|FIXME|XXX)\b/

/** Letters and digits that name a standard or a marker, not a task. */
const notTasks = "TODO|FIXME|XXX|UTF|ISO|SHA|AES|RFC|CVE|IEEE|ECMA"
const taskId = new RegExp(`(?<![\\w-])(?!(?:${notTasks})-)[A-Z][A-Z0-9_]*-\\d+(?:-\\d+)*(?![\\w])`)

/** Written by tools, not by people. */
const written =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|Cargo\.lock|uv\.lock|poetry\.lock|go\.sum)$|\.min\.(?:js|css)$/

/** @param {string} bytes one byte per character */
const decoded = (bytes) => Buffer.from(bytes, "latin1").toString("utf8")

/** @type {Record<string, string>} */
const escapes = { a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r", '"': '"', "\\": "\\" }

/** A path of a "+++" line, which git quotes where it holds unusual characters. @param {string} name */
const pathOf = (name) => {
  const quoted = /^"(.*)"\t?$/.exec(name)
  const bytes =
    quoted === null
      ? name.replace(/\t$/, "")
      : (quoted[1] ?? "").replace(/\\([0-7]{3}|.)/g, (_, code) =>
          code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code)
        )
  return bytes.startsWith("b/") ? decoded(bytes.slice(2)) : null
}

/**
 * Added lines of a diff without context. Lines are counted by the hunk's header, since an added line may itself look
 * like a header.
 * @param {string} diff one byte per character
 * @returns {Generator<{ file: string, line: number, text: string }>}
 */
function* addedLines(diff) {
  /** @type {string | null} */
  let file = null
  let removed = 0
  let added = 0
  let line = 0
  for (let start = 0; start < diff.length;) {
    const found = diff.indexOf("\n", start)
    const end = found < 0 ? diff.length : found
    const text = diff.slice(start, end)
    start = end + 1
    if (removed + added > 0) {
      if (text.startsWith("-")) removed -= 1
      else if (text.startsWith("+")) {
        added -= 1
        if (file !== null) yield { file, line, text: text.slice(1) }
        line += 1
      } else if (text.startsWith(" ")) {
        removed -= 1
        added -= 1
        line += 1
      }
      continue
    }
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text)
    if (hunk !== null) {
      removed = Number(hunk[1] ?? 1)
      line = Number(hunk[2])
      added = Number(hunk[3] ?? 1)
    } else if (text.startsWith("diff --git ")) file = null
    else if (text.startsWith("+++ ")) file = pathOf(text.slice(4))
  }
}

/** @param {import("./protocol.mjs").Request} request @param {string} mergeBase @returns {Array<Todo>} */
export const untrackedTodos = (request, mergeBase) => {
  const { config, task, worktree } = request
  const from = commitOf(worktree, mergeBase)
  const head = commitOf(worktree, "HEAD")
  // All files as text: an attribute on the branch could declare any file binary. Which ones are is asked below.
  const form = [
    "-U0",
    "--inter-hunk-context=0",
    "--text",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames"
  ]
  const prefixes = [
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--no-relative",
    "--submodule=short",
    "--ignore-submodules=all"
  ]
  const diff = git(worktree, ["diff-tree", "-r", "-p", ...form, ...prefixes, from, head]).stdout.toString("latin1")
  const ownId = new RegExp(`(?<![\\w-])${task.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`, "i")
  /** @type {Map<string, boolean>} */
  const binary = new Map()
  const isBinary = (/** @type {string} */ file) => {
    const known = binary.get(file)
    if (known !== undefined) return known
    const answer = git(worktree, ["cat-file", "blob", `${head}:${file}`])
      .stdout.subarray(0, 8000)
      .includes(0)
    binary.set(file, answer)
    return answer
  }
  /** @type {Array<Todo>} */
  const todos = []
  for (const { file, line, text } of addedLines(diff)) {
    if (!marker.test(text) || taskId.test(text) || ownId.test(text)) continue
    if (written.test(baseName(file)) || config.docFolders.some((folder) => isInside(folder, file))) continue
    if (isBinary(file)) continue
    todos.push({ file, line, text: decoded(text).trim().slice(0, 200) })
  }
  return todos
}
