/** Start-up: what a short command costs beside a script that does the same with better-sqlite3 alone. */
import { strict as assert } from "node:assert"
import { fill, open } from "./data.mjs"
import { inTurn, memoryInTurn } from "./measure.mjs"
import { project, run } from "./place.mjs"

const node = process.execPath

/** Tasks of the project, and how many of them are open: what the lists show. */
const tasks = 10_000
const shown = 200

/** The rows of a figure from the measured times; `calm` and `floor` are the names in them. */
const rowOf = (figure, { calm, floor }, goal, unit = "ms") => ({ figure, floor, measured: calm, goal, unit })

export const startup = (installed, { rounds }) => {
  const place = project(installed)
  const database = open(place.database)
  fill(database, place.id, { tasks, open: shown, events: 5 * tasks })
  database.close()
  const at = { cwd: place.repo, env: place.env }
  const calm = (...words) => ({ program: node, args: [installed.program, ...words], ...at })
  const floor = (name, ...words) => ({
    program: node,
    args: [installed.floor(name), place.database, place.id, ...words],
    ...at
  })
  const fresh = (make, prefix) => (round) => make(`${prefix}-${String(round).padStart(5, "0")}`)
  const printed = ({ args }) => run(node, args, at)

  const list = { calm: calm("task", "list"), floor: floor("list") }
  const whole = {
    calm: calm("task", "list", "--all", "--limit", String(tasks)),
    floor: floor("list", "all")
  }
  const complete = { calm: calm("complete", "task", "SPEC-001"), floor: floor("complete", "SPEC-001") }
  const show = { calm: calm("task", "show", "SPEC-00100"), floor: floor("show", "SPEC-00100") }
  const status = { calm: calm("status"), floor: floor("status") }
  // Who prints something else is not a floor.
  const differs = ({ args }) => `the floor of calm ${args.slice(1).join(" ")} prints something else`
  for (const { calm: ours, floor: theirs } of [list, whole, complete])
    assert.ok(printed(ours) === printed(theirs), differs(ours))
  // calm says more: what can be done next, and what it thinks of the whole.
  for (const { calm: ours, floor: theirs } of [show, status]) {
    const said = new Set(printed(ours).split("\n"))
    const lines = printed(theirs).split("\n")
    assert.ok(
      lines.every((line) => said.has(line) || line.startsWith("Health: ")),
      differs(ours)
    )
  }
  const create = {
    calm: fresh((id) => calm("task", "create", id, "Made by calm"), "CALM"),
    floor: fresh((id) => floor("create", id, "Made by a script"), "FLOOR")
  }
  const version = { calm: calm("--version"), floor: { program: node, args: ["-e", "0"], ...at } }

  const timed = (figure, goal, both) => rowOf(figure, inTurn(rounds, both), goal)
  const remembered = (figure, both) => rowOf(figure, memoryInTurn(5, both), 1.6, "MB")
  return [
    timed("calm --version / node -e 0", 1.15, version),
    timed(`completion of a task's id, ${shown} open`, 1.5, complete),
    timed(`task list, ${shown} open of ${tasks}`, 1.5, list),
    timed(`task show, of ${tasks}`, 1.5, show),
    timed(`status, ${shown} open of ${tasks}`, 1.5, status),
    timed(`task create, beside ${tasks}`, 1.7, create),
    timed(`task list --all, ${tasks} rows`, null, whole),
    remembered("memory of task list", list),
    remembered("memory of task show", show),
    remembered("memory of status", status)
  ]
}
