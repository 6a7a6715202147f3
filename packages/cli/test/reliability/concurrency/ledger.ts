/** What the database and the repository say after the work, for holding it against the answers. */
import * as Schema from "effect/Schema"
import Database from "better-sqlite3"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { git } from "../support/checkout.ts"
import type { Place } from "../support/command.ts"

const Event = Schema.Struct({
  seq: Schema.Int,
  kind: Schema.String,
  task: Schema.NullOr(Schema.String),
  data: Schema.String
})
const Move = Schema.Struct({ task: Schema.String, from: Schema.String, to: Schema.String })
const Merge = Schema.Struct({ task: Schema.String, head: Schema.String, commit: Schema.String })
const Name = Schema.Struct({ name: Schema.String })
const Counter = Schema.Struct({ name: Schema.String, value: Schema.Int })
const Task = Schema.Struct({ id: Schema.String, phase: Schema.String })
const Seq = Schema.Struct({ seq: Schema.Int })

/** Everything that the work can have changed. */
export const ledgerOf = ({ home, repo }: Place) => {
  const database = new Database(Path.join(home, "metadata.db"), { readonly: true, fileMustExist: true })
  try {
    const all = <A, I>(schema: Schema.Schema<A, I>, statement: string): ReadonlyArray<A> =>
      Schema.decodeUnknownSync(Schema.Array(schema))(database.prepare(statement).all())
    return {
      events: all(Event, "SELECT seq, kind, task_id AS task, data FROM events ORDER BY seq"),
      tasks: all(Task, "SELECT id, phase FROM tasks ORDER BY id"),
      moves: all(Move, `SELECT task_id AS task, from_phase AS "from", to_phase AS "to" FROM transitions ORDER BY seq`),
      reviews: all(Seq, "SELECT seq FROM reviews ORDER BY seq"),
      merges: all(Merge, `SELECT task_id AS task, head_sha AS head, merge_sha AS "commit" FROM merges ORDER BY seq`),
      counters: all(Counter, "SELECT name, value FROM counters ORDER BY name"),
      locks: all(Name, "SELECT name FROM locks"),
      operations: all(Name, "SELECT kind AS name FROM operations WHERE state = 'running'"),
      worktrees: all(Name, "SELECT task_id AS name FROM worktrees WHERE state = 'open' ORDER BY task_id"),
      trash: all(Name, "SELECT folder AS name FROM trash WHERE state = 'kept' ORDER BY folder"),
      backups: Fs.existsSync(Path.join(home, "backups")) ? Fs.readdirSync(Path.join(home, "backups")).sort() : [],
      base: git(repo, "rev-parse", "main")
    }
  } finally {
    database.close()
  }
}

export type Ledger = ReturnType<typeof ledgerOf>
