import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as World from "../../fixtures/world.ts"
import { damaged } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import { database, type Place } from "./operations.ts"
import { lostRows, rowsOf } from "./rows.ts"

const events = scaled(10_000, 100_000)
const tasks = scaled(1_000, 10_000)

/** Years of work, written into the database of a project that has one task and its events. */
const grown = (world: Place): void => {
  const open = new Database(database(world))
  open.exec(`
    WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ${tasks})
    INSERT INTO tasks (project_id, id, id_key, type, title, phase, touches, created_at, updated_at)
    SELECT project_id, printf('SPEC-%05d', i), printf('spec-%05d', i), type, 'Task ' || i, phase, touches, created_at, updated_at
    FROM tasks, n WHERE id = 'SPEC-00001';
    WITH RECURSIVE n(i) AS (SELECT (SELECT MAX(seq) + 1 FROM events) UNION ALL SELECT i + 1 FROM n WHERE i < ${events})
    INSERT INTO events (project_id, seq, at, actor, worker_id, kind, task_id, data)
    SELECT project_id, i, at, actor, NULL, 'task.updated', printf('SPEC-%05d', 1 + i % ${tasks}), '{}'
    FROM n, events WHERE seq = 1`)
  open.close()
}

const Log = Schema.Struct({ events: Schema.Array(Schema.Struct({ seq: Schema.Int })) })
const Tasks = Schema.Struct({ tasks: Schema.Array(Schema.Struct({ id: Schema.String })) })

describe("a project of many years", () => {
  it.scopedLive(
    `with ${events} events and ${tasks} tasks is shown, checked, backed up and restored whole`,
    () =>
      Effect.gen(function* () {
        const world = yield* World.project
        yield* world.line("task create SPEC-00001 First")
        grown(world)
        const before = rowsOf(database(world))
        const times: Array<string> = []
        const data = Effect.fnUntraced(function* (words: string) {
          const start = performance.now()
          const { data: found, error, exitCode } = yield* world.line(words)
          times.push(`${words} ${Math.round(performance.now() - start)} ms`)
          assert.strictEqual(exitCode, 0, `${words}: ${error?.message}`)
          return found
        })
        const log = yield* Schema.decodeUnknown(Log)(yield* data("log --limit 50"))
        assert.deepStrictEqual(
          log.events.map(({ seq }) => seq),
          Array.from({ length: 50 }, (_, index) => events - index)
        )
        const ofOne = yield* Schema.decodeUnknown(Log)(yield* data("log --task SPEC-00501 --limit 1000"))
        assert.strictEqual(ofOne.events.length, events / tasks)
        const listed = yield* Schema.decodeUnknown(Tasks)(yield* data(`task list --limit ${tasks + 1}`))
        assert.strictEqual(listed.tasks.length, tasks)
        for (const words of ["status", "status tasks", "session next", "doctor", "backup create full"])
          yield* data(words)
        yield* data("task create SPEC-99999 Last")
        yield* data("backup verify full")
        yield* data("backup restore full --yes")
        const after = rowsOf(database(world))
        assert.deepStrictEqual(lostRows(before, after), [])
        assert.isFalse(after.has("tasks SPEC-99999"))
        assert.strictEqual(damaged(database(world)), "")
        report({ suite: "machine", what: "events in one project", tried: events, losses: 0, note: times.join(", ") })
      }),
    300_000
  )
})
