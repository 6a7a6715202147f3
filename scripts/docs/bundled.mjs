/** What a program of the command's sources gives: bundled, since Node cannot read TypeScript. */
import { build } from "esbuild"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "../run.mjs"

/** The exports of a module with these lines, whose imports start in the sources of the command. */
export const bundled = async (contents) => {
  const cli = join(root, "packages/cli")
  // Beside the command: from there the database driver, which is not bundled, is found.
  const outfile = join(cli, `dist/.docs-${process.pid}-${bundled.count++}.mjs`)
  try {
    await build({
      stdin: { contents, resolveDir: join(cli, "src"), loader: "ts" },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["better-sqlite3"],
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      logLevel: "silent"
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile, { force: true })
  }
}
bundled.count = 0
