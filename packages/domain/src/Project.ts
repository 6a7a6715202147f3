/** Projects: git repositories, named by the path of their main checkout. */
import * as Schema from "effect/Schema"
import { ProjectId, Time } from "./Ids.ts"

export const Project = Schema.Struct({
  id: ProjectId,
  /** The main checkout, absolute. */
  path: Schema.String,
  /** Git's common folder, absolute. */
  commonDir: Schema.String,
  /** Short name of the branch that finished work goes to. */
  baseBranch: Schema.String,
  createdAt: Time
}).annotations({ identifier: "Project" })
export type Project = typeof Project.Type
