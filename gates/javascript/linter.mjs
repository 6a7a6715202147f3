import { baseName, joined } from "../lib/tree.mjs"
import { localProgram, packageManager, readPackage } from "./project.mjs"
import { scriptStep, step } from "./tool.mjs"

/**
 * @typedef {object} Linter
 * @property {string} program
 * @property {string} dependency
 * @property {RegExp} config its configuration file beside package.json
 * @property {ReadonlyArray<string>} args
 */

/** @type {ReadonlyArray<Linter>} */
const linters = [
  {
    program: "eslint",
    dependency: "eslint",
    config: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.(?:c?js|json|ya?ml))?)$/,
    args: ["."]
  },
  { program: "oxlint", dependency: "oxlint", config: /^(?:\.oxlintrc\.jsonc?|oxlint\.config\.ts)$/, args: [] },
  { program: "biome", dependency: "@biomejs/biome", config: /^\.?biome\.jsonc?$/, args: ["lint"] }
]

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const found = readPackage(asked.tree, asked.dir)
  if (found === null) return []
  const script = found.scripts["lint"]
  if (script !== undefined) {
    // eslint ends with 2 when it broke off itself, be it by a fault or by its configuration.
    const broken = /\beslint\b/.test(script) ? [2] : []
    return [scriptStep(asked, { manager: packageManager(asked), script: "lint", broken })]
  }
  const configs = [...asked.tree.blobs.keys()].filter((file) => file === joined(asked.dir, baseName(file)))
  const used = linters.filter(
    ({ config, dependency, program }) =>
      found.required.has(dependency) ||
      configs.some((file) => config.test(baseName(file))) ||
      (program === "eslint" && "eslintConfig" in found.json)
  )
  return used.map(({ args, program }) =>
    step(asked, { label: program, findings: [1], argv: () => [localProgram(asked, program), ...args] })
  )
}
