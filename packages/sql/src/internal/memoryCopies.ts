/** Copies of a database in memory, in memory. */
import * as Traced from "@calm/domain/Traced"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Copies, Restoring } from "../Copies.ts"
import type { Migration } from "../Migrations.ts"
import { refine, StoreError } from "../StoreError.ts"
import * as Driver from "./driver.ts"
import * as Soundness from "./soundness.ts"
import * as Store from "./store.ts"

interface Kept {
  readonly bytes: Uint8Array
  readonly madeAt: number
  readonly version: number
}

/** The copies of the database of a connection. */
export const make = (
  { driver }: Store.Store,
  migrations: ReadonlyArray<Migration>
): Context.Tag.Service<typeof Copies> => {
  const files = new Map<string, Kept>()

  const find = (file: string) =>
    Effect.suspend(() => {
      const found = files.get(file)
      return found === undefined
        ? new StoreError({ reason: "cannot_open", path: file, detail: "there is no such copy" })
        : Effect.succeed(found)
    })

  const create = (file: string) =>
    Effect.gen(function* () {
      if (files.has(file)) return false
      const bytes = yield* driver.bytes
      files.set(file, { bytes, madeAt: yield* Clock.currentTimeMillis, version: migrations.length })
      return true
    }).pipe(refine)

  const check = (file: string) =>
    Effect.gen(function* () {
      const { bytes, version } = yield* find(file)
      const copy = yield* Driver.openBytes(bytes)
      return { version, problems: yield* Soundness.problems(copy, version, migrations) }
    }).pipe(Effect.scoped, refine)

  const restore = <E, R>(file: string, { guard, prepare }: Restoring<E, R>) =>
    Effect.gen(function* () {
      const { bytes } = yield* find(file)
      const copy = yield* Store.upToDate(yield* Driver.openBytes(bytes), migrations)
      yield* copy.client.withTransaction(prepare(copy.client))
      yield* guard
      yield* driver.become(yield* copy.driver.bytes)
      yield* Store.configure(driver)
    }).pipe(Effect.scoped, refine)

  return {
    list: Traced.fn("Copies.list")((folder) =>
      Effect.sync(() =>
        Array.from(files)
          .filter(([file]) => file.startsWith(`${folder}/`))
          .map(([file, { bytes, madeAt, version }]) => ({
            name: file.slice(folder.length + 1, -3),
            sizeBytes: bytes.length,
            madeAt,
            version,
            fault: null
          }))
      )
    ),
    create: Traced.fn("Copies.create")(create),
    check: Traced.fn("Copies.check")(check),
    remove: Traced.fn("Copies.remove")((file) => Effect.sync(() => files.delete(file))),
    restore: Traced.fn("Copies.restore")(restore)
  }
}
