/** One transaction of a client that is known already; what may stand in it says `transaction` of `@calm/sql/Sql`. */
import { transaction } from "@calm/sql/Sql"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

export const atomicallyIn =
  (sql: SqlClient.SqlClient) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    transaction(effect).pipe(Effect.provideService(SqlClient.SqlClient, sql))
