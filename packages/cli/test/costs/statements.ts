/** The statements that SQLite runs in this process, underneath everything of ours. */
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"

/** A statement that was run, with its parameters and the number of rows that it gave. */
export interface Ran {
  readonly sql: string
  readonly params: ReadonlyArray<unknown>
  readonly rows: number
  /** It may change the database, or takes the lock to do so. */
  readonly writes: boolean
}

/** Notes what is run, of every connection that is opened from now on; it ends with the scope. */
export const noting = Effect.gen(function* () {
  const ran: Array<Ran> = []
  const driver = Database.prototype
  const { prepare } = driver
  /** The same statement, run as before and noted. */
  const noted = (statement: Database.Statement, sql: string): Database.Statement => {
    const note = <F extends (...params: Array<unknown>) => unknown>(run: F): F =>
      new Proxy(run, {
        apply: (target, _, params: Array<unknown>) => {
          const result: unknown = Reflect.apply(target, statement, params)
          ran.push({
            sql: sql.trim().replaceAll(/\s+/g, " "),
            params: params.flat(),
            rows: Array.isArray(result) ? result.length : 0,
            writes: !statement.readonly
          })
          return result
        }
      })
    statement.all = note(statement.all)
    statement.run = note(statement.run)
    return statement
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      driver.prepare = new Proxy(prepare, {
        apply: (target, database, [sql]: [string]) => noted(Reflect.apply(target, database, [sql]), sql)
      })
    }),
    () => Effect.sync(() => void (driver.prepare = prepare))
  )
  /** What an effect runs, besides what it gives. */
  const during = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      ran.length = 0
      return Effect.map(effect, (result) => ({ result, ran: [...ran] }))
    })
  return { during }
})
