/** Who reviews, and whether they may. */
import { PersonName, personKey, type WorkerId } from "@calm/domain/Ids"
import type { Review } from "@calm/domain/Review"
import type { Task } from "@calm/domain/Task"
import type { Git } from "@calm/git/Git"
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CurrentActor } from "../../events/CurrentActor.ts"
import { CurrentProject } from "../../projects/CurrentProject.ts"
import * as WorkerRows from "../../workers/internal/WorkerRows.ts"
import { WorkerNotFound } from "../../workers/WorkerErrors.ts"
import { ImplementerApproves, ReviewerMismatch, ReviewerUnknown, ReviewNotInRole } from "../ReviewErrors.ts"
import type { Entry } from "../Reviews.ts"

type Reviewer = Pick<Review, "reviewer" | "workerId">

interface Ports {
  readonly git: Context.Tag.Service<Git>
  readonly sql: SqlClient.SqlClient
}

export const make = ({ git, sql }: Ports) => {
  const workers = WorkerRows.make(sql)
  const worker = (id: WorkerId): Reviewer => ({ reviewer: PersonName.make(id), workerId: id })

  return {
    /** The worker, else the name that is given, else git's user. */
    of: Effect.fnUntraced(function* (task: Task, entry: Entry) {
      const actor = yield* CurrentActor
      const project = yield* CurrentProject
      if (actor.workerId !== null) {
        const given = entry.worker ?? entry.by
        if (given !== undefined && personKey(given) !== personKey(actor.workerId))
          return yield* new ReviewerMismatch({ given, actual: actor.workerId })
        return worker(actor.workerId)
      }
      if (entry.worker !== undefined) return worker(entry.worker)
      if (entry.by !== undefined) return { reviewer: entry.by, workerId: null }
      const user = yield* git.userName(project.path)
      const name = Option.filter(user, Schema.is(PersonName))
      if (Option.isNone(name)) return yield* new ReviewerUnknown({ id: task.id, type: entry.type })
      const reviewer: Reviewer = { reviewer: name.value, workerId: null }
      return reviewer
    }),

    /**
     * Refuses a review of a type that its author's role may not record, and an approval by who implemented the task or in
     * the name of a worker that was never started. Gives what is odd about it and no reason to refuse. SQL only.
     */
    permitted: Effect.fnUntraced(function* (
      task: Task,
      { type, verdict }: Entry,
      { reviewer, workerId }: Reviewer,
      implementers: ReadonlyArray<string>
    ) {
      const project = yield* CurrentProject
      const key = personKey(workerId ?? reviewer)
      if (verdict === "approved" && implementers.some((implementer) => personKey(implementer) === key))
        return yield* new ImplementerApproves({ id: task.id, type, reviewer })
      const found = yield* workers.named(project.id, workerId ?? reviewer)
      if (Option.isNone(found)) {
        // A name that nobody was started under has no role to go by, and could be as many reviewers as one likes.
        if (workerId !== null && verdict === "approved") return yield* new WorkerNotFound({ id: workerId })
        return []
      }
      const { id, mayReview, role, taskId } = found.value
      if (mayReview !== null && !mayReview.includes(type))
        return yield* new ReviewNotInRole({ id: task.id, type, worker: id, role, may: mayReview })
      return taskId === task.id ? [] : [`${id} was started on ${taskId}, not on ${task.id}`]
    })
  }
}
