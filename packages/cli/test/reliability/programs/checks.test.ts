import * as Gates from "@calm/core/Gates"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { faultOfHint } from "../../fixtures/hints.ts"
import * as World from "../../fixtures/world.ts"
import { damaged, git, refsOf, stateOf, unsound } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { sample } from "../support/scale.ts"
import { temporaryFilesIn } from "../support/temporary.ts"
import { gone, kill } from "./processes.ts"
import { type Script, scripts } from "./scripts.ts"

const gate = { own: "IMPLEMENT-CODE_REVIEW", command: "TEST-INTEGRATE" }

/** What must never reach a terminal. */
const raw = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/

/** A task whose checks run what lies in `case.sh` beside the repository. */
const project = Effect.gen(function* () {
  const world = yield* World.make
  const { base, repo } = world
  // A check script that is killed leaves its own, which are to be gone with the rest.
  yield* temporaryFilesIn(base)
  const script = Path.join(base, "case.sh")
  World.commit(repo, {
    ".calm/project.json": JSON.stringify({ gates: { tests: ["sh", script] } }),
    ".calm/gates.json": JSON.stringify({
      version: 1,
      gates: [
        {
          type: "feature",
          from: "IMPLEMENT",
          to: "CODE_REVIEW",
          mode: "replace",
          checks: [{ kind: "script", name: "own", script: ".calm/checks/own" }]
        }
      ]
    }),
    ".calm/checks/own": `#!/bin/sh\nexec sh '${script}' "$@"\n`
  })
  for (const line of ["init", "task create SPEC-001 One", "worktree create SPEC-001 --no-setup"])
    yield* world.line(line)
  const tree = world.worktree("SPEC-001")
  World.commit(tree, { "work.txt": "work\n" })
  return { ...world, tree, script }
})
type Project = Effect.Effect.Success<typeof project>

const decode = Schema.decodeUnknown(Gates.Checked)

/** Makes a check run this, and answers with what calm says. */
const checked = Effect.fnUntraced(function* (world: Project, one: Pick<Script, "body" | "command" | "timeout">) {
  Fs.writeFileSync(world.script, `BASE='${world.base}'; export BASE\n${one.body}\n`)
  const config = Path.join(world.home, "config.json")
  Fs.writeFileSync(config, JSON.stringify(one.timeout === undefined ? {} : { gates: { timeout: one.timeout } }))
  const name = gate[one.command === true ? "command" : "own"]
  return yield* world.json(["gate", "check", "SPEC-001", name, "--fresh"])
})

/** Everything that is wrong with how calm took one script. */
const faultsOf = Effect.fnUntraced(function* (world: Project, one: Script) {
  const wrong: Array<string> = []
  const before = { main: stateOf(world.repo), tree: stateOf(world.tree), refs: refsOf(world.repo) }
  const answer = yield* checked(world, one)
  if (answer.exitCode !== one.exit) wrong.push(`exit ${answer.exitCode} instead of ${one.exit}`)
  if (answer.data === undefined) return [...wrong, `${answer.error?.code}: ${answer.error?.message}`]
  const { verdict } = yield* decode(answer.data)
  const [outcome] = verdict.outcomes
  if (outcome === undefined || verdict.outcomes.length !== 1) return [...wrong, "it is not one check"]
  const { evidence, hint, status, summary } = outcome
  if (status !== one.status) wrong.push(`${status} instead of ${one.status}`)
  if (summary.trim() === "" || summary.length > 700 || /\n/.test(summary) || raw.test(summary))
    wrong.push(`no clear line: ${JSON.stringify(summary.slice(0, 200))}`)
  if (one.says !== undefined && !one.says.test(summary))
    wrong.push(`does not say ${one.says}: ${summary.slice(0, 200)}`)
  const fault = status === "passed" || hint === null ? undefined : yield* faultOfHint(hint)
  if (fault !== undefined) wrong.push(`the hint ${hint}: ${fault}`)
  if (raw.test(evidence?.tail ?? "")) wrong.push("its tail holds what a terminal obeys")
  if (one.tail !== undefined && !one.tail.test(evidence?.tail ?? "")) wrong.push(`its tail is ${evidence?.tail}`)
  if (one.counts !== undefined && JSON.stringify(evidence?.counts) !== JSON.stringify(one.counts))
    wrong.push(`counts ${JSON.stringify(evidence?.counts)}`)
  const log = evidence?.logFile
  if (log !== null && log !== undefined && Fs.statSync(log).size > 66 * 1024 * 1024)
    wrong.push("its log fills the disk")
  if (one.exit === 7) {
    // On record by now, so that nothing runs again.
    const name = gate[one.command === true ? "command" : "own"]
    const { stderr, stdout } = yield* world.calm(["gate", "check", "SPEC-001", name])
    if (raw.test(stdout + stderr)) wrong.push("text for people holds what a terminal obeys")
  }

  const pids = Path.join(world.base, "pids")
  const noted = Fs.existsSync(pids) ? Fs.readFileSync(pids, "utf8").trim().split("\n").map(Number) : []
  for (const pid of noted) if (!(yield* gone(pid))) wrong.push(`a process runs on: ${pid}`)
  Fs.rmSync(pids, { force: true })
  const daemon = Path.join(world.base, "daemon")
  if (Fs.existsSync(daemon)) kill(Number(Fs.readFileSync(daemon, "utf8")))
  Fs.rmSync(daemon, { force: true })

  if (JSON.stringify(stateOf(world.repo)) !== JSON.stringify(before.main)) wrong.push("the main checkout changed")
  if (one.meddles === true) {
    if ((yield* world.line("status")).exitCode !== 0) wrong.push("status fails")
    mend(world, before.tree.head, before.refs["refs/heads/SPEC-001"] ?? "")
  }
  const after = { tree: stateOf(world.tree), refs: refsOf(world.repo) }
  if (JSON.stringify(after) !== JSON.stringify({ tree: before.tree, refs: before.refs }))
    wrong.push("the worktree changed")
  return wrong
})

