import * as Doctor from "@calm/core/Doctor"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { damaged } from "../support/checkout.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { sample } from "../support/scale.ts"
import { differing, look, lost } from "../worlds/look.ts"
import { type Place, write } from "../worlds/ready.ts"
import { gone, kill, seen } from "./processes.ts"
import * as Stops from "./stops.ts"

/**
 * Who is killed: the git that calm has started, calm alone, its process group, the program of the project that waits; or
 * calm alone, with all that follows tried while git still works.
 */
type Victim = "git" | "calm" | "group" | "script" | "calm, with git still at work"

interface Case {
  readonly line: string
  readonly stop: Stops.Stop
  readonly victims: ReadonlyArray<Victim>
  /** Leaves something uncommitted in the worktree. */
  readonly dirty?: true
  readonly make?: (place: Place) => void
  /** Is it done, after it was tried once more? */
  readonly holds: (place: Place) => boolean
  /** Must what was stopped end with calm? Git may not be cut off; a check or a set-up runs for nobody. */
  readonly tied?: true
  /** What it says where what was killed is only a part of it, so that it succeeds. */
  readonly tells?: RegExp
}

const merged = ({ repo }: Place): boolean =>
  World.git(repo, "rev-list", "--merges", "--count", "main") === "1" &&
  Fs.readFileSync(Path.join(repo, "one.slow"), "utf8") === "one changed\n" &&
  Fs.readFileSync(Path.join(repo, "both.met"), "utf8") === "a changed\n\nb\n\nc changed\n"
const created = ({ repo }: Place): boolean =>
  ["one.slow", "two.slow", "plain.txt"].every((name) => Fs.existsSync(Path.join(repo, ".worktrees/SPEC-002", name)))
const away = ({ tree }: Place): boolean => !Fs.existsSync(tree)
const always = (): boolean => true

/** A remote that the base follows, reached in the way that waits. */
const remote = ({ repo }: Place): void => {
  for (const [key, value] of [
    ["remote.origin.url", "ssh://nowhere/x"],
    ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
    ["branch.main.remote", "origin"],
    ["branch.main.merge", "refs/heads/main"]
  ] as const)
    World.git(repo, "config", key, value)
  World.git(repo, "update-ref", "refs/remotes/origin/main", "main")
}

