/** One process holds the write lock: who writes waits for it, who reads does not. */
import { assert, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root } from "../../../src/commands.ts"
import * as Tree from "../../../src/Tree.ts"
import { reading } from "../../fixtures/reading.ts"
import { document } from "../../fixtures/run.ts"
import * as World from "../../fixtures/world.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"

/** What writes to it. */
const writing = new Set(
  [
    ["init", "counter set", "counter increment", "counter add", "counter reset"],
    ["task create", "task update", "task transition", "task cancel", "task delete", "task restore"],
    ["gate check", "gate approve", "review record", "review clear"],
    ["worktree create", "worktree remove", "worktree restore", "worktree merge"],
    ["worker start", "worker heartbeat", "worker complete", "worker fail", "worker cleanup"],
    ["session save", "session resume", "backup restore"]
  ].flat()
)

/** What is tried without the others: it needs what others make first, or has a database of its own. */
const apart = new Set(["session show", "demo"])

/** Writes that wait, each by a process of its own. */
const writes = [
  "init",
  "counter increment merges_since_docs",
  "task create SPEC-002 Another",
  "task update SPEC-001 --title Better",
  "review record SPEC-001 spec approved --by ann",
  "counter add others",
  "worktree remove SPEC-001"
]

/** How long the writers are kept waiting. */
const kept = "3 seconds"

/** A project with a task that has its spec and its worktree, and one backup. */
const project = Effect.gen(function* () {
  const world = yield* World.project
  for (const line of ["task create SPEC-001 Greet", "worktree create SPEC-001 --no-setup", "backup create first"])
    assert.strictEqual((yield* world.line(line)).exitCode, 0, line)
  World.commit(world.worktree("SPEC-001"), { "planning_docs/SPEC-001/spec.md": "It greets.\n" })
  return world
})

/** A process that has the write lock until it is let go on. */
const holder = Effect.fnUntraced(function* (place: Command.Place) {
  const program = yield* Command.bundle(Path.join(import.meta.dirname, "hold.ts"))
  const running = yield* Command.start(program, place, [Path.join(place.home, "metadata.db")], { waits: true })
  yield* running.spoke
  return { ...running, ending: yield* Effect.fork(running.ended) }
})

const stillRuns = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) => Effect.map(Fiber.poll(fiber), Option.isNone)

/** How long calm tries to get a database that is busy. */
const patience = Duration.seconds(30)

/** Between two tries calm pauses for less than this; what it gives another program is more. */
const longestPause = Duration.seconds(1)

/** What a busy database is told by, wherever calm tells of it. */
const tellsOfBusy = /kept busy by another program|database is locked|SQLITE_BUSY/

/** A command line in this process: its pauses between tries, and what there is to say against it when it has ended. */
const watched = (world: Effect.Effect.Success<typeof project>, line: string) => {
  const pauses: Array<Duration.Duration> = []
  const real = Clock.make()
  const clock = Object.assign(Clock.make(), {
    sleep: (pause: Duration.Duration) => {
      if (Duration.lessThan(pause, longestPause)) pauses.push(pause)
      return real.sleep(pause)
    }
  })
  const faults = Effect.gen(function* () {
    const calm = Effect.withClock(world.calm(["--json", ...line.split(" ")]), clock)
    const [took, { stderr, stdout }] = yield* Effect.timed(calm)
    const { error } = yield* document(stdout)
    return [
      ...(error === undefined ? [] : [`${line}: ${error.message}`]),
      ...(pauses.length === 0 ? [] : [`${line} waited to try again`]),
      ...(Duration.lessThan(took, patience) ? [] : [`${line} took ${Duration.format(took)}`]),
      ...(tellsOfBusy.test(stdout + stderr) ? [`${line} tells of a busy database`] : [])
    ]
  })
  return { pauses, faults }
}

it.scopedLive(
  "every command that reads answers without waiting while another process holds the write lock",
  () =>
    Effect.gen(function* () {
      const world = yield* project
      const all = Tree.entries(root).map(({ path }) => path.join(" "))
      const known = new Set([...Object.keys(reading), ...writing, ...apart])
      assert.deepStrictEqual(
        all.filter((name) => !known.has(name)),
        [],
        "each command reads or writes"
      )

      const other = yield* holder(world)
      const found = (yield* Effect.forEach(Object.values(reading), (line) => watched(world, line).faults)).flat()
      // All of them have answered. Looked at in the same way, one that writes waits: the lock is there, and is noticed.
      const line = "counter increment merges_since_docs"
      const writer = watched(world, line)
      const write = yield* Effect.fork(writer.faults)
      while (writer.pauses.length < 5 && (yield* stillRuns(write))) yield* Effect.sleep("5 millis")
      if (!(yield* stillRuns(write))) found.push(`${line} did not wait`)
      if (!(yield* stillRuns(other.ending))) found.push("the lock was not held all the time")
      yield* other.release
      assert.strictEqual((yield* other.ended).code, 0)
      assert.deepStrictEqual(yield* Fiber.join(write), [`${line} waited to try again`])
      report({
        suite: "concurrency",
        what: "commands that read beside a held lock",
        tried: Object.keys(reading).length,
        losses: found.length
      })
      assert.deepStrictEqual(found, [])
    }),
  300_000
)

it.scopedLive(
  `processes that write wait ${kept} for the one that holds the write lock, and then all of them do what they were told`,
  () =>
    Effect.gen(function* () {
      const world = yield* project
      const program = yield* Command.bundle()
      const other = yield* holder(world)
      const writers = yield* Effect.forEach(writes, (line) =>
        Effect.map(Effect.fork(Command.json(program, world, line.split(" "))), (fiber) => ({ line, fiber }))
      )
      yield* Effect.sleep(kept)
      const early = yield* Effect.filter(writers, ({ fiber }) => Effect.negate(stillRuns(fiber)))
      assert.isTrue(yield* stillRuns(other.ending))
      yield* other.release
      const late = yield* Effect.forEach(writers, ({ fiber, line }) =>
        Effect.map(Fiber.join(fiber), ({ error }) => (error === undefined ? [] : [`${line}: ${error.message}`]))
      )
      const found = [...early.map(({ line }) => `${line} did not wait`), ...late.flat()]
      const { stdout } = yield* Command.run(program, world, ["log", "--limit", "7"])
      for (const word of [
        "counter.changed",
        "task.created",
        "task.updated",
        "review.recorded",
        "counter.added",
        "worktree.removed"
      ])
        if (!stdout.includes(word)) found.push(`there is no event ${word}`)
      assert.isFalse(Fs.existsSync(world.worktree("SPEC-001")))
      report({
        suite: "concurrency",
        what: "processes that wait for a held lock",
        tried: writes.length,
        losses: found.length
      })
      assert.deepStrictEqual(found, [])
    }),
  300_000
)
