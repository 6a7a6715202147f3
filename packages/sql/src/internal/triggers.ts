/** What keeps rows from being changed: SQLite's own language, the one part of the schema that is not portable. */

/**
 * Triggers that refuse to change or delete a row of a table. A replacing insert is refused as well, because the
 * connection has `recursive_triggers` on: without it SQLite would delete the old row unseen.
 */
export const appendOnlyTriggers = (table: string): ReadonlyArray<string> =>
  (["UPDATE", "DELETE"] as const).map(
    (change) =>
      `CREATE TRIGGER ${table}_no_${change.toLowerCase()} BEFORE ${change} ON ${table}
       BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`
  )
