/** What the bundler does so that a command starts sooner. What each saves is in docs/performance.md. */
import { readFile } from "node:fs/promises"
import { builtinModules } from "node:module"

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

/** What Effect asks of Node as it starts, by the file that asks, and the answer that spares the asking. */
const questions = [
  // Does a stack trace name this function? In the bundle names stay; V8 would count the lines of all of it to say so.
  [
    "Utils.js",
    'standard.effect_internal_function(() => new Error().stack)?.includes("effect_internal_function") === true',
    "true"
  ],
  // Is there no clock of nanoseconds? There is, for which Node loads eleven modules; that of the processor will do.
  ["internal/clock.js", 'typeof performance === "undefined"', "true"]
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
