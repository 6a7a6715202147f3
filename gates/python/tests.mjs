import * as path from "node:path"
import { Counter } from "../lib/counts.mjs"
import { guarded } from "../lib/guard.mjs"
import { failed, judgeTests, unavailable } from "../lib/outcome.mjs"
import { setupHint } from "../lib/protocol.mjs"
import { run } from "../lib/run.mjs"
import { scratch } from "../lib/scratch.mjs"
import { baseName } from "../lib/tree.mjs"
import { hasAny, python, section } from "./project.mjs"

const patterns = {
  collecting: /\berrors? during collection\b|^ERROR collecting |^_+ ERROR collecting /,
  missing: /No module named '?"?pytest\b/
}

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const { dir, request, tree } = asked
  const configured =
    hasAny(asked, ["pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"]) ||
    section(asked, "pyproject.toml", /^tool\.pytest(?:\.|$)/) !== null ||
    section(asked, "setup.cfg", /^tool:pytest$/) !== null ||
    section(asked, "tox.ini", /^pytest$/) !== null
  if (!configured && !tree.own(dir).some((file) => /^(?:conftest|test_.*|.*_test)\.py$/.test(baseName(file)))) return []
  const label = "pytest"
  const make = async () => {
    const guard = guarded(request, dir)
    const interpreter = python(asked, guard.env)
    // Its cache goes elsewhere instead of away: options that read it (--ff) stay valid.
    const options = ["-p", "calm_guard", "-o", `cache_dir=${scratch("pytest")}`]
    const counter = new Counter()
    const ended = await run({
      argv: [...interpreter, "-m", "pytest", ...options],
      cwd: path.join(request.worktree, dir),
      env: guard.env,
      patterns,
      onLine: (line) => counter.line(line)
    })
    const program = path.basename(interpreter[0] ?? "")
    const judged = { label, program, ended, counter, guard, request }
    return judgeTests({ ...judged, special: (end) => meaning(end, request, label, guard.report().started, counter) })
  }
  return [{ label, run: make }]
}

/**
 * pytest's exit codes: 1 tests failed, 2 interrupted, 3 internal error, 4 usage, 5 no tests. Python and uv end with 1
 * and 2 as well where pytest never started.
 * @param {import("../lib/run.mjs").Ended} ended
 * @param {import("../lib/protocol.mjs").Request} request
 * @param {string} label
 * @param {boolean} started
 * @param {Counter} counter
 */
const meaning = ({ code, seen }, request, label, started, counter) => {
  if (code === 0) return null
  if (code === 5) return failed(label, "no test ran (pytest collected none)")
  if (code === 2 && seen.has("collecting")) return failed(label, "tests cannot be imported")
  if (seen.has("missing") && !started && counter.counts === null) {
    return unavailable(label, "pytest is not installed", setupHint(request))
  }
  if (code === 1 && (started || counter.counts !== null)) return null
  const why = { 2: "it was interrupted", 3: "an internal error of pytest", 4: "pytest was called wrongly" }[code]
  return unavailable(
    label,
    started && why ? `${why} (exit ${code})` : `pytest did not run (exit ${code})`,
    setupHint(request)
  )
}
