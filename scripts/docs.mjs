/**
 * `node scripts/docs.mjs`: makes what stands in the pages of `docs/` but is said in the sources.
 *
 *   --check   writes nothing; says which pages are out of date, and then exits 1
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { commands } from "./docs/commands.mjs"
import { configuration, schema } from "./docs/configuration.mjs"
import { embedding } from "./docs/embedding.mjs"
import { root } from "./run.mjs"

const pages = {
  "docs/embedding.md": embedding,
  "docs/commands.md": commands,
  "docs/configuration.md": configuration,
  "schemas/project.schema.json": () => schema("project"),
  "schemas/config.schema.json": () => schema("home")
}

/** The first line that differs, as it is and as it should be. */
const difference = (is, should) => {
  const lines = [is.split("\n"), should.split("\n")]
  const at = lines[1].findIndex((line, index) => line !== lines[0][index])
  const show = (line) => (line === undefined ? "(nothing)" : JSON.stringify(line))
  return at < 0 ? "it is too long" : `line ${at + 1} is ${show(lines[0][at])}\n  and should be ${show(lines[1][at])}`
}

const checking = process.argv.includes("--check")
for (const [page, make] of Object.entries(pages)) {
  const path = join(root, page)
  const is = existsSync(path) ? readFileSync(path, "utf8") : ""
  let should
  try {
    should = await make(is)
  } catch (error) {
    console.error(`${page} cannot be made: ${error.message}`)
    process.exitCode = 1
    continue
  }
  if (is === should) continue
  if (checking) {
    console.error(`${page} is out of date: run \`node scripts/docs.mjs\`\n  ${difference(is, should)}`)
    process.exitCode = 1
  } else {
    writeFileSync(path, should)
    console.log(`wrote ${page}`)
  }
}
