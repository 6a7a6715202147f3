/** Running a linter or a type checker of a Python project. */
import * as path from "node:path"
import { toolEnvironment } from "../lib/environment.mjs"
import { judge, unavailable } from "../lib/outcome.mjs"
import { run } from "../lib/run.mjs"
import { installHint, pythonTool } from "./project.mjs"

/**
 * Exit 1 means findings, all else but 0 that the tool broke off; so does 1 without a word on stdout, since a Python
 * program that crashes ends with 1 too.
 * @param {import("../lib/check.mjs").Asked} asked
 * @param {string} name
 * @param {() => ReadonlyArray<string>} args
 * @returns {import("../lib/check.mjs").Step}
 */
export const step = (asked, name, args) => ({
  label: name,
  run: async () => {
    const { dir, request } = asked
    const env = toolEnvironment(request)
    const tool = pythonTool(asked, name, env)
    let words = false
    const ended = await run({
      argv: [...tool, ...args()],
      cwd: path.join(request.worktree, dir),
      env,
      patterns: { critical: /^There was a critical error during execution of|^Traceback \(most recent call last\)/ },
      show: (line) => {
        words ||= line.trim() !== ""
        return `${line}\n`
      }
    })
    if (ended.how === "exited" && ended.code === 1 && (!words || ended.seen.has("critical"))) {
      return unavailable(name, "it crashed (exit 1 without a finding)")
    }
    const program = path.basename(tool[0] ?? "")
    return judge({ label: name, program, ended, findings: [1], hint: installHint(asked, name) })
  }
})
