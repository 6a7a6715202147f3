/** One check from start to end: which parts of the project use it, running them, and one answer for all. */
import { own } from "./command.mjs"
import { commitOf, requireWorktree } from "./git.mjs"
import { partsOf } from "./kinds.mjs"
import { combined, failed, skipped, unavailable } from "./outcome.mjs"
import { CannotCheck, exitCodes, readRequest, say } from "./protocol.mjs"
import { removeScratch } from "./scratch.mjs"
import { readTree } from "./tree.mjs"

/**
 * @typedef {import("./outcome.mjs").Outcome} Outcome
 * @typedef {import("./protocol.mjs").Request} Request
 *
 * @typedef {object} Asked what a part is asked with
 * @property {Request} request
 * @property {import("./tree.mjs").Tree} tree
 * @property {string} dir
 *
 * @typedef {object} Step a tool that a part uses
 * @property {string} label
 * @property {() => Outcome | Promise<Outcome>} run
 *
 * @typedef {(asked: Asked) => ReadonlyArray<Step>} Plan reads the tree alone; no step: the part does not use such a tool
 * @typedef {Partial<Record<import("./kinds.mjs").Kind, Plan>>} Plans
 *
 * @typedef {object} Planned
 * @property {import("./kinds.mjs").Part} part
 * @property {ReadonlyArray<Step>} steps
 */

/**
 * Runs a check as a program: prints the answer and sets the exit code.
 * @param {(request: Request) => Promise<Outcome>} make
 */
export const program = async (make) => {
  const outcome = await answer(make)
  removeScratch()
  const { counts, hint, result, summary } = outcome
  if (counts) say("tests", `passed=${counts.passed} failed=${counts.failed} skipped=${counts.skipped}`)
  say("summary", summary)
  if (hint && result === "unavailable") say("hint", hint)
  process.exitCode = exitCodes[result]
}

/** @param {(request: Request) => Promise<Outcome>} make @returns {Promise<Outcome>} */
const answer = async (make) => {
  try {
    return await make(readRequest(process.argv.slice(2), process.env))
  } catch (error) {
    if (error instanceof CannotCheck) return { result: "unavailable", summary: error.message, hint: error.hint }
    // A fault of the script itself says nothing about the code either.
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`${message}\n`)
    return { result: "unavailable", summary: `The check broke off: ${message.split("\n")[0]}` }
  }
}

/**
 * @param {"tests" | "linter" | "types"} name
 * @param {Plans} plans
 * @returns {(request: Request) => Promise<Outcome>}
 */
export const check = (name, plans) => async (request) => {
  requireWorktree(request.worktree)
  const command = request.config.gates[name]
  if (command === null) return skipped(name, "the project's configuration says that there are none")
  if (command !== undefined) {
    return request.mode === "detect" ? { result: "passed", summary: command.join(" ") } : own(request, command, name)
  }
  const planned = plannedFor(request, request.ref, plans)
  const used = planned.filter(({ steps }) => steps.length > 0)
  if (request.mode === "detect") {
    const labels = used.flatMap(({ part, steps }) => steps.map(({ label }) => labelled(label, part.dir)))
    return labels.length > 0
      ? { result: "passed", summary: labels.join("; ") }
      : skipped(name, "this project uses no such tool")
  }
  /** @type {Array<Outcome>} */
  const outcomes = request.base === null ? [] : dropped(request, request.base, planned, name, plans)
  for (const { part, steps } of used) {
    for (const step of steps) outcomes.push(await attempted(step, part.dir))
  }
  return outcomes.length > 0 ? combined(outcomes) : skipped(name, "this project uses no such tool")
}

/** @param {string} label @param {string} dir */
const labelled = (label, dir) => (dir === "" ? label : `${dir}: ${label}`)

/** @param {Step} step @param {string} dir @returns {Promise<Outcome>} */
const attempted = async (step, dir) => {
  const outcome = await (async () => {
    try {
      return await step.run()
    } catch (error) {
      if (error instanceof CannotCheck) return unavailable(step.label, error.message, error.hint)
      throw error
    }
  })()
  return { ...outcome, summary: labelled(outcome.summary, dir) }
}

/** @param {Request} request @param {string} ref @param {Plans} plans @returns {Array<Planned>} */
const plannedFor = (request, ref, plans) => {
  const tree = readTree(request.worktree, ref)
  return partsOf(tree, request.config).map((part) => ({
    part,
    steps: plans[part.kind]?.({ request, tree, dir: part.dir }) ?? []
  }))
}

/**
 * A part that is checked on the base and still there may not drop out of the check on the branch: in a repository of
 * several kinds the other parts' pass would hide it.
 * @param {Request} request @param {string} base @param {ReadonlyArray<Planned>} planned @param {string} name @param {Plans} plans
 * @returns {Array<Outcome>}
 */
const dropped = (request, base, planned, name, plans) => {
  if (commitOf(request.worktree, base) === commitOf(request.worktree, "HEAD")) return []
  const before = plannedFor(request, base, plans).filter(({ steps }) => steps.length > 0)
  return before.flatMap(({ part, steps }) => {
    const now = planned.find((one) => one.part.kind === part.kind && one.part.dir === part.dir)
    if (now === undefined || now.steps.length > 0) return []
    return [failed(name, `${labelled(steps[0]?.label ?? name, part.dir)} runs on the base and would not run here`)]
  })
}
