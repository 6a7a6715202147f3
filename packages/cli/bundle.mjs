/** Bundling the command: how, in one place, for the build and for the tests of what is built. */
import { build } from "esbuild"
import { createHash } from "node:crypto"
import { cpSync, mkdirSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { answeredQuestions, builtinsWhenUsed, filesAtOnce, plainNamespaces, runAtBuild } from "./sooner.mjs"

const here = fileURLToPath(new URL(".", import.meta.url))
const root = join(here, "../..")

const bundled = async (entry, plugins = []) => {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    // Node starts a CommonJS program some 10 ms sooner than a module.
    format: "cjs",
    target: "node20.19",
    // It has a native part: it is loaded from node_modules, with the first database that is opened.
    external: ["better-sqlite3"],
    define: { "import.meta.dirname": "__dirname", "import.meta.url": "__filename" },
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "warning",
    plugins: [...plugins, runAtBuild, filesAtOnce, builtinsWhenUsed, answeredQuestions]
  })
  return { text: plainNamespaces(outputFiles[0].text), inputs: Object.keys(metafile.inputs) }
}

/** The small programs beside the bundle: `bin/calm.cjs` chooses among them. */
const parts = { complete: "complete.ts", load: "load.ts", version: "version.ts" }

/** Writes a small program; gives the files that went into it. */
export const bundlePart = async (part, outdir) => {
  const { inputs, text } = await bundled(join(here, "src/internal", parts[part]))
  writeFileSync(join(outdir, `${part}.cjs`), text)
  return inputs
}

/**
 * Writes `calm.cjs`, what `load.ts` runs: a function of what a module knows of itself. The digest
 * that it begins with tells one bundle from another.
 */
const bundleProgram = async (outdir, entry = join(here, "src/main.ts"), plugins = []) => {
  const { inputs, text } = await bundled(entry, plugins)
  const digest = createHash("sha256").update(text).digest("hex")
  writeFileSync(
    join(outdir, "calm.cjs"),
    `/*${digest}*/(function (require, module, __filename, __dirname) {${text}\n})`
  )
  return inputs
}

/** Left out of what is shipped beside the command. */
const notShipped = new Set(["test", "dist", "node_modules", "package.json", "tsconfig.json", "tsconfig.test.json"])

/**
 * All that `dist` holds: the programs, and the check scripts and role prompts that they read. Gives the files that went into
 * the programs, named from the top of the clone.
 */
export const bundleAll = async (outdir, entry, plugins) => {
  const inputs = await Promise.all([
    bundleProgram(outdir, entry, plugins),
    ...Object.keys(parts).map((part) => bundlePart(part, outdir))
  ])
  for (const folder of ["gates", "roles"])
    cpSync(join(root, folder), join(outdir, folder), {
      recursive: true,
      filter: (path) => !notShipped.has(basename(path))
    })
  return [...new Set(inputs.flat())]
}

/** `bin` and `dist` below a folder, as they are installed; gives the command. */
export const assemble = async (folder, entry, plugins) => {
  for (const name of ["bin", "dist"]) mkdirSync(join(folder, name))
  const command = join(folder, "bin/calm.cjs")
  cpSync(join(here, "bin/calm.cjs"), command)
  await bundleAll(join(folder, "dist"), entry, plugins)
  return command
}
