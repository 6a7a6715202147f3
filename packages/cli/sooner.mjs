/** What the bundler does so that a command starts sooner. What each saves is in docs/performance.md. */
import { readFile } from "node:fs/promises"
import { build as bundle } from "esbuild"
import { builtinModules, createRequire } from "node:module"
import { fileURLToPath } from "node:url"

/** All but those that Node itself has loaded when a program begins: what is done with all that they export still works. */
const builtins = new Set(
  builtinModules.flatMap((name) =>
    /^(?:fs|path)(?:\/|$)/.test(name) && name !== "fs/promises" ? [] : [name, `node:${name}`]
  )
)

/**
 * Node's own modules are loaded when something of them is first used. Some of them load twenty others, and no command
 * needs them all.
 *
 * A property that is looked for in vain on the module's object is looked for on its prototype, which is the place for
 * this: what the bundler does with the properties of a module would otherwise load it.
 */
export const builtinsWhenUsed = {
  name: "builtins when used",
  setup: (build) => {
    build.onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z_]+)*$/ }, ({ namespace, path }) => {
      if (!builtins.has(path)) return undefined
      return namespace === "builtin" ? { path, external: true } : { path, namespace: "builtin" }
    })
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      loader: "js",
      contents: `
        let loaded
        const get = (_, key) => (loaded ??= require(${JSON.stringify(path)}))[key]
        module.exports = Object.create(new Proxy({}, { get }))`
    }))
  }
}

/**
 * `import * as Path from "node:path"` as the module itself. By itself the bundler copies all its properties into an object
 * that has `default` besides, each time that it is imported.
 */
export const plainNamespaces = (text) => {
  const fault = /\b(?:import_)?(?:node_[a-z_]+|Fs|Path)\d*\.default\b/.exec(text)
  if (fault !== null) throw new Error(`${fault[0]}: Node's modules have to be imported as namespaces, or by name`)
  return text.replace(/__toESM\((require(?:\("node:[a-z]+"\)|_(?:node_[a-z_]+|promises)\(\))),1\)/g, "$1")
}

/** A module whose name ends with `.build.ts` is run when the bundle is made. What it exports, which JSON can say, stands for it. */
export const runAtBuild = {
  name: "run at build",
  setup: (build) => {
    build.onLoad({ filter: /\.build\.ts$/ }, async ({ path }) => {
      const { metafile, outputFiles } = await bundle({
        entryPoints: [path],
        bundle: true,
        write: false,
        metafile: true,
        platform: "node",
        format: "cjs"
      })
      const made = { exports: {} }
      new Function("module", "exports", "require", outputFiles[0].text)(made, made.exports, createRequire(path))
      const exported = Object.entries(made.exports).map(
        ([name, value]) => `export const ${name} = ${JSON.stringify(value)}`
      )
      return { contents: exported.join("\n"), watchFiles: Object.keys(metafile.inputs) }
    })
  }
}

/** Questions about files are answered as `src/internal/filesAtOnce.ts` does it. */
export const filesAtOnce = {
  name: "files at once",
  setup: (build) => {
    build.onResolve({ filter: /^node:fs$/ }, ({ importer }) =>
      importer.endsWith("platform-node-shared/dist/esm/internal/fileSystem.js")
        ? { path: "node:fs", namespace: "at once" }
        : undefined
    )
    build.onLoad({ filter: /.*/, namespace: "at once" }, () => ({
      resolveDir: fileURLToPath(new URL("src/internal", import.meta.url)),
      contents: `
        export * from "node:fs"
        export { access, mkdir, promises, readFile, readlink, realpath, stat } from "./filesAtOnce.ts"`
    }))
  }
}

/** What Effect asks of Node as it starts, by the file that asks, and the answer that spares the asking. */
const questions = [
  // Does a stack trace name this function? In the bundle names stay; V8 would count the lines of all of it to say so.
  [
    "Utils.js",
    'standard.effect_internal_function(() => new Error().stack)?.includes("effect_internal_function") === true',
    "true"
  ],
  // Is there no clock of nanoseconds? There is, for which Node loads eleven modules; that of the processor will do.
  ["internal/clock.js", 'typeof performance === "undefined"', "true"],
  // Is stdout a terminal? It is Effect's own loggers that would like to know, none of which calm has.
  [
    "internal/logger.js",
    'typeof process === "object" && process !== null && typeof process.stdout === "object"',
    "false"
  ]
]

export const answeredQuestions = {
  name: "answered questions",
  setup: (build) => {
    for (const [file, question, answer] of questions)
      build.onLoad({ filter: new RegExp(`/effect/dist/esm/${file.replace(".", "\\.")}$`) }, async ({ path }) => {
        const text = await readFile(path, "utf8")
        if (!text.includes(question)) throw new Error(`${path} does not ask any more: ${question}`)
        return { loader: "js", contents: text.replace(question, answer) }
      })
  }
}
