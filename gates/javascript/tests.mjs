import * as path from "node:path"
import { Counter } from "../lib/counts.mjs"
import { guarded } from "../lib/guard.mjs"
import { judgeTests } from "../lib/outcome.mjs"
import { run } from "../lib/run.mjs"
import { baseName } from "../lib/tree.mjs"
import { requireInstalled } from "./installed.mjs"
import { localProgram, packageManager, readPackage } from "./project.mjs"

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const found = readPackage(asked.tree, asked.dir)
  if (found === null) return []
  const script = found.scripts["test"]
  if (script !== undefined && !/no test specified/.test(script)) {
    const manager = packageManager(asked)
    return [step(asked, `${manager} test`, () => [manager, "run", "test"])]
  }
  if (found.required.has("vitest")) return [step(asked, "vitest", () => [localProgram(asked, "vitest"), "run"])]
  if (found.required.has("jest")) return [step(asked, "jest", () => [localProgram(asked, "jest"), "--ci"])]
  if (!asked.tree.own(asked.dir).some((file) => isTestFile(file, asked.dir))) return []
  return [step(asked, "node --test", () => [process.execPath, "--test"])]
}

/** What `node --test` finds by itself. @param {string} file @param {string} dir */
const isTestFile = (file, dir) => {
  const inner = dir === "" ? file : file.slice(dir.length + 1)
  if (!/\.[cm]?js$/.test(inner)) return false
  return /(?:^|\/)test\//.test(inner) || /(?:[.\-_]test|^test(?:-.*)?)\.[cm]?js$/.test(baseName(inner))
}

/**
 * @param {import("../lib/check.mjs").Asked} asked
 * @param {string} label
 * @param {() => ReadonlyArray<string>} argvOf
 * @returns {import("../lib/check.mjs").Step}
 */
const step = (asked, label, argvOf) => ({
  label,
  run: async () => {
    const { dir, request } = asked
    requireInstalled(asked)
    const argv = argvOf()
    const guard = guarded(request, dir)
    const counter = new Counter()
    const cwd = path.join(request.worktree, dir)
    const ended = await run({ argv, cwd, env: guard.env, onLine: (line) => counter.line(line) })
    return judgeTests({ label, program: path.basename(argv[0] ?? ""), ended, counter, guard, request })
  }
})
