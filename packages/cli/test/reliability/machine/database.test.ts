import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { damaged } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { unclear, unreadable } from "./answers.ts"
import { hurried } from "./clocks.ts"
import { hold } from "./holder.ts"
import { database, type Place } from "./operations.ts"
import { lostRows, type Rows, rowsOf } from "./rows.ts"
import { type Sickness, sicknesses } from "./sicknesses.ts"

const Doctored = Schema.Struct({
  checks: Schema.Array(
    Schema.Struct({
      area: Schema.String,
      status: Schema.String,
      summary: Schema.String,
      hint: Schema.NullOr(Schema.String)
    })
  )
})

/** What the doctor finds wrong with the database. */
const found = Effect.fnUntraced(function* (world: Place) {
  const { data, exitCode } = yield* world.line("doctor")
  const checks = Schema.is(Doctored)(data) ? data.checks : []
  return { exitCode, wrong: checks.filter(({ area, status }) => area === "database" && status !== "ok") }
})

/** Runs a hint as it stands: calm's own commands in this process, the rest by a shell. */
const typed = Effect.fnUntraced(function* (world: Place, hint: string) {
  for (const part of hint.split(" && "))
    if (part.startsWith("calm ")) {
      const { exitCode, stderr } = yield* world.calm(part.slice("calm ".length).split(" "))
      if (exitCode !== 0) return [`${part}: ${exitCode} ${stderr}`]
    } else ChildProcess.execFileSync("sh", ["-c", part], { cwd: world.repo })
  return []
})

const isSound = (file: string): boolean => {
  try {
    return damaged(file) === ""
  } catch {
    return false
  }
}

const commands = [
  "status",
  "task list",
  "task show SPEC-001",
  "log",
  "session list",
  "counter list",
  "worktree list",
  "task create SPEC-009 Late",
  "counter increment merges_since_e2e",
  "backup create",
  "init"
]

/** What is wrong with what calm says of a sick database, and with how it comes back. */
const faultsOf = Effect.fnUntraced(function* (world: Place, sickness: Sickness, backedUp: Rows) {
  const file = database(world)
  const faults: Array<string> = []
  const before = Fs.readFileSync(file)
  const sound = isSound(file)
  for (const words of commands) {
    const answer = yield* world.calm(words.split(" "))
    if (answer.exitCode !== 0) faults.push(...unclear(answer, [2]).map((fault) => `${words}: ${fault}`))
    else if (sickness.hopeless === true) faults.push(`${words}: was done`)
  }
  for (const words of ["doctor", "doctor --fix", "status health"])
    faults.push(...unreadable(yield* world.calm(words.split(" "))).map((fault) => `${words}: ${fault}`))
  if (sickness.hopeless === true && !Fs.readFileSync(file).equals(before)) faults.push("the file was touched")
  const { exitCode, wrong } = yield* found(world)
  const [first] = wrong
  if (first === undefined) return sound ? faults : [...faults, "the doctor finds nothing"]
  if (exitCode !== 2) faults.push(`doctor: exit code ${exitCode}`)
  if (sickness.notOurs === true) return faults
  faults.push(...(yield* typed(world, first.hint ?? "")))
  const after = yield* found(world)
  faults.push(...after.wrong.map(({ summary }) => `after "${first.hint}": ${summary}`))
  if (!isSound(file)) return [...faults, `after "${first.hint}": it is still damaged`]
  faults.push(...lostRows(backedUp, rowsOf(file)))
  const aside = [Path.join(world.home, "damaged"), Path.join(world.home, "backups")]
    .filter(Fs.existsSync)
    .flatMap((folder) =>
      Fs.readdirSync(folder).filter((name) => name.startsWith("metadata") || name.startsWith("before-restore"))
    )
  if (aside.length === 0) faults.push("nothing was put aside")
  return faults
})

describe("a database that is not as it was left", () => {
  it.scopedLive(
    "is told of in one line that leads to the newest backup, and is put aside, not thrown away",
    () =>
      Effect.gen(function* () {
        const world = yield* World.project
        for (const number of ["001", "002", "003"]) yield* world.line(`task create SPEC-${number} Part`)
        yield* world.line("backup create monday")
        const file = database(world)
        const backedUp = rowsOf(file)
        const well = Path.join(yield* World.folder, "home")
        Fs.cpSync(world.home, well, { recursive: true, preserveTimestamps: true })
        const all = sicknesses(Fs.statSync(file).size)
        const faults = yield* Effect.forEach(all, (sickness) =>
          Effect.gen(function* () {
            Fs.rmSync(world.home, { recursive: true })
            Fs.cpSync(well, world.home, { recursive: true, preserveTimestamps: true })
            sickness.sicken(file)
            return (yield* faultsOf(world, sickness, backedUp)).map((fault) => `${sickness.name}: ${fault}`)
          })
        )
        report({
          suite: "machine",
          what: "sick databases",
          tried: all.length,
          losses: faults.filter((one) => one.length > 0).length
        })
        assert.deepStrictEqual(faults.flat(), [])
      }),
    600_000
  )

  it.scopedLive(
    "locked by another program for longer than calm waits, is told of; reading goes on; then all goes on",
    () =>
      Effect.gen(function* () {
        const world = yield* World.project
        yield* world.line("task create SPEC-001 Part")
        const before = rowsOf(database(world))
        const soon = Effect.withClock(hurried(100))
        const faults: Array<string> = []
        for (const [how, reads] of [
          ["BEGIN IMMEDIATE", true],
          ["PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE counters SET value = 7", false]
        ] as const) {
          const holder = yield* hold(database(world), how)
          const writing = yield* soon(world.calm(["task", "create", "SPEC-002", "Part"]))
          const reading = yield* soon(world.calm(["task", "list"]))
          const looking = yield* soon(world.calm(["doctor"]))
          faults.push(...unclear(writing, [2]).map((fault) => `${how}: task create: ${fault}`))
          faults.push(
            ...(reads && reading.exitCode === 0 ? [] : unclear(reading, [2])).map(
              (fault) => `${how}: task list: ${fault}`
            )
          )
          faults.push(...unreadable(looking).map((fault) => `${how}: doctor: ${fault}`))
          yield* holder.kill
          faults.push(...lostRows(before, rowsOf(database(world))))
        }
        const { exitCode } = yield* world.line("task create SPEC-002 Part")
        assert.deepStrictEqual([faults, exitCode, damaged(database(world))], [[], 0, ""])
        report({ suite: "machine", what: "locked databases", tried: 2, losses: 0 })
      }),
    120_000
  )
})
