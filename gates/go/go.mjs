/** Running the go command. */
import * as path from "node:path"
import { toolEnvironment } from "../lib/environment.mjs"
import { judge, unavailable } from "../lib/outcome.mjs"
import { run } from "../lib/run.mjs"
import { joined } from "../lib/tree.mjs"

/** go ends with 1 also where it could not even begin: modules out of reach, a version it is not. */
const patterns = {
  unreachable:
    /\bdial tcp\b|no such host|connection refused|i\/o timeout|module lookup disabled|requires go >= |toolchain not available|cannot find GOROOT/
}

/** @param {import("../lib/check.mjs").Asked} asked */
export const usesGo = ({ dir, tree }) => tree.has(joined(dir, "go.mod"))

/**
 * @param {import("../lib/check.mjs").Asked} asked
 * @param {ReadonlyArray<string>} args
 * @param {Pick<import("../lib/run.mjs").Tool, "onLine" | "show">} [reading]
 */
export const go = ({ dir, request }, args, reading = {}) =>
  run({
    argv: ["go", ...args],
    cwd: path.join(request.worktree, dir),
    env: toolEnvironment(request),
    patterns,
    ...reading
  })

/** @param {string} label @param {import("../lib/run.mjs").Ended} ended @returns {import("../lib/outcome.mjs").Outcome} */
export const judgeGo = (label, ended) =>
  ended.how === "exited" && ended.code !== 0 && ended.seen.has("unreachable")
    ? unavailable(label, "go cannot get what it needs")
    : judge({ label, program: "go", ended, findings: [1, 2] })

/** @param {string} label @param {ReadonlyArray<string>} args @returns {import("../lib/check.mjs").Plan} */
export const goPlan = (label, args) => (asked) =>
  usesGo(asked) ? [{ label, run: async () => judgeGo(label, await go(asked, args)) }] : []
