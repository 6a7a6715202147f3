import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { damaged } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { unclear, unreadable } from "./answers.ts"
import { hold } from "./holder.ts"
import { database, type Place } from "./operations.ts"
import { hasRow, lostRows, type Rows, rowsOf } from "./rows.ts"

/** What can happen to the log beside a database (`-wal`) and to its index (`-shm`) while nothing runs. */
interface Mishap {
  readonly name: string
  readonly befall: (file: string) => void
  /** How many of the commands whose changes are in the log alone are still there. */
  readonly left: "all" | "all but the last" | "none"
}

const garbage = Buffer.alloc(5000, 0xa5)
const cut = (path: string, bytes: number) => Fs.truncateSync(path, Math.max(Fs.statSync(path).size - bytes, 0))

const overwritten = (path: string, bytes: number) => {
  const file = Fs.openSync(path, "r+")
  Fs.writeSync(file, garbage, 0, bytes, 0)
  Fs.closeSync(file)
}

const mishaps: ReadonlyArray<Mishap> = [
  { name: "nothing but a killed process", befall: () => {}, left: "all" },
  { name: "the index is gone", befall: (file) => Fs.rmSync(`${file}-shm`), left: "all" },
  {
    name: "the index is noise",
    befall: (file) => Fs.writeFileSync(`${file}-shm`, Buffer.alloc(32_768, 0xa5)),
    left: "all"
  },
  { name: "the index is cut off", befall: (file) => Fs.truncateSync(`${file}-shm`, 10), left: "all" },
  { name: "the index is empty", befall: (file) => Fs.truncateSync(`${file}-shm`, 0), left: "all" },
  { name: "noise follows the log", befall: (file) => Fs.appendFileSync(`${file}-wal`, garbage), left: "all" },
  { name: "the log is cut off in a frame", befall: (file) => cut(`${file}-wal`, 100), left: "all but the last" },
  { name: "the log is gone", befall: (file) => Fs.rmSync(`${file}-wal`), left: "none" },
  { name: "the log is empty", befall: (file) => Fs.truncateSync(`${file}-wal`, 0), left: "none" },
  { name: "the log begins with noise", befall: (file) => overwritten(`${file}-wal`, 32), left: "none" },
  { name: "both are gone", befall: (file) => ["-wal", "-shm"].forEach((end) => Fs.rmSync(file + end)), left: "none" }
]

const tasks = ["SPEC-011", "SPEC-012", "SPEC-013"]
const expected = { all: tasks, "all but the last": tasks.slice(0, -1), none: [] }

/** What is wrong after a command: with its answer, with the database, with what was there. */
const wrong = Effect.fnUntraced(function* (world: Place, before: Rows) {
  const faults: Array<string> = []
  for (const words of ["status", "log", "task create SPEC-020 After", "backup create"]) {
    const { exitCode, stderr } = yield* world.calm(words.split(" "))
    if (exitCode !== 0) faults.push(`${words}: ${exitCode} ${stderr}`)
  }
  return [...faults, ...lostRows(before, rowsOf(database(world))), damaged(database(world))].filter(
    (fault) => fault !== ""
  )
})

describe("the log beside the database", () => {
  it.scopedLive(
    "that is broken or missing takes nothing with it but what was in it alone, and whole commands of that",
    () =>
      Effect.gen(function* () {
        const world = yield* World.project
        const file = database(world)
        yield* world.line("task create SPEC-001 Part")
        const before = rowsOf(file)
        const holder = yield* hold(file)
        for (const task of tasks) yield* world.line(`task create ${task} Later`)
        yield* holder.kill
        const well = Path.join(yield* World.folder, "home")
        Fs.cpSync(world.home, well, { recursive: true, preserveTimestamps: true })
        const faults = yield* Effect.forEach(mishaps, ({ befall, left, name }) =>
          Effect.gen(function* () {
            Fs.rmSync(world.home, { recursive: true })
            Fs.cpSync(well, world.home, { recursive: true, preserveTimestamps: true })
            befall(file)
            const found = yield* wrong(world, before)
            const rows = rowsOf(file)
            const there = tasks.filter((task) => hasRow(rows, "tasks", task))
            const told = tasks.filter((task) => hasRow(rows, "events", task))
            return [
              ...found,
              ...(there.join() === expected[left].join() ? [] : [`there is ${there.join(" ")}`]),
              ...(told.join() === there.join() ? [] : [`the log tells of ${told.join(" ")}`])
            ].map((fault) => `${name}: ${fault}`)
          })
        )
        report({
          suite: "machine",
          what: "broken logs",
          tried: mishaps.length,
          losses: faults.filter((one) => one.length > 0).length
        })
        assert.deepStrictEqual(faults.flat(), [])
      }),
    300_000
  )

  for (const ends of [["-shm"], ["-wal"], ["-wal", "-shm"]])
    it.scopedLive(
      `deleted (${ends.join(" ")}) while another process has it open: what is damaged is told of, and the backup brings it back`,
      () =>
        Effect.gen(function* () {
          const world = yield* World.project
          const file = database(world)
          yield* world.line("task create SPEC-001 Part")
          yield* world.line("backup create monday")
          const before = rowsOf(file)
          const holder = yield* hold(file)
          yield* world.line("task create SPEC-011 Later")
          for (const end of ends) Fs.rmSync(file + end)
          const faults: Array<string> = []
          for (const words of ["status", "task create SPEC-012 Later", "log"]) {
            const answer = yield* world.calm(words.split(" "))
            if (answer.exitCode !== 0) faults.push(...unclear(answer, [2]).map((fault) => `${words}: ${fault}`))
          }
          yield* holder.end
          const doctor = yield* world.calm(["doctor"])
          faults.push(...unreadable(doctor))
          if (doctor.exitCode === 2) yield* world.line("backup restore monday --yes")
          faults.push(...(yield* wrong(world, before)))
          report({ suite: "machine", what: `deleted logs ${ends.join("")}`, tried: 1, losses: faults.length })
          assert.deepStrictEqual(faults, [])
        }),
      120_000
    )
})
