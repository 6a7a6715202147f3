/** What is told of damage without reading all of a database: nothing that is wrong may be told as good. */
import { Backups } from "@calm/core/Backups"
import { DatabaseHealth } from "@calm/core/DatabaseHealth"
import { Status } from "@calm/core/Status"
import * as CalmTest from "@calm/testing/CalmTest"
import * as SqlClient from "@effect/sql/SqlClient"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { calm, same } from "./support/calm.ts"

/** A hand-over of 5 MB makes it too large to be checked each time. */
const grow = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { project } = yield* calm
  yield* sql`INSERT INTO sessions (project_id, id, handoff, continues, saved_by, saved_at)
    VALUES (${project.id}, 'S-0000000', ${"x".repeat(5_000_000)}, 0, 'me', '2025-01-01T00:00:00.000Z')`
})

/** Rows of nobody's: damage that a copy carries on, and only a look at all of the database finds. */
const dangle = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.zipRight(
    sql`PRAGMA foreign_keys = OFF`,
    sql`INSERT INTO counters (project_id, name, value, updated_at) VALUES ('nobody', 'a', 0, 'now')`
  )
)

const health = Effect.gen(function* () {
  const { databaseCheck, level, reasons } = yield* (yield* Status).health
  return [level, databaseCheck.made, databaseCheck.at?.slice(0, 10) ?? null, ...reasons.map(({ hint }) => hint)]
})

const check = Effect.flatMap(DatabaseHealth, ({ problems }) => problems)

describe("the health of a database", () => {
  it.effect("rests on a check of this moment while it is small, and once it is large on the last one", () =>
    Effect.gen(function* () {
      same(yield* health, ["HEALTHY", "now", null])
      yield* grow
      same(yield* health, ["ATTENTION", "never", null, "calm doctor"])
      yield* TestClock.adjust("1 day")
      same(yield* check, [])
      same(yield* health, ["HEALTHY", "before", "1970-01-02"])
      yield* TestClock.adjust("7 days")
      same(yield* health, ["HEALTHY", "before", "1970-01-02"])
      yield* TestClock.adjust("1 second")
      same(yield* health, ["ATTENTION", "before", "1970-01-02", "calm doctor"])
      // A backup was checked before it counts, and is what the database is.
      yield* (yield* Backups).create()
      same(yield* health, ["HEALTHY", "before", "1970-01-09"])
      // How long ago it was that another clock said so cannot be told.
      yield* TestClock.setTime(0)
      same(yield* health, ["ATTENTION", "before", "1970-01-09", "calm doctor"])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("stays bad until the check that found it so finds nothing, whatever a quicker one would say", () =>
    Effect.gen(function* () {
      yield* dangle
      same(yield* check, ["rows of counters refer to rows that are not there"])
      same(yield* health, ["DEGRADED", "before", "1970-01-01", "calm doctor"])
      yield* (yield* Backups).create()
      same(yield* health, ["DEGRADED", "before", "1970-01-01", "calm doctor"])
      const sql = yield* SqlClient.SqlClient
      yield* sql`DELETE FROM counters WHERE project_id = 'nobody'`
      same(yield* health, ["DEGRADED", "before", "1970-01-01", "calm doctor"])
      same(yield* check, [])
      same(yield* health, ["HEALTHY", "now", null])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
