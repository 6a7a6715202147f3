/** A database and its copies, as layers. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Copies } from "../Copies.ts"
import type { Migration } from "../Migrations.ts"
import type { StoreError } from "../StoreError.ts"
import * as FileCopies from "./copies.ts"
import * as MemoryCopies from "./memoryCopies.ts"
import * as Store from "./store.ts"

/** The database at an absolute path, or one in memory (`null`), with these migrations. */
export const layer = (
  path: string | null,
  migrations: ReadonlyArray<Migration>
): Layer.Layer<SqlClient.SqlClient | Copies, StoreError> =>
  Layer.scopedContext(
    Effect.map(Store.open(path, migrations), (store) =>
      Context.make(SqlClient.SqlClient, store.client).pipe(
        Context.add(Copies, path === null ? MemoryCopies.make(store, migrations) : FileCopies.make(path, migrations))
      )
    )
  )
