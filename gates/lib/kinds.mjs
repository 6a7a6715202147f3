/** Which kinds of project a repository holds, and where: its parts. */
import { baseName, folderName } from "./tree.mjs"

/**
 * @typedef {"javascript" | "python" | "rust" | "go" | "shell"} Kind
 * @typedef {{ readonly kind: Kind, readonly dir: string }} Part a kind of project in a folder; the root is ""
 */

/** @type {ReadonlyArray<readonly [Kind, RegExp]>} */
const manifests = [
  ["javascript", /^package\.json$/],
  ["python", /^(?:pyproject\.toml|setup\.py|setup\.cfg|requirements[^/]*\.txt|tox\.ini|pytest\.ini)$/],
  ["rust", /^Cargo\.toml$/],
  ["go", /^go\.mod$/]
]

const deepest = 3

/** @param {string} file */
export const isShellScript = (file) => /\.(?:sh|bash)$/.test(file)

/** @param {string} folder */
const depth = (folder) => (folder === "" ? 0 : folder.split("/").length)

/**
 * @param {import("./tree.mjs").Tree} tree
 * @param {import("./protocol.mjs").Config} config
 * @returns {Array<Part>}
 */
export const partsOf = (tree, config) => {
  if (config.kinds !== null) {
    return Object.entries(config.kinds).map(([dir, kind]) => ({ kind: /** @type {Kind} */ (kind), dir }))
  }
  const files = tree.own("")
  /** @type {Array<Part>} */
  const parts = []
  for (const [kind, manifest] of manifests) {
    if (config.kind !== null && config.kind !== kind) continue
    const folders = new Set(files.filter((file) => manifest.test(baseName(file))).map(folderName))
    const shallowest = Math.min(...[...folders].map(depth))
    for (const dir of [...folders].sort()) {
      if (depth(dir) === shallowest && shallowest <= deepest) parts.push({ kind, dir })
    }
    if (config.kind === kind && parts.length === 0) parts.push({ kind, dir: "" })
  }
  if (config.kind === "shell" || (config.kind === null && files.some(isShellScript))) {
    parts.push({ kind: "shell", dir: "" })
  }
  return parts
}
