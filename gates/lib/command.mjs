/** Running a command that the project names itself. */
import { Counter } from "./counts.mjs"
import { guarded } from "./guard.mjs"
import { judgeTests } from "./outcome.mjs"
import { run } from "./run.mjs"

/**
 * Runs the command in the worktree's root: 0 passed; missing, 126, 127 or a signal could not check; all else failed.
 * @param {import("./protocol.mjs").Request} request
 * @param {ReadonlyArray<string>} argv
 * @param {"tests" | "linter" | "types" | "command"} name
 * @returns {Promise<import("./outcome.mjs").Outcome>}
 */
export const own = async (request, argv, name) => {
  const guard = guarded(request, "")
  // The command may start pytest at any depth; its plugin can only be named from here.
  guard.env["PYTEST_ADDOPTS"] = "-p calm_guard"
  const counter = new Counter({ own: true })
  const ended = await run({ argv, cwd: request.worktree, env: guard.env, onLine: (line) => counter.line(line) })
  const label = argv.join(" ")
  const outcome = judgeTests({ label, program: argv[0] ?? "", ended, counter, guard, request })
  // A linter that says "1 failed" is judged like any other command, but has no tests to report.
  return name === "tests" || name === "command" ? outcome : { ...outcome, counts: null }
}
