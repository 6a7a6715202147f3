/** The embedded services beside better-sqlite3 that runs the statements which they ran. */
import { copyFileSync, cpSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { assemble } from "../packages/cli/bundle.mjs"
import { root } from "../scripts/run.mjs"
import { fill, open } from "./data.mjs"
import { median } from "./measure.mjs"
import { environment, folder, project, run } from "./place.mjs"

const node = process.execPath
const kinds = ["reads", "creates", "transitions"]

export const services = async (installed, { rounds, series, times }) => {
  const place = project(installed)
  const database = open(place.database)
  const tasks = series * times
  fill(database, place.id, { tasks: 2 * tasks, open: tasks, events: 10 * tasks })
  database.close()
  const base = folder()
  const program = await assemble(base, join(root, "bench/services/program.mjs"))
  symlinkSync(join(root, "packages/cli/node_modules"), join(base, "node_modules"), "junction")
  const notes = join(base, "notes.json")

  let count = 0
  /** A home with the database as it was made. */
  const copied = () => {
    const home = join(base, `home-${count++}`)
    cpSync(place.home, home, { recursive: true })
    copyFileSync(place.database, join(home, "metadata.db"))
    return home
  }
  const embedded = (...more) => {
    const home = copied()
    const args = [program, home, place.repo, String(series), String(times), ...more]
    return JSON.parse(run(node, args, { cwd: place.repo, env: environment(home) }))
  }
  const raw = () =>
    JSON.parse(
      run(node, [installed.floor("replay"), join(copied(), "metadata.db"), notes], { cwd: place.repo, env: place.env })
    )
  embedded(notes)
  const found = Array.from({ length: rounds }, () => ({ embedded: embedded(), raw: raw() }))
  // Of all series: the first ones, in which V8 has not compiled yet what they run, are few.
  const rate = (which, kind) => (1000 * times) / median(found.flatMap((round) => round[which][kind]))
  return kinds.map((kind) => ({
    figure: `embedded task ${kind} a second / the same SQL by better-sqlite3`,
    floor: rate("raw", kind),
    measured: rate("embedded", kind),
    goal: 0.5,
    unit: "1/s"
  }))
}
