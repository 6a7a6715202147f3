import { scratch } from "../lib/scratch.mjs"
import { section } from "./project.mjs"
import { step } from "./tool.mjs"

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const config =
    section(asked, "mypy.ini", /^mypy$/) ??
    section(asked, ".mypy.ini", /^mypy$/) ??
    section(asked, "pyproject.toml", /^tool\.mypy$/) ??
    section(asked, "setup.cfg", /^mypy$/)
  if (config === null) return []
  const named = config.some((line) => /^\s*(?:files|packages|modules)\s*=/.test(line))
  return [step(asked, "mypy", () => ["--cache-dir", scratch("mypy"), ...(named ? [] : ["."])])]
}
