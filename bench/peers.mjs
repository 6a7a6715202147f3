/**
 * `npm run bench:peers`: calm beside Backlog.md and task-master, which are installed into a temporary folder for it.
 *
 * Each gets a project with 1,000 tasks in its own form and does the same: lists the open tasks, makes one, names the next.
 * Needs the network, and a few minutes.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setup } from "../scripts/setup.mjs"
import { fill, open } from "./data.mjs"
import { inTurn } from "./measure.mjs"
import { folder, install, project, run } from "./place.mjs"

const tasks = 1_000
const rounds = 7
const packages = ["backlog.md@1.52", "task-master-ai@0.43"]

/** The peers' programs; their own settings are none, and they are given a home of their own. */
const installPeers = () => {
  const base = folder()
  writeFileSync(join(base, "package.json"), '{ "private": true }\n')
  const { error, status, stderr } = spawnSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages],
    {
      cwd: base,
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"]
    }
  )
  if (error !== undefined || status !== 0) {
    console.error(`${packages.join(" and ")} could not be installed; is there a network?\n${error?.message ?? stderr}`)
    process.exit(1)
  }
  return (name) => join(base, "node_modules/.bin", name)
}

const title = (i) => `Task number ${i} of a long list`

/** A repository with nothing but a commit. */
const repository = () => {
  const base = folder()
  const repo = join(base, "repo")
  mkdirSync(repo)
  const env = {
    PATH: process.env.PATH,
    HOME: base,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "user.name",
    GIT_CONFIG_VALUE_0: "bench",
    GIT_CONFIG_KEY_1: "user.email",
    GIT_CONFIG_VALUE_1: "bench@localhost"
  }
  run("git", ["init", "--quiet", "--initial-branch=main"], { cwd: repo, env })
  run("git", ["commit", "--quiet", "--allow-empty", "--message", "Begin"], { cwd: repo, env })
  return { cwd: repo, env }
}

const calm = async () => {
  const installed = await install()
  const place = project(installed)
  const database = open(place.database)
  fill(database, place.id, { tasks, open: tasks, events: 5 * tasks })
  database.close()
  const call = (...args) => ({
    program: process.execPath,
    args: [installed.program, ...args],
    cwd: place.repo,
    env: place.env
  })
  return {
    list: call("task", "list"),
    create: (round) => call("task", "create", `NEW-${round}`, "One more"),
    next: call("task", "list", "--ready", "--limit", "1")
  }
}

const backlog = (bin) => {
  const at = repository()
  const program = bin("backlog")
  run(program, ["init", "bench", "--defaults", "--integration-mode", "none", "--include-remote", "false"], at)
  for (let i = 1; i <= tasks; i++)
    writeFileSync(
      join(at.cwd, `backlog/tasks/task-${i} - Task-number-${i}.md`),
      `---\nid: TASK-${i}\ntitle: ${title(i)}\nstatus: To Do\nassignee: []\ncreated_date: '2026-01-01 00:00'\nlabels: []\ndependencies: []\nordinal: ${1000 * i}\n---\n`
    )
  run("git", ["add", "--all"], at)
  run("git", ["commit", "--quiet", "--message", "Tasks"], at)
  const call = (...args) => ({ program, args, ...at })
  return { list: call("task", "list", "--plain"), create: call("task", "create", "One more", "--plain") }
}

const taskMaster = (bin) => {
  const at = repository()
  const program = bin("task-master")
  run(program, ["init", "-y"], at)
  const one = (id) => ({
    id,
    title: title(id),
    description: title(id),
    status: "pending",
    dependencies: [],
    priority: "medium",
    details: "",
    testStrategy: "",
    subtasks: []
  })
  const all = Array.from({ length: tasks }, (_, index) => one(index + 1))
  const metadata = { created: "2026-01-01T00:00:00.000Z", updated: "2026-01-01T00:00:00.000Z", description: "bench" }
  mkdirSync(join(at.cwd, ".taskmaster/tasks"), { recursive: true })
  writeFileSync(join(at.cwd, ".taskmaster/tasks/tasks.json"), JSON.stringify({ master: { tasks: all, metadata } }))
  const call = (...args) => ({ program, args, ...at })
  return {
    list: call("list"),
    create: call("add-task", "--title", "One more", "--description", "One more"),
    next: call("next")
  }
}

await setup()
console.error(`installing ${packages.join(" and ")} ...`)
const bin = installPeers()
const programs = { calm: await calm(), "Backlog.md": backlog(bin), "task-master": taskMaster(bin) }
const what = { list: `list ${tasks} tasks`, create: "make a task", next: "name the next task" }
const rows = Object.entries(what).map(([kind, words]) => {
  const able = Object.entries(programs).filter(([, calls]) => calls[kind] !== undefined)
  const times = inTurn(rounds, Object.fromEntries(able.map(([name, calls]) => [name, calls[kind]])))
  return [
    words,
    ...Object.keys(programs).map((name) => (times[name] === undefined ? "-" : `${times[name].toFixed(0)} ms`))
  ]
})
const lines = [["", ...Object.keys(programs)], ...rows]
const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
console.log(
  `\n${lines.map((line) => line.map((text, at) => (at === 0 ? text.padEnd(widths[at]) : text.padStart(widths[at]))).join("  ")).join("\n")}\n`
)
console.log(`medians of ${rounds}, in turn`)
