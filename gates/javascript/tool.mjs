/** Running a linter or a type checker of a JavaScript project. */
import * as path from "node:path"
import { toolEnvironment } from "../lib/environment.mjs"
import { judge, unavailable } from "../lib/outcome.mjs"
import { setupHint } from "../lib/protocol.mjs"
import { run } from "../lib/run.mjs"
import { requireInstalled } from "./installed.mjs"

/** What Node prints last when an error that nobody caught ended it. */
const uncaught = /^Node\.js v\d+\.\d+\.\d+/

/**
 * @typedef {object} Tool
 * @property {string} label
 * @property {() => ReadonlyArray<string>} argv
 * @property {ReadonlyArray<number> | null} findings exit codes that mean findings; `null`: all but 0
 * @property {ReadonlyArray<number>} [broken] exit codes that mean that the tool itself broke off
 * @property {(ended: import("../lib/run.mjs").Ended) => string | null} [fault] why this end is not a verdict
 * @property {Readonly<Record<string, RegExp>>} [patterns]
 */

/** @param {import("../lib/check.mjs").Asked} asked @param {Tool} tool @returns {import("../lib/check.mjs").Step} */
export const step = (asked, tool) => ({
  label: tool.label,
  run: async () => {
    const { dir, request } = asked
    requireInstalled(asked)
    const argv = tool.argv()
    const ended = await run({
      argv,
      cwd: path.join(request.worktree, dir),
      env: toolEnvironment(request),
      patterns: { ...tool.patterns, uncaught }
    })
    const program = path.basename(argv[0] ?? "")
    if (ended.how === "exited" && ended.code !== 0) {
      if (tool.broken?.includes(ended.code)) return unavailable(tool.label, `it broke off (exit ${ended.code})`)
      const fault = tool.fault?.(ended) ?? null
      if (fault !== null) return unavailable(tool.label, fault)
      if (ended.seen.has("uncaught")) return unavailable(tool.label, "it crashed")
    }
    return judge({ label: tool.label, program, ended, findings: tool.findings, hint: setupHint(request) })
  }
})

/**
 * @param {import("../lib/check.mjs").Asked} asked
 * @param {{ manager: string, script: string, broken?: ReadonlyArray<number> }} of
 */
export const scriptStep = (asked, { broken = [], manager, script }) =>
  step(asked, {
    label: `${manager} run ${script}`,
    argv: () => [manager, "run", script],
    findings: null,
    broken
  })
