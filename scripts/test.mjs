/**
 * `npm test`: makes the clone ready, then types, lint, format, dead code and all tests.
 *
 *   npm test                       everything
 *   npm test -- packages/git/test  the tests of these files or folders only, without the static checks
 *   npm run test:full              everything, and the reliability suites in their full size
 *
 * What the reliability suites tried is printed as a table. The last line is the count of the tests, `412 passed, 0 failed`;
 * a static check that fails counts as a failed one.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root, run, seconds } from "./run.mjs"
import { setup } from "./setup.mjs"

const STATIC_LIMIT = 120_000
const TESTS_LIMIT = 1_800_000
const FULL_LIMIT = 14_400_000
/** Where `.ci/run` reads the count. */
const summary = join(root, ".cache/test-summary")
/** Where each reliability suite says what it tried; see packages/cli/test/reliability/support/report.ts. */
const tried = join(root, ".cache/reliability")

const bin = (name) => join(root, "node_modules/.bin", name)

/** A test must not act on the repository whose hook started it, nor in the name of a worker that runs it. */
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:GIT|CALM)_/.test(name)))

/** The compiler that knows Effect's diagnostics; plain `tsc` would let everything through that they find. */
const compiler = async () => (await run(bin("effect-tsgo"), ["get-exe-path"])).output.trim()

const staticChecks = async () => [
  ["types", await compiler(), ["-b", "--force"]],
  ["types of the check scripts", await compiler(), ["-p", "gates/tsconfig.scripts.json"]],
  ["lint", bin("oxlint"), ["--deny-warnings"]],
  ["format", bin("oxfmt"), ["--check"]],
  ["dead code", bin("knip"), ["--no-progress", "--treat-config-hints-as-errors"]]
]

const check = async ([name, program, args]) => {
  const start = Date.now()
  const { code, output } = await run(program, args, { env: clean, limit: STATIC_LIMIT })
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds(start)})`)
  if (code !== 0) console.log(output.trimEnd())
  return code === 0
}

/** The counts of vitest's report. A file that does not load has no tests to count and is one failure itself. */
const countsOf = (report) => {
  const { numFailedTests, numPassedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(report)
  const unloadable = testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed")
  )
  return { passed: numPassedTests, failed: numFailedTests + unloadable.length, skipped: numPendingTests + numTodoTests }
}

/** What the reliability suites tried, as a table; nothing where none of them ran. */
const tableOf = (folder) => {
  const rows = (existsSync(folder) ? readdirSync(folder) : [])
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")))
    .sort((a, b) => a.suite.localeCompare(b.suite) || a.what.localeCompare(b.what))
  if (rows.length === 0) return ""
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0)
  const lines = [
    ["suite", "what", "tried", "losses", "figures"],
    ...rows.map(({ losses, note = "", suite, tried: count, what }) => [suite, what, `${count}`, `${losses}`, note]),
    ["all", "", `${total("tried")}`, `${total("losses")}`, ""]
  ]
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const isNumber = (column) => column === 2 || column === 3
  const cell = (text, column) => (isNumber(column) ? text.padStart(widths[column]) : text.padEnd(widths[column]))
  return lines.map((line) => line.map(cell).join("  ").trimEnd()).join("\n")
}

const tests = async (filters, full) => {
  const folder = mkdtempSync(join(tmpdir(), "calm-test-report-"))
  const file = join(folder, "report.json")
  const start = Date.now()
  rmSync(tried, { recursive: true, force: true })
  try {
    const { code } = await run(
      bin("vitest"),
      ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...filters],
      {
        env: { ...clean, RELIABILITY: full ? "full" : "part", RELIABILITY_REPORT: tried },
        inherit: true,
        limit: full ? FULL_LIMIT : TESTS_LIMIT
      }
    )
    const counts = { passed: 0, failed: 0, skipped: 0 }
    try {
      Object.assign(counts, countsOf(readFileSync(file, "utf8")))
    } catch (error) {
      console.log(`no report of the tests: ${error.message}`)
    }
    // An error outside of every test, an end by the limit, no test at all: a failure that no test has counted.
    if (code !== 0 && counts.failed === 0) counts.failed = 1
    const table = tableOf(tried)
    if (table !== "") console.log(`\nReliability, ${full ? "in full" : "in part"}:\n${table}\n`)
    console.log(`${counts.failed === 0 ? "ok    " : "FAILED"} tests (${seconds(start)})`)
    return counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

mkdirSync(join(root, ".cache"), { recursive: true })
rmSync(summary, { force: true })
await setup()
const words = process.argv.slice(2)
const full = words.includes("--full")
const filters = words.filter((word) => word !== "--full")
const checks = filters.length === 0 ? await Promise.all((await staticChecks()).map(check)) : []
const counts = await tests(filters, full)
const failed = counts.failed + checks.filter((passed) => !passed).length
const line = `${counts.passed} passed, ${failed} failed${counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`}`
writeFileSync(summary, `${line}\n`)
console.log(line)
process.exitCode = failed === 0 ? 0 : 1
