/**
 * What every failure of calm has in common: a category (which fixes the exit code), a message and a hint.
 *
 * Each failure is a `TaggedError` with structured fields, declared beside the service that fails with it.
 * It carries `category`, `message` and `hint` as getters, so that the fields stay pure data.
 */

/** The kinds of failure a caller can tell apart. The exit code of the command line follows from it. */
export type Category =
  | "validation"
  | "internal"
  | "database"
  | "not_found"
  | "permission"
  | "timeout"
  | "conflict"
  | "refused"
  | "unavailable"
  | "interrupted"

/** The exit code of each category, as documented in the command contract. */
export const exitCodes: Readonly<Record<Category, number>> = {
  validation: 1,
  internal: 1,
  database: 2,
  not_found: 3,
  permission: 4,
  timeout: 5,
  conflict: 6,
  refused: 7,
  unavailable: 8,
  interrupted: 130
}

/** A failure that calm reports: every typed error of every service satisfies this. */
export interface Problem {
  readonly _tag: string
  /** Fixes the exit code. */
  readonly category: Category
  /** One line: what is wrong. */
  readonly message: string
  /** One line: a command that mends it, or `null` where there is none. */
  readonly hint: string | null
}

const order: ReadonlyArray<Category> = ["refused", "conflict", "timeout", "unavailable"]

/**
 * The category that several reasons amount to: the first present of refused, conflict, timeout, unavailable
 * (exit codes 7, 6, 5, 8). `undefined` for no reasons.
 */
export const worst = (categories: Iterable<Category>): Category | undefined => {
  const present = new Set(categories)
  return order.find((category) => present.has(category)) ?? present.values().next().value
}

/** The stable code of a failure in `--json`: `TaskNotFound` becomes `task_not_found`, `NotARepository` `not_a_repository`. */
export const codeOf = (tag: string): string =>
  tag.replace(/(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z](?=[a-z]))/g, "_$1$2").toLowerCase()

/** Is this value a failure of calm's own (as against a defect)? */
export const isProblem = (u: unknown): u is Problem =>
  typeof u === "object" &&
  u !== null &&
  "_tag" in u &&
  "category" in u &&
  typeof u.category === "string" &&
  Object.hasOwn(exitCodes, u.category) &&
  "message" in u &&
  "hint" in u
