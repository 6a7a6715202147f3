/** Which files are opened, which are refused, and what becomes of them. */
import { latest, migrations } from "@calm/sql/Migrations"
import * as Sql from "@calm/sql/Sql"
import { Reason, refine, StoreError } from "@calm/sql/StoreError"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { assertEquals } from "@effect/vitest/utils"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { applicationId } from "../src/internal/mark.ts"
import { makeFolder } from "./support/folder.ts"

const query = (file: string, statement: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement).values).pipe(
    refine,
    Effect.provide(Sql.layerFile(file))
  )

const refusal = (file: string) => Effect.flip(query(file, "SELECT 1"))

/** Makes a database with other tools than ours. */
const other = (file: string, ...statements: ReadonlyArray<string>) =>
  Effect.sync(() => {
    const database = new Database(file)
    for (const statement of statements) database.exec(statement)
    database.close()
  })

/** Everything about a folder that opening a file in it could change. */
const look = (folder: string) =>
  Fs.readdirSync(folder).map((name) => {
    const path = Path.join(folder, name)
    const { mode, mtimeMs } = Fs.statSync(path)
    return { name, mode, mtimeMs, bytes: Fs.readFileSync(path, "base64") }
  })

const modeOf = (path: string) => Fs.statSync(path).mode & 0o777

/** The superuser may read everything, so the test goes on as somebody who may not, until its scope closes. */
const asAnybody = Effect.acquireRelease(
  Effect.sync(() => {
    const self = process.geteuid?.()
    if (self === 0) process.seteuid?.(65_534)
    return self
  }),
  (self) => Effect.sync(() => (self === 0 ? process.seteuid?.(0) : undefined))
)

