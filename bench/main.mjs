/**
 * `npm run bench`: what calm costs, each figure beside a floor: the same work without calm, measured in turn with it.
 *
 *   npm run bench                        start-up, memory, git work in a small repository; 2 minutes
 *   npm run bench -- --full              scale, embedded services and a large repository, too
 *   npm run bench -- --only git          the figures of one part: startup, git, split, scale, services, large
 *   npm run bench -- --save <file>       keeps the figures as JSON
 *   npm run bench -- --compare <file>    says what has changed since they were kept
 *
 * Everything happens in temporary folders, which are removed at the end.
 */
import { parseArgs } from "node:util"
import { seconds } from "../scripts/run.mjs"
import { setup } from "../scripts/setup.mjs"
import { largeGit, smallGit } from "./git.mjs"
import { install } from "./place.mjs"
import { scale } from "./scale.mjs"
import { services } from "./services.mjs"
import { split } from "./split.mjs"
import { startup } from "./startup.mjs"
import { kept, machine, save, tableOf, unmet } from "./table.mjs"

/** What is measured: quickly, and in full. */
const parts = {
  startup: { quick: { rounds: 15 }, full: { rounds: 31 }, measure: startup },
  git: { quick: { rounds: 15 }, full: { rounds: 15 }, measure: smallGit },
  split: { full: { rounds: 15 }, measure: split },
  scale: { full: { rounds: 9, projects: 200, tasks: 100_000, events: 1_000_000, worktrees: 1_000 }, measure: scale },
  services: { full: { rounds: 3, series: 20, times: 1_000 }, measure: services },
  large: { full: { rounds: 5, files: 50_000 }, measure: largeGit }
}

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    only: { type: "string" },
    save: { type: "string" },
    compare: { type: "string" }
  }
})
if (values.only !== undefined && !(values.only in parts))
  throw new Error(`--only is one of ${Object.keys(parts).join(", ")}`)
const before = values.compare === undefined ? undefined : kept(values.compare)

await setup()
const begun = Date.now()
const installed = await install()
const rows = []
for (const [name, { full, measure, quick }] of Object.entries(parts)) {
  const size = values.full || values.only === name ? full : quick
  if (size === undefined || (values.only !== undefined && values.only !== name)) continue
  const start = Date.now()
  rows.push(...(await measure(installed, size)))
  console.error(`${name}: ${seconds(start)}`)
}

const { cores, load, node, platform } = machine()
console.log(`\n${tableOf(rows, before?.rows)}\n`)
console.log(`Node ${node} on ${platform}, ${cores} cores, load ${load.toFixed(1)}; medians; ${seconds(begun)}`)
if (before !== undefined) console.log(`since ${before.at}, Node ${before.machine.node}, ${before.machine.cores} cores`)
if (values.save !== undefined) save(values.save, rows)
const missed = unmet(rows).length
console.log(missed === 0 ? "every goal is met" : `${missed} of the goals are not met`)
