import * as fs from "node:fs"
import * as path from "node:path"
import { untracked } from "../lib/git.mjs"
import { isRecord } from "../lib/protocol.mjs"
import { scratch } from "../lib/scratch.mjs"
import { joined } from "../lib/tree.mjs"
import { localProgram, packageManager, readPackage } from "./project.mjs"
import { scriptStep, step } from "./tool.mjs"

const patterns = {
  errors: /error TS\d+:/,
  // "Referenced project may not disable emit."
  output: /error TS6310:/,
  // The compiler does not know an option that it was called with.
  usage: /^error TS(?:5023|5025|5053|5069|5072|5073|5093|5094|6369):/
}

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const found = readPackage(asked.tree, asked.dir)
  const config = asked.tree.read(joined(asked.dir, "tsconfig.json"))
  if (found === null) return []
  const script = ["typecheck", "type-check", "check-types", "types"].find((name) => {
    const text = found.scripts[name]
    // A script called `types` may as well be the one that writes the declarations.
    return text !== undefined && (name !== "types" || config === null || /noEmit/.test(text))
  })
  if (script !== undefined) return [scriptStep(asked, { manager: packageManager(asked), script })]
  if (config === null) return []
  if (isSolution(config)) return [solutionStep(asked)]
  return [compile(asked, "tsc", ["-p", ".", "--noEmit", "--incremental"])]
}

/**
 * @param {import("../lib/check.mjs").Asked} asked
 * @param {string} label
 * @param {ReadonlyArray<string>} args
 * @param {(seen: Set<string>) => void} [look]
 */
const compile = (asked, label, args, look) =>
  step(asked, {
    label,
    // Incremental projects would write their state beside the code.
    argv: () => [
      localProgram(asked, "tsc"),
      ...args,
      ...(args.includes("--incremental") ? ["--tsBuildInfoFile", scratch("tsc.tsbuildinfo")] : [])
    ],
    findings: [1, 2],
    patterns,
    fault: ({ seen }) => {
      look?.(seen)
      if (seen.has("usage")) return "this version of tsc does not know an option it needs"
      return seen.has("errors") ? null : "it broke off without naming an error"
    }
  })

/**
 * Projects that refer to each other need each other's declarations written: where `--noEmit` is refused for that, they
 * are built as the project builds them. What git would then see is removed again.
 * @param {import("../lib/check.mjs").Asked} asked
 * @returns {import("../lib/check.mjs").Step}
 */
const solutionStep = (asked) => {
  const label = "tsc -b"
  const { worktree } = asked.request
  const run = async () => {
    const before = new Set(untracked(worktree))
    let needsOutput = false
    try {
      const look = (/** @type {Set<string>} */ seen) => void (needsOutput = seen.has("output"))
      const outcome = await compile(asked, label, ["-b", "--noEmit"], look).run()
      return needsOutput ? await compile(asked, label, ["-b"]).run() : outcome
    } finally {
      for (const file of untracked(worktree)) {
        if (!before.has(file)) fs.rmSync(path.join(worktree, file), { force: true })
      }
    }
  }
  return { label, run }
}

/** A tsconfig that only refers to others. @param {string} text JSON with comments */
const isSolution = (text) => {
  const json = text
    .replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (part) => (part.startsWith('"') ? part : " "))
    .replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (part) => (part === "," ? "" : part))
  try {
    const config = JSON.parse(json.replace(/^\uFEFF/, ""))
    if (!isRecord(config) || !Array.isArray(config["references"]) || config["references"].length === 0) return false
    return Array.isArray(config["files"]) && config["files"].length === 0 && !("include" in config)
  } catch {
    return false
  }
}
