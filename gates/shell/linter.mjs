import { toolEnvironment } from "../lib/environment.mjs"
import { isShellScript } from "../lib/kinds.mjs"
import { crash, failed, judge, passed, unavailable } from "../lib/outcome.mjs"
import { run } from "../lib/run.mjs"
import { baseName, joined } from "../lib/tree.mjs"

/** Files named to shellcheck at once: a command line has a limit. */
const batch = 200

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const { dir, tree } = asked
  const scripts = tree
    .own(dir)
    .filter(isShellScript)
    .filter((file) => isForBash(tree.read(file) ?? ""))
  if (scripts.length === 0) return []
  const mentions = (/** @type {string} */ file) => /\bshellcheck\b/.test(tree.read(file) ?? "")
  const folders = [...new Set(["", dir])]
  const checked = folders.some(
    (folder) =>
      tree.has(joined(folder, ".shellcheckrc")) ||
      ["package.json", ".pre-commit-config.yaml", ".pre-commit-config.yml"].some((file) =>
        mentions(joined(folder, file))
      )
  )
  return [
    { label: "bash -n", run: () => syntax(asked, scripts) },
    ...(checked ? [{ label: "shellcheck", run: () => shellcheck(asked, scripts) }] : [])
  ]
}

/** Scripts of another shell have a syntax of their own. @param {string} text */
const isForBash = (text) => {
  const [, line] = /^#!(.*)/.exec(text) ?? []
  const [interpreter = "", ...rest] = (line ?? "").trim().split(/\s+/).map(baseName)
  const shell = interpreter === "env" ? rest.find((word) => !/^-|=/.test(word)) : interpreter
  return line === undefined || shell === undefined || ["sh", "bash", "dash", "ash"].includes(shell)
}

/** @param {import("../lib/check.mjs").Asked} asked @param {ReadonlyArray<string>} scripts */
const syntax = async ({ request }, scripts) => {
  const label = "bash -n"
  /** @type {Array<string>} */
  const wrong = []
  for (const script of scripts) {
    const ended = await run({
      argv: ["bash", "-n", `./${script}`],
      cwd: request.worktree,
      env: toolEnvironment(request)
    })
    const why = crash(ended, "bash")
    if (why !== null) return unavailable(label, why)
    if (ended.code !== 0) wrong.push(script)
  }
  return wrong.length === 0 ? passed(label) : failed(label, wrong.join(", "))
}

/** @param {import("../lib/check.mjs").Asked} asked @param {ReadonlyArray<string>} scripts */
const shellcheck = async ({ request }, scripts) => {
  const label = "shellcheck"
  let found = false
  for (let start = 0; start < scripts.length; start += batch) {
    const files = scripts.slice(start, start + batch).map((file) => `./${file}`)
    const argv = ["shellcheck", "-x", "-S", "warning", ...files]
    const ended = await run({ argv, cwd: request.worktree, env: toolEnvironment(request) })
    const outcome = judge({ label, program: "shellcheck", ended, findings: [1] })
    if (outcome.result === "unavailable") return outcome
    found ||= outcome.result === "failed"
  }
  return found ? failed(label) : passed(label)
}
