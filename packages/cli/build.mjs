/**
 * Builds the command: one bundled file, a small one that answers completions, and beside them the check scripts and the
 * role prompts that they read at run time.
 *
 * Everything is made in a folder of its own and then renamed, so that a command that starts meanwhile never finds half
 * a program.
 */
import { build } from "esbuild"
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const root = join(here, "../..")
const dist = join(here, "dist")
const next = join(dist, `.next-${process.pid}`)

/** Left out of what is shipped beside the command. */
const notShipped = new Set(["test", "dist", "node_modules", "package.json", "tsconfig.json", "tsconfig.test.json"])

mkdirSync(dist, { recursive: true })
// What a build that was killed has left.
for (const name of readdirSync(dist)) {
  if (name.startsWith(".next-")) rmSync(join(dist, name), { recursive: true, force: true })
}
mkdirSync(next)
try {
  await build({
    entryPoints: { calm: join(here, "src/main.ts"), complete: join(here, "src/internal/complete.ts") },
    outdir: next,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    // Both have a native part: they are loaded from node_modules, and only by the commands that need them.
    external: ["better-sqlite3", "@parcel/watcher"],
    // Some dependencies are CommonJS and call `require` for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);'
    },
    minifyWhitespace: true,
    minifySyntax: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning"
  })
  for (const folder of ["gates", "roles"]) {
    const from = join(root, folder)
    if (existsSync(from)) {
      cpSync(from, join(next, folder), { recursive: true, filter: (path) => !notShipped.has(basename(path)) })
    }
  }
  const outdated = join(next, ".outdated")
  mkdirSync(outdated)
  for (const name of readdirSync(next)) {
    if (name === basename(outdated)) continue
    const target = join(dist, name)
    // A folder cannot be replaced by a rename while it has content.
    if (!name.endsWith(".mjs") && existsSync(target)) renameSync(target, join(outdated, name))
    renameSync(join(next, name), target)
  }
} catch (error) {
  // esbuild has shown its errors already.
  if (!Array.isArray(error.errors)) throw error
  process.exitCode = 1
} finally {
  rmSync(next, { recursive: true, force: true })
}
