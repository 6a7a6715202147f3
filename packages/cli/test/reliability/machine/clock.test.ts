import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { damaged } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import { ahead } from "./clocks.ts"
import { database, type Place } from "./operations.ts"
import { hasRow, lostRows, rowsOf } from "./rows.ts"

const hour = Duration.toMillis("1 hour")
const year = Duration.toMillis("365 days")

/** What the clock shows, one after another, in milliseconds ahead of the right time. */
const journeys: Readonly<Record<string, ReadonlyArray<number>>> = {
  "back an hour": [0, -hour, 0],
  "on a year": [0, year],
  "on a year and back again": [0, year, 0],
  "back a year and right again": [-year, 0],
  ...scaled<Readonly<Record<string, ReadonlyArray<number>>>>(
    {},
    { "to and fro": [0, hour, -hour, year, -hour, 0], "before 1970 and after 2100": [0, -60 * year, 80 * year, 0] }
  )
}

/** Everything that a person does at one time, on tasks of its own; each must be done. */
const deeds = (turn: number): ReadonlyArray<string | ((world: Place) => void)> => {
  const [one, two] = [`SPEC-1${turn}1`, `SPEC-1${turn}2`]
  return [
    `task create ${one} Greet`,
    `task create ${two} Part`,
    `worktree create ${one} --no-setup`,
    `worktree create ${two} --no-setup`,
    (world) => Fs.writeFileSync(Path.join(world.worktree(one), "precious.txt"), `${one}\n`),
    (world) => Fs.writeFileSync(Path.join(world.worktree(two), "precious.txt"), `${two}\n`),
    `worker start ${two} backend`,
    "worker cleanup",
    "session save --continue",
    "session pending",
    `worktree remove ${one}`,
    "counter increment merges_since_e2e",
    "backup create",
    "backup auto",
    "status",
    "log --limit 5",
    "session list"
  ]
}

const seqs = (rows: ReadonlyMap<string, string>, table: string) =>
  Array.from(rows.keys()).flatMap((key) => (key.startsWith(`${table} `) ? [Number(key.split(" ").at(-1))] : []))

const keysOf = (data: unknown, list: string, key: string): ReadonlyArray<unknown> =>
  Object.entries(data ?? {}).flatMap(([name, value]) =>
    name === list && Array.isArray(value) ? value.map((each: Readonly<Record<string, unknown>>) => each[key]) : []
  )

/** What is refused, purged or out of order on a journey. */
const faultsOf = Effect.fnUntraced(function* (journey: ReadonlyArray<number>) {
  const world = yield* World.make
  const faults: Array<string> = []
  const calm = (words: string) => world.calm(words.split(" "), { stdin: "Half-way." })
  yield* calm("init")
  for (const [turn, by] of journey.entries()) {
    const before = rowsOf(database(world))
    for (const deed of deeds(turn)) {
      if (typeof deed === "function") deed(world)
      else {
        const { exitCode, stderr } = yield* Effect.withClock(calm(deed), ahead(by))
        if (exitCode !== 0) faults.push(`turn ${turn}: ${deed}: ${exitCode} ${stderr}`)
      }
    }
    faults.push(...lostRows(before, rowsOf(database(world))).map((lost) => `turn ${turn}: ${lost}`))
  }
  const rows = rowsOf(database(world))
  const turns = journey.map((_, turn) => turn)
  for (const table of ["events", "trash"]) {
    const found = seqs(rows, table).toSorted((a, b) => a - b)
    if (found.some((seq, index) => seq !== index + 1))
      faults.push(`the numbers of ${table} are not dense: ${found.join(" ")}`)
  }
  const log = keysOf((yield* world.line("log --limit 10000")).data, "events", "seq")
  if (
    log.join() !==
    seqs(rows, "events")
      .toSorted((a, b) => b - a)
      .join()
  )
    faults.push("the log is not newest first")
  const sessions = keysOf((yield* world.line("session list")).data, "sessions", "id").map(String)
  if (sessions.join() !== sessions.toSorted().toReversed().join()) faults.push("the sessions are not newest first")
  if (new Set(sessions).size !== journey.length) faults.push(`${sessions.length} sessions`)
  const backups = Fs.readdirSync(Path.join(world.home, "backups"))
  if (backups.length !== 2 * journey.length) faults.push(`${backups.length} backups`)
  if (hasRow(rows, "trash", "purged")) faults.push("something was purged")
  for (const turn of turns) {
    const task = `SPEC-1${turn}1`
    const { exitCode, stderr } = yield* calm(`worktree restore ${task}`)
    if (exitCode !== 0) faults.push(`worktree restore ${task}: ${stderr}`)
    else if (Fs.readFileSync(Path.join(world.worktree(task), "precious.txt"), "utf8") !== `${task}\n`)
      faults.push(`${task} is not as it was`)
  }
  if (damaged(database(world)) !== "") faults.push(damaged(database(world)))
  return faults
}, Effect.scoped)

describe("a clock that is wrong", () => {
  for (const [name, journey] of Object.entries(journeys))
    it.live(
      `${name}: nothing is refused, nothing purged early, and the order stays`,
      () =>
        Effect.gen(function* () {
          const faults = yield* faultsOf(journey)
          report({
            suite: "machine",
            what: `clock ${name}`,
            tried: journey.length * deeds(0).length,
            losses: faults.length
          })
          assert.deepStrictEqual(faults, [])
        }),
      300_000
    )
})
