/**
 * Are the worktree's dependencies its own? Node looks for modules in every folder upwards, and a worktree lies inside of
 * the main checkout: what is missing here would silently be taken from there.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { isMainOnly } from "../lib/environment.mjs"
import { CannotCheck, isInside, isRecord, setupHint } from "../lib/protocol.mjs"
import { folderName, joined, upwards } from "../lib/tree.mjs"
import { readPackage } from "./project.mjs"

/** @param {import("../lib/check.mjs").Asked} asked */
export const requireInstalled = (asked) => {
  const { dir, request, tree } = asked
  const members = [dir, ...workspaceMembers(asked)]
  const plugAndPlay = upwards(dir).some((folder) => fs.existsSync(path.join(request.worktree, folder, ".pnp.cjs")))
  /** @type {Set<string>} */
  const missing = new Set()
  for (const member of plugAndPlay ? [] : members) {
    for (const name of readPackage(tree, member)?.required ?? []) {
      const places = upwards(member).map((folder) => path.join(request.worktree, folder, "node_modules", name))
      if (!places.some((place) => fs.existsSync(place))) missing.add(name)
    }
  }
  if (missing.size > 0) {
    throw new CannotCheck(`dependencies are not installed in this worktree: ${some([...missing])}`, setupHint(request))
  }
  const folders = new Set(members.flatMap(upwards).map((folder) => joined(folder, "node_modules")))
  const foreign = [...folders].flatMap((folder) => foreignEntries(request, path.join(request.worktree, folder)))
  if (foreign.length > 0) {
    throw new CannotCheck(`dependencies lead out of this worktree: ${some(foreign)}`, setupHint(request))
  }
}

/** @param {ReadonlyArray<string>} list */
const some = (list) => list.slice(0, 5).join(", ") + (list.length > 5 ? ` and ${list.length - 5} more` : "")

/**
 * What in a node_modules folder is really the main checkout's: the folder itself, or a package linked from there.
 * @param {import("../lib/protocol.mjs").Request} request @param {string} folder @returns {Array<string>}
 */
const foreignEntries = (request, folder) => {
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false })
  if (stat === undefined) return []
  const leadsOut = (/** @type {string} */ file) => {
    const real = realPath(file)
    return real !== null && isMainOnly(request, real)
  }
  if (stat.isSymbolicLink()) {
    const real = realPath(folder)
    if (real !== null && !isInside(request.worktree, real)) return [path.relative(request.worktree, folder)]
  }
  /** @type {Array<string>} */
  const found = []
  for (const entry of listed(folder)) {
    if (entry.name.startsWith(".")) continue
    const file = path.join(folder, entry.name)
    if (entry.isSymbolicLink() && leadsOut(file)) found.push(entry.name)
    else if (entry.name.startsWith("@")) {
      for (const inner of listed(file)) {
        if (inner.isSymbolicLink() && leadsOut(path.join(file, inner.name))) found.push(`${entry.name}/${inner.name}`)
      }
    }
  }
  return found
}

/** @param {string} folder */
const listed = (folder) =>
  fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? fs.readdirSync(folder, { withFileTypes: true }) : []

/** @param {string} file @returns {string | null} `null`: the link leads nowhere */
const realPath = (file) => {
  try {
    return fs.realpathSync(file)
  } catch {
    return null
  }
}

/**
 * Folders of the packages that belong to the workspace rooted here.
 * @param {import("../lib/check.mjs").Asked} asked @returns {Array<string>}
 */
const workspaceMembers = ({ dir, tree }) => {
  const declared = readPackage(tree, dir)?.json["workspaces"]
  const list = isRecord(declared) ? declared["packages"] : declared
  const globs = [
    ...(Array.isArray(list) ? list.filter((glob) => typeof glob === "string") : []),
    ...yamlPackages(tree.read(joined(dir, "pnpm-workspace.yaml")) ?? "")
  ]
  if (globs.length === 0) return []
  const wanted = globs.filter((glob) => !glob.startsWith("!")).map(globForm)
  const unwanted = globs.filter((glob) => glob.startsWith("!")).map((glob) => globForm(glob.slice(1)))
  return [...tree.blobs.keys()]
    .filter((file) => file.endsWith("/package.json") && (dir === "" || file.startsWith(`${dir}/`)))
    .map(folderName)
    .filter((folder) => {
      const inner = dir === "" ? folder : folder.slice(dir.length + 1)
      if (folder === dir || /(?:^|\/)node_modules(?:\/|$)/.test(inner)) return false
      return wanted.some((form) => form.test(inner)) && !unwanted.some((form) => form.test(inner))
    })
}

/** The `packages` list of a pnpm-workspace.yaml, in block or flow form. @param {string} text @returns {Array<string>} */
const yamlPackages = (text) => {
  const unquoted = (/** @type {string} */ word) => word.trim().replace(/^(["'])(.*)\1$/, "$2")
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, "$1").trimEnd())
  const start = lines.findIndex((line) => line.startsWith("packages:"))
  if (start < 0) return []
  const [, flow] = /^packages:\s*\[(.*)\]$/.exec(lines[start] ?? "") ?? []
  if (flow !== undefined) return flow.split(",").map(unquoted).filter(Boolean)
  /** @type {Array<string>} */
  const globs = []
  for (const line of lines.slice(start + 1)) {
    const [, item] = /^\s*-\s+(.+)$/.exec(line) ?? []
    if (item !== undefined) globs.push(unquoted(item))
    else if (line !== "") break
  }
  return globs
}

/** @param {string} glob */
const globForm = (glob) => {
  const clean = glob.replace(/^\.\//, "").replace(/\/+$/, "")
  const source = clean.replace(/\*\*\/|\/\*\*$|\*\*|\*|\?|\{[^{}]*\}|[.+^$()|[\]\\{}]/g, (part) => {
    if (part === "**/") return "(?:.*/)?"
    if (part === "/**") return "(?:/.*)?"
    if (part === "**") return ".*"
    if (part === "*") return "[^/]*"
    if (part === "?") return "[^/]"
    if (part.length > 1)
      return `(?:${part
        .slice(1, -1)
        .split(",")
        .map((one) => one.replace(/[.+^$()|[\]\\*?]/g, "\\$&"))
        .join("|")})`
    return `\\${part}`
  })
  return new RegExp(`^${source}$`)
}
