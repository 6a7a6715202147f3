/** Git work: what a worktree and a merge cost beside the git commands that they stand for. */
import { appendFileSync, mkdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { inTurn, median, time } from "./measure.mjs"
import { folder, project, run } from "./place.mjs"

const node = process.execPath

/** A commit of many small files, made without a checkout, and then checked out and packed. */
const large = (files) => (place) => {
  const lines = ["commit refs/heads/main", "committer bench <bench@localhost> 0 +0000", "data 5", "Begin"]
  const file = (path, text) => lines.push(`M 100644 inline ${path}`, `data ${Buffer.byteLength(text)}`, text)
  const checks = { tests: ["true"], linter: ["true"], types: ["true"], fullTests: ["true"] }
  file(".calm/project.json", JSON.stringify({ gates: checks }))
  for (let i = 0; i < files; i++)
    file(`src/d${i % 500}/file${i}.js`, `export const value${i} = ${i}\n${`// ${i}\n`.repeat(20)}`)
  const at = { cwd: place.repo, env: place.env }
  run("git", ["fast-import", "--quiet"], { ...at, input: `${lines.join("\n")}\n` })
  run("git", ["reset", "--quiet", "--hard", "main"], at)
  run("git", ["gc", "--quiet"], at)
}

/** The small repository beside calm's: the same content, without calm. */
const twin = (place) => {
  const repo = join(folder(), "plain")
  run("git", ["clone", "--quiet", "--no-hardlinks", place.repo, repo], { cwd: place.base, env: place.env })
  return { cwd: repo, env: place.env }
}

const commitIn = (cwd, env, name) => {
  mkdirSync(join(cwd, "changelog.d"), { recursive: true })
  appendFileSync(join(cwd, "work.js"), `// ${name}\n`)
  appendFileSync(join(cwd, "changelog.d", `${name}.md`), `* ${name}\n`)
  run("git", ["add", "work.js", "changelog.d"], { cwd, env })
  run("git", ["commit", "--quiet", "--message", name], { cwd, env })
}

/** Brings a task with a worktree to where it may be merged, with evidence that stands. */
export const readied = (place, task, worktree) => {
  const to = (phase) => place.calm("task", "update", task, "--phase", phase, "--reason", "bench")
  commitIn(worktree, place.env, task)
  to("IMPLEMENT")
  place.calm("gate", "check", task)
  for (const by of ["ann", "bob"]) place.calm("review", "record", task, "code", "approved", "--by", by)
  to("TEST")
  place.calm("gate", "check", task)
  to("INTEGRATE")
}

/** Times of a worktree and a merge, calm's and git's in turn; the first round does not count. */
const measured = (place, plain, rounds) => {
  const times = { create: [], add: [], merge: [], plainMerge: [] }
  for (let round = 0; round <= rounds; round++) {
    const task = `SPEC-${String(round).padStart(3, "0")}`
    const note = (name, took) => round > 0 && times[name].push(took)
    const timed = (one) => {
      // The disk has taken what came before: else whoever is second waits for the files that the first one wrote.
      run("sync", [], plain)
      return time(one)
    }
    const calm = (...words) =>
      timed({ program: node, args: [place.program, ...words], cwd: place.repo, env: place.env })
    const git = (...words) => timed({ program: "git", args: words, ...plain })
    place.calm("task", "create", task, "A task to merge")
    note("create", calm("worktree", "create", task, "--no-setup"))
    note("add", git("worktree", "add", "--quiet", "-b", task, join(plain.cwd, ".worktrees", task), "main"))
    readied(place, task, join(place.repo, ".worktrees", task))
    commitIn(join(plain.cwd, ".worktrees", task), place.env, task)
    note("merge", calm("worktree", "merge", task))
    note("plainMerge", git("merge", "--quiet", "--no-ff", "--message", task, task))
    // Moved, as calm does it: a file system is slow to make files where as many were deleted a moment ago.
    renameSync(join(plain.cwd, ".worktrees", task), join(plain.cwd, "..", task))
    run("git", ["worktree", "prune"], plain)
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
}

const set = (installed, prepare) => {
  const place = { ...project(installed, prepare), program: installed.program }
  return { place, plain: twin(place) }
}

/** A small repository: a reading command and 1.2 times git's own commands are the floor. */
export const smallGit = (installed, { rounds }) => {
  const { place, plain } = set(installed)
  place.calm("task", "create", "BUG-001", "Something to show")
  const { create, add, merge, plainMerge } = measured(place, plain, rounds)
  const { read } = inTurn(rounds, {
    read: { program: node, args: [place.program, "task", "show", "BUG-001"], cwd: place.repo, env: place.env }
  })
  const row = (figure, floor, took) => ({ figure, floor, measured: took, goal: null, unit: "ms" })
  const goal = (figure, took, floor) => ({ figure, floor: read + 1.2 * floor, measured: took, goal: 1, unit: "ms" })
  return [
    goal("worktree create / task show + 1.2 x git worktree add", create, add),
    goal("worktree merge / task show + 1.2 x git merge --no-ff", merge, plainMerge),
    row("the same, beside git worktree add alone", add, create),
    row("the same, beside git merge --no-ff alone", plainMerge, merge)
  ]
}

/** A repository of many files. */
export const largeGit = (installed, { files, rounds }) => {
  const { place, plain } = set(installed, large(files))
  const { create, add, merge, plainMerge } = measured(place, plain, rounds)
  return [
    { figure: `worktree create, ${files} files / git worktree add`, floor: add, measured: create, goal: 1, unit: "ms" },
    {
      figure: `worktree merge, ${files} files / git merge --no-ff`,
      floor: plainMerge,
      measured: merge,
      goal: 1.5,
      unit: "ms"
    }
  ]
}
