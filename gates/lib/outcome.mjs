/** Judging how a tool ended. "Could not check" is never a pass. */
import { setupHint } from "./protocol.mjs"

/**
 * @typedef {object} Outcome
 * @property {"passed" | "failed" | "unavailable" | "skipped"} result
 * @property {string} summary what was run and how it came out, in one line
 * @property {string | null} [hint]
 * @property {import("./counts.mjs").Counts | null} [counts]
 */

/** @param {string} label @param {string | null} [why] @returns {Outcome} */
export const passed = (label, why = null) => ({ result: "passed", summary: `${label} passed${why ? `: ${why}` : ""}` })

/** @param {string} label @param {string | null} [why] @returns {Outcome} */
export const failed = (label, why = null) => ({ result: "failed", summary: `${label} failed${why ? `: ${why}` : ""}` })

/** @param {string} label @param {string} why @param {string | null} [hint] @returns {Outcome} */
export const unavailable = (label, why, hint = null) => ({
  result: "unavailable",
  summary: `${label} could not check: ${why}`,
  hint
})

/** @param {string} label @param {string} why @returns {Outcome} */
export const skipped = (label, why) => ({ result: "skipped", summary: `${label} skipped: ${why}` })

/**
 * Why a tool's end says nothing about the code, `null` where it does: it never started, or something ended it. A shell
 * or a package manager reports a missing program as 127 or 126, and one ended by a signal as 128 and its number.
 * @param {import("./run.mjs").Ended} ended @param {string} program
 */
export const crash = (ended, program) => {
  if (ended.how === "missing") return `${program} ${ended.detail}`
  if (ended.how === "signal") return `it was ended by ${ended.detail}`
  if (ended.code === 127) return "a program it needs is not installed (exit 127)"
  if (ended.code === 126) return "a program it needs cannot be executed (exit 126)"
  if (ended.code > 128 && ended.code <= 159) return `it was ended by signal ${ended.code - 128} (exit ${ended.code})`
  return null
}

/**
 * For tools with one exit code for "findings".
 * @param {object} judged
 * @param {string} judged.label
 * @param {string} judged.program
 * @param {import("./run.mjs").Ended} judged.ended
 * @param {ReadonlyArray<number> | null} judged.findings exit codes that mean findings; `null`: all but 0
 * @param {string | null} [judged.hint]
 * @returns {Outcome}
 */
export const judge = ({ label, program, ended, findings, hint = null }) => {
  const why = crash(ended, program)
  if (why !== null) return unavailable(label, why, ended.how === "signal" ? null : hint)
  if (ended.code === 0) return passed(label)
  if (findings === null || findings.includes(ended.code)) return failed(label)
  return unavailable(label, `${program} broke off (exit ${ended.code})`)
}

/**
 * @param {object} judged
 * @param {string} judged.label
 * @param {string} judged.program
 * @param {import("./run.mjs").Ended} judged.ended
 * @param {import("./counts.mjs").Counter} judged.counter
 * @param {import("./guard.mjs").Guard | null} judged.guard `null`: a language that cannot reach into the main checkout
 * @param {import("./protocol.mjs").Request} judged.request
 * @param {(ended: import("./run.mjs").Ended) => Outcome | null} [judged.special] what this runner's exit codes mean
 * @returns {Outcome}
 */
export const judgeTests = ({ label, program, ended, counter, guard, request, special }) => {
  const counts = counter.end()
  const names = [...counter.names].filter((name) => !label.includes(name))
  const full = names.length > 0 ? `${label} (${names.join(", ")})` : label
  const findings = guard === null ? [] : guard.report().findings
  const judged = () => {
    if (counts !== null && counts.failed > 0) return failed(full)
    const why = crash(ended, program)
    if (why !== null) return unavailable(full, why, ended.how === "signal" ? null : setupHint(request))
    const other = special?.(ended) ?? null
    if (other !== null) return other
    if (ended.code !== 0) return failed(full)
    if (counts !== null && counts.passed + counts.failed + counts.other === 0) {
      return failed(full, counts.skipped > 0 ? `no test ran (${counts.skipped} skipped)` : "no test ran")
    }
    return passed(full)
  }
  const outcome = judged()
  // A dependency that looked for an optional module and did without ran as it would in a checkout of its own.
  const decisive = findings.filter((finding) => !finding.optional || outcome.result !== "passed")
  if (decisive.length > 0) {
    const files = [...new Set(decisive.map((finding) => finding.file))]
    const more = files.length > 1 ? ` and ${files.length - 1} more` : ""
    return unavailable(full, `code of the main checkout would have been used: ${files[0]}${more}`, setupHint(request))
  }
  return { ...outcome, counts }
}

/** @type {ReadonlyArray<Outcome["result"]>} */
const order = ["failed", "unavailable", "passed", "skipped"]

/** @param {ReadonlyArray<Outcome>} outcomes @returns {Outcome} */
export const combined = (outcomes) => {
  const result = order.find((one) => outcomes.some((outcome) => outcome.result === one)) ?? "skipped"
  const known = outcomes.flatMap((outcome) => (outcome.counts ? [outcome.counts] : []))
  const sum = (/** @type {keyof import("./counts.mjs").Counts} */ key) =>
    known.reduce((total, counts) => total + counts[key], 0)
  const ranked = [...outcomes].sort((left, right) => order.indexOf(left.result) - order.indexOf(right.result))
  return {
    result,
    summary: ranked.map((outcome) => outcome.summary).join("; "),
    hint: ranked.find((outcome) => outcome.hint)?.hint ?? null,
    counts:
      known.length === 0
        ? null
        : { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped"), other: sum("other") }
  }
}