/** Takes back what a script did to the worktree, as a person would. */
const mend = (world: Project, head: string, tip: string): void => {
  const records = git(world.tree, "rev-parse", "--absolute-git-dir")
  Fs.rmSync(Path.join(records, "index.lock"), { force: true })
  Fs.writeFileSync(Path.join(records, "HEAD"), head)
  World.git(world.tree, "reset", "--quiet", "--hard", tip)
  World.git(world.tree, "clean", "--quiet", "-f")
}

it.scopedLive(
  "whatever a check script does, its answer is one clear line, never a pass that it is not, and nothing is lost",
  () =>
    Effect.gen(function* () {
      const world = yield* project
      const began = process.resourceUsage().maxRSS
      const tried = sample(scripts, 10)
      const found = yield* Effect.forEach(tried, (one) =>
        Effect.map(faultsOf(world, one), (wrong) => wrong.map((each) => `${one.name}: ${each}`))
      )
      const losses = found.flat()
      if (unsound(world.repo) !== "") losses.push(unsound(world.repo))
      if (damaged(Path.join(world.home, "metadata.db")) !== "") losses.push("the database is damaged")
      const grown = Math.round((process.resourceUsage().maxRSS - began) / 1024)
      if (grown > 500) losses.push(`the memory grew by ${grown} MB`)
      report({
        suite: "programs",
        what: "scripts",
        tried: tried.length,
        losses: losses.length,
        note: `memory +${grown} MB`
      })
      assert.deepStrictEqual(losses, [])
    }),
  1_200_000
)

it.scopedLive(
  "a check script that is no program on the base is refused or unavailable, and a link is never followed",
  () =>
    Effect.gen(function* () {
      const world = yield* project
      const path = Path.join(world.repo, ".calm/checks/own")
      const outside = Path.join(world.base, "outside.sh")
      Fs.writeFileSync(outside, `#!/bin/sh\n: > '${world.base}/followed'\n`, { mode: 0o755 })
      const bent: ReadonlyArray<readonly [name: string, make: () => void, exit: number, says: RegExp]> = [
        ["not executable, which git need not keep", () => Fs.chmodSync(path, 0o644), 0, /./],
        ["a broken shebang", () => Fs.writeFileSync(path, "#!/nowhere/sh\nexit 0\n"), 8, /cannot be started|not found/],
        ["a folder", () => World.commit(world.repo, { ".calm/checks/own/readme": "x" }), 8, /no file on the base/],
        ["a link out of the repository", () => Fs.symlinkSync(outside, path), 8, /no file on the base/],
        ["gone", () => {}, 8, /no file on the base/]
      ]
      Fs.writeFileSync(world.script, "exit 0\n")
      for (const [name, make, exit, says] of bent) {
        if (exit !== 0) Fs.rmSync(path, { recursive: true })
        make()
        World.commit(world.repo, { "note.txt": name })
        const answer = yield* world.json(["gate", "check", "SPEC-001", gate.own, "--fresh"])
        assert.strictEqual(answer.exitCode, exit, `${name}: ${JSON.stringify(answer)}`)
        assert.match(JSON.stringify(answer), says, name)
        if (name === "a folder" || name === "a link out of the repository") continue
        if (!Fs.existsSync(path)) break
      }
      assert.isFalse(Fs.existsSync(Path.join(world.base, "followed")))
    }),
  120_000
)

it.scopedLive(
  "a check script that deletes the worktree leaves a clear answer, and what was committed can be taken up again",
  () =>
    Effect.gen(function* () {
      const world = yield* project
      const { data, exitCode } = yield* checked(world, { body: 'cd / && rm -rf "$1"; exit 0' })
      const { verdict } = yield* decode(data)
      assert.strictEqual(exitCode, 8)
      assert.match(verdict.outcomes[0]?.summary ?? "", /the branch moved|no worktree/)
      for (const line of ["status", "worktree remove SPEC-001", "worktree create SPEC-001 --no-setup"]) {
        const { error } = yield* world.line(line)
        assert.isUndefined(error, `${line}: ${error?.message}`)
      }
      assert.strictEqual(Fs.readFileSync(Path.join(world.tree, "work.txt"), "utf8"), "work\n")
    }),
  120_000
)

it.scopedLive(
  "a check script that deletes calm's home leaves a clear answer, and calm starts anew",
  () =>
    Effect.gen(function* () {
      const world = yield* project
      const { error, exitCode } = yield* checked(world, { body: `rm -rf '${world.home}'; exit 0` })
      assert.strictEqual(exitCode, 2, JSON.stringify(error))
      assert.match(error?.message ?? "", /deleted or replaced/)
      assert.isUndefined(yield* faultOfHint(error?.hint ?? ""))
      const status = yield* world.line("status")
      assert.strictEqual(status.exitCode, 3, JSON.stringify(status))
      assert.strictEqual((yield* world.line("init")).exitCode, 0)
      assert.strictEqual(Fs.readFileSync(Path.join(world.tree, "work.txt"), "utf8"), "work\n")
    }),
  120_000
)
