import { hasAny, section } from "./project.mjs"
import { step } from "./tool.mjs"

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  if (hasAny(asked, ["ruff.toml", ".ruff.toml"]) || section(asked, "pyproject.toml", /^tool\.ruff(?:\.|$)/) !== null) {
    return [step(asked, "ruff", () => ["check", "--no-cache"])]
  }
  const flake8 =
    hasAny(asked, [".flake8"]) || ["setup.cfg", "tox.ini"].some((file) => section(asked, file, /^flake8$/) !== null)
  return flake8 ? [step(asked, "flake8", () => [])] : []
}
