/** Roles: what an agent is asked to be, and what the role allows. A role is a Markdown file with front matter. */
import * as Schema from "effect/Schema"
import { RoleName } from "./Ids.ts"
import * as Phase from "./Phase.ts"
import { ReviewType } from "./Review.ts"

/**
 * The front matter of a role file. `_base.md` has none: it is the part that all roles share.
 *
 *     ---
 *     title: Backend engineer
 *     summary: Implements a feature's proposal in code and tests
 *     phases: [IMPLEMENT, CODE_REVIEW]
 *     reviews: []
 *     writesCode: true
 *     ---
 */
export const FrontMatter = Schema.Struct({
  /** What the role is called in a sentence. */
  title: Schema.NonEmptyString,
  /** One line: what it is for. */
  summary: Schema.NonEmptyString,
  /** The phases in which a task needs it. */
  phases: Schema.Array(Phase.Phase),
  /** The types of review that it may record. */
  reviews: Schema.Array(ReviewType),
  /** May it change code? A worker who may counts as one who implemented its task. */
  writesCode: Schema.Boolean
})
export type FrontMatter = typeof FrontMatter.Type

/** Where a role's file was found, in the order in which they are looked for. */
export const RoleSource = Schema.Literal("home", "project", "claude", "built-in")
export type RoleSource = typeof RoleSource.Type

export const Role = Schema.Struct({
  name: RoleName,
  source: RoleSource,
  /** Path of the file, absolute. */
  path: Schema.String,
  /** `null` for a file without front matter: nothing is restricted then. */
  frontMatter: Schema.NullOr(FrontMatter),
  /** The Markdown below the front matter. */
  prompt: Schema.String
}).annotations({ identifier: "Role" })
export type Role = typeof Role.Type
