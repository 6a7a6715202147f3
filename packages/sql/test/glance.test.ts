/** A glance must be free of consequences: shells take one at each press of a key. */
import { glance } from "@calm/sql/Glance"
import * as Sql from "@calm/sql/Sql"
import { refine } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { latest } from "@calm/sql/Migrations"
import { applicationId } from "../src/internal/mark.ts"
import { makeFolder } from "./support/folder.ts"

const insert = (id: string) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`INSERT INTO projects VALUES (${id}, ${`/${id}`}, ${`/${id}/.git`}, 'main', '2025-01-01T00:00:00.000Z')`
  )

const projects = (path: string) => glance(path, (rows) => rows("SELECT id FROM projects ORDER BY id").flat())

/** Everything about a folder that opening a file in it could change. */
const look = (folder: string) =>
  Fs.readdirSync(folder).map((name) => {
    const path = Path.join(folder, name)
    return { name, modified: Fs.statSync(path).mtimeMs, bytes: Fs.readFileSync(path, "base64") }
  })

const other = (path: string, ...statements: ReadonlyArray<string>) => {
  const database = new Database(path)
  for (const statement of statements) database.exec(statement)
  database.close()
}

describe("a glance", () => {
  it.scoped("reads what is there and leaves no log behind, which plain reading would", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      // Characters that mean something in the address of a file.
      const path = Path.join(folder, "a %41 ?b#c", "metadata.db")
      yield* insert("one").pipe(refine, Effect.provide(Sql.layerFile(path)))
      const before = look(Path.dirname(path))
      assert.deepStrictEqual(projects(path), ["one"])
      assert.deepStrictEqual(look(Path.dirname(path)), before)
    })
  )

  it.scoped("sees what another process has just written and not yet moved into the file", () =>
    Effect.gen(function* () {
      const path = Path.join(yield* makeFolder, "metadata.db")
      yield* Effect.gen(function* () {
        yield* insert("one")
        yield* insert("two")
        assert.deepStrictEqual(projects(path), ["one", "two"])
      }).pipe(refine, Effect.provide(Sql.layerFile(path)))
    })
  )

  it.scoped("sees nothing where there is nothing, and makes nothing there", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      assert.isUndefined(projects(Path.join(folder, "metadata.db")))
      assert.isUndefined(projects(Path.join(folder, "no/such/folder/metadata.db")))
      assert.deepStrictEqual(Fs.readdirSync(folder), [])
    })
  )

  it.scoped("sees nothing in what is not ours, of a newer calm, damaged or no database, and leaves it alone", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const at = (name: string) => Path.join(folder, name)
      const table = ["CREATE TABLE projects (id TEXT)", "INSERT INTO projects VALUES ('x')"]
      other(at("foreign"), "PRAGMA journal_mode = WAL", ...table)
      other(at("newer"), `PRAGMA application_id = ${applicationId}`, `PRAGMA user_version = ${latest + 1}`, ...table)
      Fs.writeFileSync(at("text"), "not a database")
      Fs.writeFileSync(at("empty"), "")
      Fs.writeFileSync(at("torn"), Fs.readFileSync(at("newer")).subarray(0, 5000))
      Fs.mkdirSync(at("folder"))
      const files = ["foreign", "newer", "text", "empty", "torn"]
      const before = files.map((name) => Fs.readFileSync(at(name), "base64"))
      for (const name of [...files, "folder"]) assert.isUndefined(projects(at(name)), name)
      assert.deepStrictEqual(
        files.map((name) => Fs.readFileSync(at(name), "base64")),
        before
      )
      assert.deepStrictEqual(Fs.readdirSync(folder).sort(), [...files, "folder"].sort())
    })
  )

  it.scoped("sees nothing where a question goes wrong: an older database has not every table", () =>
    Effect.gen(function* () {
      const path = Path.join(yield* makeFolder, "metadata.db")
      other(path, `PRAGMA application_id = ${applicationId}`, "PRAGMA user_version = 1", "CREATE TABLE tasks (id)")
      assert.isUndefined(projects(path))
    })
  )
})
