/**
 * Builds the command into `dist`: one bundled file, small ones that answer what needs less, and beside them the check
 * scripts and the role prompts that they read at run time.
 *
 * Everything is made in a folder of its own and then renamed, so that a command that starts meanwhile never finds half
 * a program.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundleAll } from "./bundle.mjs"

const dist = fileURLToPath(new URL("dist", import.meta.url))
const next = join(dist, `.next-${process.pid}`)

mkdirSync(dist, { recursive: true })
// What a build that was killed has left.
for (const name of readdirSync(dist)) {
  if (name.startsWith(".next-")) rmSync(join(dist, name), { recursive: true, force: true })
}
mkdirSync(next)
try {
  await bundleAll(next)
  const outdated = join(next, ".outdated")
  mkdirSync(outdated)
  for (const name of readdirSync(next)) {
    if (name === basename(outdated)) continue
    const target = join(dist, name)
    // A folder cannot be replaced by a rename while it has content.
    if (!name.endsWith(".cjs") && existsSync(target)) renameSync(target, join(outdated, name))
    renameSync(join(next, name), target)
  }
} catch (error) {
  // esbuild has shown its errors already.
  if (!Array.isArray(error.errors)) throw error
  process.exitCode = 1
} finally {
  rmSync(next, { recursive: true, force: true })
}
