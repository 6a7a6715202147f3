/** One transaction of a client that is known already; what may stand in it says `transaction` of `@calm/sql/Sql`. */
import { refine } from "@calm/sql/StoreError"
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as Effect from "effect/Effect"

export const atomicallyIn =
  (sql: SqlClient.SqlClient) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    refine(sql.withTransaction(effect))
