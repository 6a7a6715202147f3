/** What is offered while somebody types must be what the rules allow: completions read the gate table and not the rules. */
import { type Candidate, find, type Kind, kinds, type Sources } from "@calm/core/Completions"
import * as Phase from "@calm/domain/Phase"
import * as Review from "@calm/domain/Review"
import { glance } from "@calm/sql/Glance"
import * as Sql from "@calm/sql/Sql"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

/** A project whose only task is of this type and in this phase. */
const sources = (type: string, phase: string, names: ReadonlyArray<Candidate> = []): Sources => ({
  rows: () => [[type, phase]],
  project: "p",
  roles: () => names,
  backups: () => names
})

const offered = (kind: Kind, from: Sources): ReadonlyArray<string> =>
  find({ kind, word: "", task: "SPEC-001" }, from).map(({ word }) => word)

describe("what is offered for a task", () => {
  for (const type of Phase.TaskType.literals)
    for (const phase of Phase.phasesOf(type))
      it(`a ${type} in ${phase} may move where the rules let it, and to VERIFY or MERGED by a merge alone`, () => {
        const task = sources(type, phase)
        const next = Phase.next(type, phase)
        const ahead = next === undefined || phase === Phase.mergesFrom(type) ? [] : [next]
        assert.deepStrictEqual(offered("move", task), [...ahead, ...Phase.earlier(type, phase)])
        assert.sameMembers([...offered("phase", task), phase], [...Phase.phasesOf(type)])
        assert.deepStrictEqual(offered("review-type", task), [...Review.typesOf(type)])
        assert.strictEqual(offered("transition", task).length, Phase.chain(type).length - 1)
      })
})

it("a name that would need quotes in a shell, or mean something there, is not offered", () => {
  const bad = ["$(id)", "a b", "a;b", "-rf", "a'b", "a`b", "a*", "", "~a", "a\nb", "a$b", "#a", "a/b", "a:b", "ä"]
  const names = [...bad, "good-1.2_x"].map((word) => ({ word, about: "" }))
  for (const kind of ["role", "backup"] as const)
    assert.deepStrictEqual(offered(kind, sources("feature", "SPEC", names)), ["good-1.2_x"])
})

describe("over a database of the present schema", () => {
  const at = "'2025-01-01T10:00:00.000Z'"
  const rows = [
    `INSERT INTO projects VALUES ('p', '/p', '/p/.git', 'main', ${at})`,
    `INSERT INTO tasks (project_id, id, id_key, type, title, phase, touches, created_at, updated_at)
     VALUES ('p', 'SPEC-001', 'spec-001', 'feature', 'Greet', 'SPEC', '[]', ${at}, ${at})`,
    ...["active", "completed"].map(
      (state) => `INSERT INTO workers
        (project_id, id, task_id, role, writes_code, state, started_by, started_at, heartbeat_at)
        VALUES ('p', 'W-${state}', 'SPEC-001', 'backend', 1, '${state}', 'me', ${at}, ${at})`
    ),
    ...[
      ["S-000001", 1, "NULL"],
      ["S-000002", 1, at],
      ["S-000003", 0, "NULL"]
    ].map(
      ([
        id,
        continues,
        resumed
      ]) => `INSERT INTO sessions (project_id, id, handoff, continues, saved_by, saved_at, resumed_at)
        VALUES ('p', '${id}', 'Go on', ${continues}, 'me', ${at}, ${resumed})`
    ),
    `INSERT INTO counters VALUES ('p', 'flaky', 3, ${at})`,
    `INSERT INTO tasks (project_id, id, id_key, type, title, phase, touches, created_at, updated_at)
     VALUES ('p', 'SPEC-002', 'spec-002', 'feature', 'Part', 'SPEC', '[]', ${at}, ${at})`,
    ...["removed", "undone"].map(
      (reason, index) => `INSERT INTO trash (project_id, seq, task_id, folder, path, reason, state, trashed_at)
        VALUES ('p', ${index}, 'SPEC-00${index + 1}', '/t/${index}', '/w/${index}', '${reason}', 'kept', ${at})`
    )
  ]
  const database = Effect.acquireRelease(
    Effect.sync(() => Path.join(Fs.mkdtempSync(Path.join(Os.tmpdir(), "calm-core-")), "metadata.db")),
    (path) => Effect.sync(() => Fs.rmSync(Path.dirname(path), { recursive: true, force: true }))
  ).pipe(
    Effect.tap((path) =>
      Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.forEach(rows, (row) => sql.unsafe(row))).pipe(
        Effect.provide(Sql.layerFile(path))
      )
    )
  )

  it.scoped("every kind of word is asked for in words that the database understands", () =>
    Effect.gen(function* () {
      const path = yield* database
      const words = (kind: Kind) =>
        glance(path, (found) => offered(kind, { rows: found, project: "p", roles: () => [], backups: () => [] }))
      // A glance that went wrong gives nothing at all, and not an empty list.
      for (const kind of kinds) assert.isDefined(words(kind), kind)
      assert.deepStrictEqual(words("worker"), ["W-active"])
      assert.deepStrictEqual(words("session"), ["S-000003", "S-000002", "S-000001"])
      assert.deepStrictEqual(words("pending-session"), ["S-000001"])
      assert.deepStrictEqual(words("counter"), ["flaky"])
      // What was made by half and undone cannot be restored.
      assert.deepStrictEqual(words("task-in-trash"), ["SPEC-001"])
    })
  )
})
