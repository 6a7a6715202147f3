/** `docs/commands.md`, from the tree of commands: bundled, since Node cannot read its TypeScript. */
import { build } from "esbuild"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { root } from "../run.mjs"

const program = `
  import * as Effect from "effect/Effect"
  import { root } from "./commands.ts"
  import * as Reference from "./Reference.ts"
  export const page = () => Effect.runPromise(Reference.page(root))
`

export const commands = async () => {
  const cli = join(root, "packages/cli")
  // Beside the command: from there the database driver, which is not bundled, is found.
  const outfile = join(cli, `dist/.docs-${process.pid}.mjs`)
  try {
    await build({
      stdin: { contents: program, resolveDir: join(cli, "src"), loader: "ts" },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["better-sqlite3", "@parcel/watcher"],
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      logLevel: "silent"
    })
    const { page } = await import(pathToFileURL(outfile).href)
    return await page()
  } finally {
    rmSync(outfile, { force: true })
  }
}
