/** What the commands say of damage in a database that is too large to be checked each time, over real files. */
import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type * as Style from "../src/Style.ts"
import * as World from "./fixtures/world.ts"

const pageSize = 4096

/** A database of more than 4 MB; all of the text lies in pages that no view of the project reads. */
const large = Effect.gen(function* () {
  const world = yield* World.project
  const file = Path.join(world.home, "metadata.db")
  const open = new Database(file)
  open
    .prepare(
      `INSERT INTO sessions (project_id, id, handoff, continues, saved_by, saved_at)
      SELECT id, 'S-0000000', ?, 0, 'me', '2026-01-01T00:00:00.000Z' FROM projects`
    )
    .run("x".repeat(5_000_000))
  open.close()
  const health = Effect.map(world.line("status health"), ({ data, exitCode }) => [
    exitCode,
    ...Object.entries(data ?? {}).flatMap(([key, value]) => (key === "level" ? [value] : []))
  ])
  return { ...world, file, health }
})

/** Overwrites a page in the middle with nothing; what is given puts it back. */
const spoil = (path: string) => {
  const at = Math.floor(Fs.statSync(path).size / pageSize / 2) * pageSize
  const before = Buffer.alloc(pageSize)
  const file = Fs.openSync(path, "r+")
  Fs.readSync(file, before, 0, pageSize, at)
  Fs.writeSync(file, Buffer.alloc(pageSize), 0, pageSize, at)
  Fs.closeSync(file)
  return () => {
    const again = Fs.openSync(path, "r+")
    Fs.writeSync(again, before, 0, pageSize, at)
    Fs.closeSync(again)
  }
}

describe("a large database", () => {
  it.scopedLive("is healthy on the word of the last check, which status tells the age of", () =>
    Effect.gen(function* () {
      const { calm, file, health, line } = yield* large
      assert.deepStrictEqual(yield* health, [0, "ATTENTION"])
      assert.strictEqual((yield* line("doctor")).exitCode, 0)
      assert.deepStrictEqual(yield* health, [0, "HEALTHY"])
      const note = `${file}.checked`
      const before = new Date(Date.now() - 3 * 86_400_000).toISOString()
      Fs.writeFileSync(note, Fs.readFileSync(note, "utf8").replace(/"at":"[^"]+"/, `"at":"${before}"`))
      const style: Style.Style = { terminal: true, color: false, width: 80 }
      for (const words of ["status", "status health"]) {
        const { stdout } = yield* calm(words.split(" "), { style })
        assert.include(stdout, "Health: HEALTHY (database last checked for damage 3 days ago)")
      }
    })
  )

  it.scopedLive("that a backup found damaged is told as such from then on, until the doctor finds it whole", () =>
    Effect.gen(function* () {
      const { file, health, line } = yield* large
      yield* line("backup create before")
      assert.deepStrictEqual(yield* health, [0, "HEALTHY"])
      const mend = spoil(file)
      assert.strictEqual((yield* line("backup create after")).exitCode, 2)
      assert.deepStrictEqual(yield* health, [7, "DEGRADED"])
      assert.strictEqual((yield* line("doctor")).exitCode, 2)
      assert.deepStrictEqual(yield* health, [7, "DEGRADED"])
      mend()
      assert.strictEqual((yield* line("backup create after")).exitCode, 0)
      assert.deepStrictEqual(yield* health, [7, "DEGRADED"])
      assert.strictEqual((yield* line("doctor")).exitCode, 0)
      assert.deepStrictEqual(yield* health, [0, "HEALTHY"])
    })
  )

  it.scopedLive("that was damaged is healthy again once a backup was restored into it", () =>
    Effect.gen(function* () {
      const { file, health, line } = yield* large
      yield* line("backup create before")
      spoil(file)
      assert.strictEqual((yield* line("doctor")).exitCode, 2)
      assert.deepStrictEqual(yield* health, [7, "DEGRADED"])
      assert.strictEqual((yield* line("backup restore before --yes")).exitCode, 0)
      assert.deepStrictEqual(yield* health, [0, "HEALTHY"])
    })
  )

  it.scopedLive("that somebody put into the place of the one that was checked is not taken for it", () =>
    Effect.gen(function* () {
      const { file, health, line } = yield* large
      assert.strictEqual((yield* line("doctor")).exitCode, 0)
      Fs.copyFileSync(file, `${file}.copy`)
      Fs.renameSync(`${file}.copy`, file)
      assert.deepStrictEqual(yield* health, [0, "ATTENTION"])
    })
  )

  it.scopedLive("is never healthy because a note of its check cannot be read", () =>
    Effect.gen(function* () {
      const { file, health, line } = yield* large
      assert.strictEqual((yield* line("doctor")).exitCode, 0)
      Fs.truncateSync(`${file}.checked`, 20)
      assert.deepStrictEqual(yield* health, [0, "ATTENTION"])
    })
  )
})
