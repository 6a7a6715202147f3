/** What the tests of copies have at hand. */
import { Copies } from "@calm/sql/Copies"
import * as Sql from "@calm/sql/Sql"
import { refine } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import { makeFolder } from "./folder.ts"

export const value = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT value FROM counters ORDER BY name`.values)
export const set = (to: number) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql`UPDATE counters SET value = ${to}`)

export const seed = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO projects VALUES ('p', '/p', '/p/.git', 'main', '')`
  yield* sql`INSERT INTO counters VALUES ('p', 'c', 1, '')`
})

/** Changes nothing of the copy and asks nothing. */
export const plainly = { prepare: () => Effect.void, guard: Effect.void }

/** A database whose counter was 1 when the copy `one` was made, and is 2 now. */
export const world = Effect.gen(function* () {
  const folder = yield* makeFolder
  const live = `${folder}/metadata.db`
  const backups = `${folder}/backups`
  const context = yield* Layer.build(Sql.layerFile(live))
  const within = <A, E>(effect: Effect.Effect<A, E, SqlClient.SqlClient | Copies>) =>
    refine(Effect.provide(effect, context))
  yield* within(seed)
  const copies = yield* within(Copies)
  const one = `${backups}/one.db`
  assert.isTrue(yield* copies.create(one))
  yield* within(set(2))
  return { backups, copies, folder, live, one, within }
})

/** Everything about a folder that reading a file in it could change. */
export const look = (folder: string) =>
  Fs.readdirSync(folder).map((name) => {
    const path = `${folder}/${name}`
    const { mode, mtimeMs } = Fs.statSync(path)
    return { name, mode, mtimeMs, bytes: Fs.readFileSync(path, "base64") }
  })

/** Spoils the page that a table begins with; the schema itself can still be read. */
export const damage = (file: string, table: string) => {
  const database = new Database(file, { readonly: true })
  const page = database
    .prepare<unknown[], number>("SELECT rootpage FROM sqlite_schema WHERE name = ?")
    .pluck()
    .get(table)
  database.close()
  const bytes = Fs.readFileSync(file)
  bytes.fill(0xff, ((page ?? 1) - 1) * 4096, (page ?? 1) * 4096)
  Fs.writeFileSync(file, bytes)
}

/** What every table of a database holds, and every statement of its schema. */
export const contentOf = (file: string) => {
  const database = new Database(file, { readonly: true })
  const schema = database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all()
  const tables = database
    .prepare<unknown[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all()
  const rows = tables.map((table) => [table, database.prepare(`SELECT * FROM "${table}"`).all()])
  database.close()
  return { schema, rows }
}
