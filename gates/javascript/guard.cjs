"use strict"
/**
 * Loaded into every Node process of a test run: a module that resolves to a file of the main checkout outside of the
 * worktree is refused and reported. It must neither depend on nor disturb what it is loaded into.
 */
const fs = require("node:fs")
const Module = require("node:module")
const path = require("node:path")
const { pathToFileURL } = require("node:url")
const { active, checkRead, checkResolved, checkUrl } = require("./guard-rules.cjs")

const guardRequire = () => {
  const resolve = Module._resolveFilename
  Module._resolveFilename = function (request, parent, ...rest) {
    const file = resolve.call(this, request, parent, ...rest)
    checkResolved(file, parent?.filename ?? undefined, "MODULE_NOT_FOUND")
    return file
  }
}

const guardImport = () => {
  if (typeof Module.registerHooks === "function") {
    Module.registerHooks({
      resolve(specifier, context, next) {
        const result = next(specifier, context)
        checkUrl(result.url, context.parentURL)
        return result
      }
    })
    return
  }
  Module.register(pathToFileURL(path.join(__dirname, "guard-hooks.mjs")))
}

/** Runners with a module system of their own (jest, vite) read code as files. */
const guardReading = () => {
  const { readFile, readFileSync } = fs
  const readLater = fs.promises.readFile
  fs.readFileSync = function (file, ...rest) {
    checkRead(file)
    return readFileSync.call(this, file, ...rest)
  }
  fs.readFile = function (file, ...rest) {
    try {
      checkRead(file)
    } catch (error) {
      const callback = rest.at(-1)
      if (typeof callback === "function") return void process.nextTick(callback, error)
    }
    return readFile.call(this, file, ...rest)
  }
  fs.promises.readFile = async function (file, ...rest) {
    checkRead(file)
    return readLater.call(this, file, ...rest)
  }
  Module.syncBuiltinESMExports()
}

const installed = Symbol.for("calm.guard")
if (active && !globalThis[installed]) {
  Object.defineProperty(globalThis, installed, { value: true })
  guardRequire()
  guardImport()
  guardReading()
}
