/** Copies that are made and put back while other processes write, and by processes that are killed in the middle of it. */
import { Copies } from "@calm/sql/Copies"
import { latest } from "@calm/sql/Migrations"
import * as Sql from "@calm/sql/Sql"
import { refine } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import { bundle, start } from "./support/children.ts"
import { makeFolder } from "./support/folder.ts"

/** A database with two equal counters and as many rows as make it some megabytes long. */
const world = Effect.gen(function* () {
  const folder = yield* makeFolder
  const file = `${folder}/home/metadata.db`
  const context = yield* Layer.build(Sql.layerFile(file))
  const within = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient | Copies>) =>
    refine(Effect.provide(effect, context))
  yield* within(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`INSERT INTO projects VALUES ('p', '/p', '/p/.git', 'main', '')`
      yield* sql`INSERT INTO counters VALUES ('p', 'a', 0, ''), ('p', 'b', 0, '')`
      yield* sql`
        WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 4000)
        INSERT INTO events SELECT 'p', n, '', 'me', NULL, 'counter.changed', NULL, ${"x".repeat(2000)} FROM many`
    })
  )
  return {
    backups: `${folder}/home/backups`,
    copies: yield* within(Copies),
    file,
    within,
    worker: yield* bundle(folder)
  }
})

const plainly = { prepare: () => Effect.void, guard: Effect.void }
const Pair = Schema.decodeUnknown(Schema.Tuple(Schema.Tuple(Schema.Int), Schema.Tuple(Schema.Int)))
const values = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT value FROM counters ORDER BY name`.values)
const sound = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`PRAGMA integrity_check`.values)
const eventCount = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT count(*) FROM events`.values)

it.scopedLive(
  "while another process writes all the time, copies are of one moment, and restoring one loses it nothing half",
  () =>
    Effect.gen(function* () {
      const { backups, copies, file, within, worker } = yield* world
      yield* copies.create(`${backups}/zero.db`)
      const writer = yield* start(worker, "pairs", file)
      yield* writer.spoke
      for (const name of ["one", "two", "three"]) {
        yield* copies.create(`${backups}/${name}.db`)
        const [[a], [b]] = yield* Effect.flatMap(Effect.provide(values, Sql.layerFile(`${backups}/${name}.db`)), Pair)
        assert.isAtLeast(a, 20)
        assert.strictEqual(a, b)
      }
      for (const name of ["zero", "two", "zero"]) {
        yield* copies.restore(`${backups}/${name}.db`, {
          prepare: (copy) => refine(copy`UPDATE counters SET value = value + 1000000`),
          guard: Effect.void
        })
        const [[a], [b]] = yield* Effect.flatMap(within(values), Pair)
        assert.strictEqual(a, b)
        assert.isAtLeast(a, 1_000_000)
      }
      yield* writer.release
      const end = yield* writer.ended
      assert.deepStrictEqual({ ...end, stdout: "" }, { code: 0, stdout: "", stderr: "" }, JSON.stringify(end))
      assert.deepStrictEqual(yield* within(sound), [["ok"]])
    }),
  60_000
)

it.scopedLive(
  "a process that is killed while it restores leaves all of the old or all of the new, and the way free",
  () =>
    Effect.gen(function* () {
      const { backups, copies, file, within, worker } = yield* world
      const copy = `${backups}/old.db`
      yield* copies.create(copy)
      const before = Fs.readFileSync(copy)
      yield* within(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`
          INSERT INTO events SELECT 'p', seq + 4000, '', 'me', NULL, 'counter.changed', NULL, data FROM events`
        )
      )
      // The copy is some thousand pages long: the end comes while they are written, a little later each time.
      for (let round = 0; round < 5; round++) {
        const running = yield* start(worker, "restore", file, copy)
        yield* running.spoke
        for (let turn = 0; turn < round * 3; turn++) yield* within(values)
        yield* running.kill
        yield* running.ended
        assert.include([4000, 8000], (yield* within(eventCount))[0]?.[0])
        assert.deepStrictEqual(yield* within(sound), [["ok"]])
        assert.deepStrictEqual(Fs.readFileSync(copy), before)
        yield* within(Sql.transaction(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE counters SET value = 5`)))
      }
      yield* copies.restore(copy, plainly)
      assert.deepStrictEqual(yield* within(eventCount), [[4000]])
      assert.deepStrictEqual(yield* within(values), [[0], [0]])
    }),
  60_000
)

it.scopedLive(
  "a process that is killed while it makes a copy leaves none of that name, or a whole one",
  () =>
    Effect.gen(function* () {
      const { backups, copies, file, worker } = yield* world
      for (let round = 0; round < 5; round++) {
        const running = yield* start(worker, "create", file, `${backups}/new-${round}.db`)
        yield* running.spoke
        yield* Effect.repeatN(copies.list(backups), round * 5)
        yield* running.kill
        yield* running.ended
        for (const { fault, name } of yield* copies.list(backups)) {
          assert.isNull(fault)
          assert.deepStrictEqual(yield* copies.check(`${backups}/${name}.db`), { version: latest, problems: [] })
        }
      }
      assert.isTrue(yield* copies.create(`${backups}/last.db`))
    }),
  60_000
)

it.scopedLive("two processes that make a copy of the same name at once make one", () =>
  Effect.gen(function* () {
    const { backups, copies, file, worker } = yield* world
    const both = yield* Effect.replicateEffect(start(worker, "create", file, `${backups}/same.db`), 2)
    const ends = yield* Effect.forEach(both, (one) => one.ended, { concurrency: 2 })
    for (const end of ends) assert.deepStrictEqual([end.code, end.stderr], [0, ""])
    assert.strictEqual(ends.filter(({ stdout }) => stdout.includes("made true")).length, 1)
    assert.deepStrictEqual(Fs.readdirSync(backups), ["same.db"])
    assert.deepStrictEqual(yield* copies.check(`${backups}/same.db`), { version: latest, problems: [] })
  })
)
