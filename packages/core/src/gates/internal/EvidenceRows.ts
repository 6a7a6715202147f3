/** The rows of evidence and approvals: append-only. */
import { Approval, Evidence } from "@calm/domain/Evidence"
import { Digest, ProjectId, TaskId } from "@calm/domain/Ids"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Statement from "@calm/sql/Statement"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Flag } from "../../internal/Flag.ts"
import { returned } from "../../internal/returned.ts"

const Row = Schema.Struct({
  ...Evidence.omit("counts", "timedOut").fields,
  passed: Schema.NullOr(Schema.Int),
  failed: Schema.NullOr(Schema.Int),
  skipped: Schema.NullOr(Schema.Int),
  timedOut: Flag
})

const Key = Schema.Struct({ project: ProjectId, task: TaskId })

export const make = (sql: SqlClient.SqlClient) => {
  const evidence = Statement.findAll(() => ({
    Request: Schema.Struct({ ...Key.fields, code: Schema.NullOr(Digest) }),
    Result: Row,
    execute: ({ code, project, task }) => sql`
      SELECT check_key AS "key", status, passed, failed, skipped, summary, tail, hint, log_file AS "logFile",
        timed_out AS "timedOut", commit_sha AS "commit", base_sha AS "base", code_digest AS "codeDigest",
        definitions_digest AS "definitionsDigest", duration_ms AS "duration", at
      FROM evidence WHERE project_id = ${project} AND seq IN (
        SELECT MAX(seq) FROM evidence WHERE project_id = ${project} AND task_id = ${task} GROUP BY check_key
        UNION
        SELECT MAX(seq) FROM evidence
        WHERE project_id = ${project} AND task_id = ${task} AND code_digest = ${code}
        GROUP BY check_key, definitions_digest)
      ORDER BY seq`
  }))
  const durations = Statement.findAll(() => ({
    Request: Schema.Struct({ project: ProjectId }),
    Result: Schema.Struct({ key: Schema.String, duration: Schema.Number }),
    execute: ({ project }) => sql`
      SELECT check_key AS "key", duration_ms AS "duration" FROM evidence WHERE project_id = ${project} AND seq IN (
        SELECT MAX(seq) FROM evidence WHERE project_id = ${project} AND status = 'passed' GROUP BY check_key)`
  }))
  const insertEvidence = Statement.void(() => ({
    Request: Schema.Struct({ ...Row.fields, project: ProjectId, task: TaskId, actor: Schema.String }),
    execute: (row) => sql`
      INSERT INTO evidence (project_id, seq, task_id, check_key, commit_sha, base_sha, code_digest, definitions_digest,
        status, passed, failed, skipped, summary, tail, hint, log_file, timed_out, duration_ms, actor, at)
      SELECT ${row.project}, COALESCE(MAX(seq), 0) + 1, ${row.task}, ${row.key}, ${row.commit}, ${row.base}, ${row.codeDigest},
        ${row.definitionsDigest}, ${row.status}, ${row.passed}, ${row.failed}, ${row.skipped}, ${row.summary}, ${row.tail},
        ${row.hint}, ${row.logFile}, ${row.timedOut}, ${row.duration}, ${row.actor}, ${row.at}
      FROM evidence WHERE project_id = ${row.project}`
  }))
  const approvals = Statement.findAll(() => ({
    Request: Key,
    Result: Approval,
    execute: ({ project, task }) => sql`
      SELECT seq, gate, person, commit_sha AS "commit", digest, notes, at
      FROM approvals WHERE project_id = ${project} AND task_id = ${task} ORDER BY seq`
  }))
  const insertApproval = Statement.single(() => ({
    Request: Schema.Struct({ ...Approval.omit("seq").fields, project: ProjectId, task: TaskId }),
    Result: Schema.Struct({ seq: Schema.Int }),
    execute: (row) => sql`
      INSERT INTO approvals (project_id, seq, task_id, gate, person, commit_sha, digest, notes, at)
      SELECT ${row.project}, COALESCE(MAX(seq), 0) + 1, ${row.task}, ${row.gate}, ${row.person}, ${row.commit}, ${row.digest},
        ${row.notes}, ${row.at}
      FROM approvals WHERE project_id = ${row.project} RETURNING seq`
  }))

  return {
    /** What a verdict may need: of each check the last result, and the last ones for this code. */
    evidence: (project: ProjectId, task: TaskId, code: Digest | null) => evidence({ project, task, code }),
    /** How long the last run of each check that passed took, in milliseconds. */
    durations: (project: ProjectId) =>
      Effect.map(durations({ project }), (rows) => new Map(rows.map(({ duration, key }) => [key, duration]))),
    toEvidence: ({ failed, passed, skipped, ...row }: typeof Row.Type): Evidence => ({
      ...row,
      counts: passed === null || failed === null ? null : { passed, failed, skipped }
    }),
    recordEvidence: (project: ProjectId, task: TaskId, actor: string, { counts, ...row }: Evidence) =>
      insertEvidence({
        ...row,
        passed: counts?.passed ?? null,
        failed: counts?.failed ?? null,
        skipped: counts?.skipped ?? null,
        project,
        task,
        actor
      }),
    approvals: (project: ProjectId, task: TaskId) => approvals({ project, task }),
    recordApproval: (project: ProjectId, task: TaskId, approval: Omit<Approval, "seq">) =>
      returned(insertApproval({ ...approval, project, task }))
  }
}
