/** Scale: reading commands in a database of years beside the same commands where the project is alone. */
import { fill, open, others, worktrees } from "./data.mjs"
import { inTurn } from "./measure.mjs"
import { project } from "./place.mjs"

/** The measured project is the same in both: so many tasks, open ones, events and worktrees (with folders). */
const own = { tasks: 1_000, open: 100, events: 5_000 }
const real = 5

const commands = [
  "task list",
  "task list --ready",
  "task show SPEC-00050",
  "task next-id SPEC",
  "status",
  "status health",
  "status tasks",
  "status worktrees",
  "worktree list",
  "worktree path SPEC-00001",
  "worker list",
  "counter list",
  "log --limit 50",
  "log --task SPEC-00050",
  "session pending",
  "complete task SPEC-0005"
]

const made = (installed) => {
  const place = project(installed)
  const database = open(place.database)
  fill(database, place.id, own)
  database.close()
  for (let i = 1; i <= real; i++) place.calm("worktree", "create", `SPEC-0000${i}`, "--no-setup")
  return place
}

/** All others: rows alone, without repositories and folders. */
const crowd = (place, size) => {
  const names = Array.from({ length: size.projects - 1 }, (_, index) => `other-${index}`)
  const each = (total, of) => Math.ceil((total - of) / names.length)
  const tasks = each(size.tasks, own.tasks)
  const database = open(place.database)
  others(database, names)
  for (const name of names) {
    fill(database, name, { tasks, open: Math.ceil(tasks / 10), events: each(size.events, own.events) })
    worktrees(database, name, 1, each(size.worktrees, real))
  }
  database.close()
}

export const scale = (installed, { rounds, ...size }) => {
  const [alone, among] = [made(installed), made(installed)]
  crowd(among, size)
  const at = (place, line) => ({
    program: process.execPath,
    args: [installed.program, ...line.split(" ")],
    cwd: place.repo,
    env: place.env
  })
  return commands.map((line) => {
    const { floor, measured } = inTurn(rounds, { floor: at(alone, line), measured: at(among, line) })
    return { figure: `${line}, ${size.tasks} tasks / ${own.tasks}`, floor, measured, goal: 1.3, unit: "ms" }
  })
}