const all: ReadonlyArray<Victim> = ["git", "calm", "group", "calm, with git still at work"]
const cases: ReadonlyArray<Case> = [
  { line: "worktree create SPEC-002 --no-setup", stop: "smudge", victims: all, holds: created },
  { line: "worktree merge SPEC-001 --skip-sync", stop: "smudge", victims: all, holds: merged },
  { line: "worktree merge SPEC-001 --skip-sync", stop: "merge", victims: all, holds: merged },
  { line: "worktree merge SPEC-001 --skip-sync", stop: "fetch", victims: all, make: remote, holds: always },
  { line: "worktree remove SPEC-001", stop: "clean", victims: all, dirty: true, holds: away },
  { line: "session save", stop: "clean", victims: all, dirty: true, holds: always, tells: /"unsaved":\[\{.*SIGKILL/ },
  {
    line: "gate check SPEC-001 TEST-INTEGRATE --fresh",
    stop: "check",
    victims: ["script", "calm", "group"],
    holds: always,
    tied: true
  },
  {
    line: "worktree create SPEC-002",
    stop: "setup",
    victims: ["script", "calm", "group"],
    holds: created,
    tied: true,
    tells: /"status":"failed".*SIGKILL/
  }
]

/** Codes of what a second attempt may meet where the first one was completed. */
const answered = new Set([0, 3, 6, 7])

/** Everything that is wrong after one kill. */
const faultsOf = Effect.fnUntraced(function* (program: string, stopping: Stops.Stopping, one: Case, victim: Victim) {
  const { place, world } = stopping
  stopping.reset()
  one.make?.(place)
  if (one.dirty === true) {
    write(place.tree, "two.slow", "unstaged\n")
    write(place.tree, "new.slow", "untracked\n")
  }
  const before = look(place)
  stopping.arm(one.stop)
  const running = yield* Command.start(program, place, ["--json", ...one.line.split(" ")], {
    detached: true,
    stdin: "Where we are."
  })
  yield* Effect.addFinalizer(() => Effect.sync(stopping.release))
  assert.isTrue(yield* seen(() => stopping.stopped() !== undefined), `${one.line} never came to ${one.stop}`)
  stopping.disarm()
  const waiting = stopping.stopped() ?? -1
  const git = victim === "script" || one.tied === true ? -1 : Stops.gitOver(waiting)
  const wrong: Array<string> = []

  const early = victim === "calm, with git still at work"
  if (victim === "git") kill(git)
  else if (victim === "script") kill(waiting)
  else kill(victim === "group" ? -running.pid : running.pid)
  if (victim !== "git" && victim !== "script") {
    assert.strictEqual((yield* running.ended).signal, "SIGKILL")
    if (one.tied === true && !(yield* gone(waiting))) wrong.push("what it had started runs on")
  }
  if (!early) stopping.release()
  if (victim === "git" || victim === "script") {
    const { code, signal, stderr, stdout } = yield* running.ended
    const isTold = code !== 0 || one.tells?.test(stdout) === true
    if (signal !== null || code === null || !isTold || /internal|\n\s+at /.test(stdout + stderr))
      wrong.push(`exit ${code ?? signal}: ${stdout}${stderr}`)
  }
  if (!early && git > 0) yield* gone(git)

  const recover = Effect.gen(function* () {
    const main = differing(before.main.files, look(place).main.files)
    const isMerge = one.line.startsWith("worktree merge")
    wrong.push(...lost(place, before, look(place)))
    if (damaged(Path.join(place.home, "metadata.db")) !== "") wrong.push("the database is damaged")
    const status = yield* world.line("status")
    if (status.exitCode !== 0) wrong.push(`status: ${status.error?.message}`)
    yield* world.line("doctor --fix")
    return isMerge
      ? main.filter((name) => !["one.slow", "both.met", "changelog.d/SPEC-001.md", "changelog.d/"].includes(name))
      : main
  })
  const touched = yield* recover
  if (touched.length > 0) wrong.push(`the main checkout changed: ${touched.join(", ")}`)
  if (early) {
    // Met by the next command while git still works, too.
    const meanwhile = yield* world.line(one.line, { stdin: "Where we are." })
    if (meanwhile.error?.category === "internal") wrong.push(`meanwhile: ${meanwhile.error.message}`)
    stopping.release()
    yield* gone(git)
    yield* recover
  }

  const second = yield* world.line("doctor --fix")
  if (second.data === undefined) wrong.push(`doctor --fix: ${second.error?.message}`)
  else {
    const { applied, plan } = yield* Schema.decodeUnknown(Doctor.CheckUp)(second.data)
    if (applied.length + plan.length > 0) wrong.push(`a second doctor --fix finds ${JSON.stringify([plan, applied])}`)
  }
  const again = yield* world.line(one.line, { stdin: "Where we are." })
  if (!answered.has(again.exitCode) && one.stop !== "fetch")
    wrong.push(`again: ${again.exitCode} ${again.error?.message}`)
  if (!one.holds(place)) wrong.push(`again, it is not done: ${again.exitCode} ${JSON.stringify(again.error)}`)
  const end = look(place)
  wrong.push(...lost(place, before, end))
  const dirt = end.main.status.filter((each) => /^[12u?] /.test(each))
  if (dirt.length > 0) wrong.push(`the main checkout is not clean: ${dirt.join(", ")}`)
  return wrong
}, Effect.scoped)

it.scopedLive(
  "git, calm, its process group or a check killed in the middle of its work: nothing is lost, and it can be completed",
  () =>
    Effect.gen(function* () {
      const program = yield* Command.bundle()
      const stopping = yield* Stops.make
      const points = sample(
        cases.flatMap((one) => one.victims.map((victim) => ({ one, victim }))),
        4
      )
      const losses: Array<string> = []
      for (const { one, victim } of points)
        for (const wrong of yield* faultsOf(program, stopping, one, victim))
          losses.push(`${one.line}, in ${one.stop}, ${victim}: ${wrong}`)
      report({ suite: "programs", what: "kills", tried: points.length, losses: losses.length })
      assert.deepStrictEqual(losses, [])
    }),
  1_800_000
)