describe("opening", () => {
  it.scoped("a missing file and its folders are made for their owner alone, and so are the files beside it", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/a/b/metadata.db`
      yield* Effect.gen(function* () {
        yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE t (a)`)
        assert.deepStrictEqual(
          [`${folder}/a`, `${folder}/a/b`, file, `${file}-wal`, `${file}-shm`].map(modeOf),
          [0o700, 0o700, 0o600, 0o600, 0o600]
        )
      }).pipe(Effect.provide(Sql.layerFile(file)))
    })
  )

  it.scoped("an empty file is taken, and closed to others", () =>
    Effect.gen(function* () {
      const file = `${yield* makeFolder}/metadata.db`
      Fs.writeFileSync(file, "", { mode: 0o644 })
      assert.deepStrictEqual(
        yield* query(file, "SELECT version, name, applied_at FROM calm_schema"),
        migrations.map(({ name }, index) => [index + 1, name, "1970-01-01T00:00:00.000Z"])
      )
      assert.strictEqual(modeOf(file), 0o600)
    })
  )

  it.scoped("each connection keeps what makes commits safe and rules binding", () =>
    Effect.gen(function* () {
      const file = `${yield* makeFolder}/metadata.db`
      for (let time = 0; time < 2; time++) {
        const read = (name: string) => query(file, `PRAGMA ${name}`)
        assert.deepStrictEqual(yield* read("journal_mode"), [["wal"]])
        assert.deepStrictEqual(yield* read("synchronous"), [[2]])
        assert.deepStrictEqual(yield* read("foreign_keys"), [[1]])
        assert.deepStrictEqual(yield* read("recursive_triggers"), [[1]])
        assert.deepStrictEqual(yield* read("application_id"), [[applicationId]])
        assert.deepStrictEqual(yield* read("user_version"), [[latest]])
      }
    })
  )

  it.scoped("opening an up-to-date file again writes nothing", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      yield* query(`${folder}/metadata.db`, "SELECT 1")
      const before = look(folder)
      yield* query(`${folder}/metadata.db`, "SELECT 1")
      assert.deepStrictEqual(look(folder), before)
    })
  )

  it.scoped("two clients of two files do not meet, not even inside each other's transactions", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const one = yield* Layer.build(Sql.layerFile(`${folder}/one`))
      const two = yield* Layer.build(Sql.layerFile(`${folder}/two`))
      const create = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE t (a)`)
      const failed = yield* create.pipe(
        Effect.provide(two),
        Effect.zipRight(Effect.fail("no")),
        Sql.transaction,
        Effect.provide(one),
        Effect.flip
      )
      assert.strictEqual(failed, "no")
      const tables = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`SELECT 1 FROM sqlite_schema WHERE name = 't'`.values
      )
      assert.deepStrictEqual(yield* Effect.provide(tables, one), [])
      assert.deepStrictEqual(yield* Effect.provide(tables, two), [[1]])
    })
  )
})

describe("refusing", () => {
  it.scoped("a database of the original CALM, which used the same path, is foreign and stays as it is", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/metadata.db`
      yield* other(
        file,
        "CREATE TABLE tasks (id TEXT PRIMARY KEY, title TEXT, phase TEXT)",
        "CREATE TABLE workers (id TEXT PRIMARY KEY, task_id TEXT, role TEXT)",
        "INSERT INTO tasks VALUES ('SPEC-1', 'old', 'SPEC')"
      )
      const before = look(folder)
      const error = yield* refusal(file)
      assertEquals(error, new StoreError({ reason: "foreign", path: file, detail: "it does not carry calm's mark" }))
      assert.strictEqual(error.category, "database")
      assert.strictEqual(error.hint, `export CALM_DB_PATH=${folder}/calm.db && calm init`)
      assert.deepStrictEqual(look(folder), before)
    })
  )

  it.scoped("another program's database is foreign, and no log appears beside it even where it uses one", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/metadata.db`
      yield* other(file, "PRAGMA application_id = 7", "PRAGMA journal_mode = WAL", "CREATE TABLE t (a)")
      const before = look(folder)
      assert.strictEqual((yield* refusal(file)).reason, "foreign")
      assert.deepStrictEqual(look(folder), before)
    })
  )

  it.scoped("a database of a newer calm is refused and stays as it is", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/metadata.db`
      yield* other(file, `PRAGMA application_id = ${applicationId}`, "PRAGMA user_version = 99", "CREATE TABLE t (a)")
      const before = look(folder)
      const error = yield* refusal(file)
      assert.strictEqual(error.reason, "newer")
      assert.strictEqual(error.detail, `its schema is version 99, this calm knows ${latest}`)
      assert.strictEqual(error.hint, "calm --version")
      assert.deepStrictEqual(look(folder), before)
    })
  )

  it.scoped("a newer version that is still in the log alone is refused too", () =>
    Effect.gen(function* () {
      const file = `${yield* makeFolder}/metadata.db`
      yield* query(file, "SELECT 1")
      const newer = new Database(file)
      newer.pragma("user_version = 99")
      assert.strictEqual((yield* refusal(file)).reason, "newer")
      newer.close()
    })
  )

  it.scoped("what is not a database, or only the beginning of one, is corrupt and stays as it is", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const whole = `${folder}/whole.db`
      yield* query(whole, "SELECT 1")
      const bytes = Fs.readFileSync(whole)
      Fs.rmSync(whole)
      const damaged = {
        text: Buffer.from("# Notes\n".repeat(100)),
        short: bytes.subarray(0, 50),
        half: bytes.subarray(0, 9000)
      }
      for (const [name, content] of Object.entries(damaged)) {
        Fs.writeFileSync(`${folder}/${name}`, content)
        const before = look(folder)
        const error = yield* refusal(`${folder}/${name}`)
        assert.strictEqual(error.reason, "corrupt", name)
        assert.strictEqual(error.path, `${folder}/${name}`)
        assert.strictEqual(error.hint, "calm doctor")
        assert.deepStrictEqual(look(folder), before)
      }
    })
  )

  it.scoped("a path that cannot be a file is a typed failure that names it", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      Fs.writeFileSync(`${folder}/regular`, "")
      for (const path of [folder, `${folder}/regular/metadata.db`, `${folder}/a\0b`, `${folder}/blank `]) {
        const error = yield* refusal(path)
        assert.strictEqual(error.reason, "cannot_open", path)
        assert.strictEqual(error.path, path)
        assert.notInclude(error.message, "\n")
      }
    })
  )

  it.scoped("a file that may not be read is a typed failure", () =>
    Effect.gen(function* () {
      const folder = yield* makeFolder
      const file = `${folder}/metadata.db`
      yield* query(file, "SELECT 1")
      Fs.chmodSync(folder, 0o755)
      Fs.chmodSync(file, 0)
      yield* asAnybody
      assert.strictEqual((yield* refusal(file)).reason, "cannot_open")
    })
  )

  it("has for every reason a command that can be run as it stands, also where the path has blanks", () => {
    for (const reason of Reason.literals)
      for (const path of ["/my files/calm.db", "/metadata.db", null]) {
        const { hint } = new StoreError({ reason, path, detail: "" })
        assert.match(hint, /^(?:calm|df|export|ls|npm) [^<>]+$/)
        if (path?.includes(" ") === true && hint.includes("files")) assert.match(hint, /'[^']*my files[^']*'/)
      }
  })
})
