/** The gate table: what must hold for a task to move from one phase to the next. Data, decoded by these schemas. */
import * as Schema from "effect/Schema"
import * as Document from "./Document.ts"
import * as Phase from "./Phase.ts"
import * as ProjectConfig from "./ProjectConfig.ts"
import { ReviewType } from "./Review.ts"

const named = { name: Schema.NonEmptyString.pipe(Schema.maxLength(60)) }

/** A program that looks at the code: a script of `gates/`, a project's own under `.calm/`, or a command. */
export const ScriptCheck = Schema.Struct({
  kind: Schema.Literal("script"),
  ...named,
  /** A built-in script's name, or the path of the project's own (`.calm/checks/licences.mjs`), read from the base. */
  script: Schema.optional(
    Schema.String.pipe(
      Schema.pattern(/^(?:tests|linter|types|todos|\.calm\/(?:[\w-][\w.-]*\/)*[\w-][\w.-]*)$/, {
        message: () => "a script is one of tests, linter, types, todos, or the path of a file under .calm/"
      })
    )
  ),
  /** A command run in the worktree instead of a script. */
  command: Schema.optional(ProjectConfig.Command),
  /** Runs `gates.fullTests` where the project names one. */
  full: Schema.optionalWith(Schema.Boolean, { default: () => false }),
  /** More skipped tests than allowed fail. */
  noSkips: Schema.optionalWith(Schema.Boolean, { default: () => false })
}).pipe(
  Schema.filter((check) =>
    (check.script === undefined) === (check.command === undefined)
      ? `the check "${check.name}" needs either a script or a command`
      : undefined
  )
)
export type ScriptCheck = typeof ScriptCheck.Type

/** Approvals by different reviewers of the very thing as it is now. */
export const ReviewsCheck = Schema.Struct({
  kind: Schema.Literal("reviews"),
  ...named,
  review: ReviewType,
  count: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 20)), { default: () => 2 })
})
export type ReviewsCheck = typeof ReviewsCheck.Type

/** A person's approval, bound to the document or change it judges. */
export const ApprovalCheck = Schema.Struct({
  kind: Schema.Literal("approval"),
  ...named,
  judges: Schema.Literal("spec", "proposal", "change")
})
export type ApprovalCheck = typeof ApprovalCheck.Type

/** A committed document with its sections filled in. */
export const DocumentCheck = Schema.Struct({
  kind: Schema.Literal("document"),
  ...named,
  document: Document.DocumentKind,
  sections: Schema.optionalWith(Schema.Array(Document.Section), { default: () => [] })
})
export type DocumentCheck = typeof DocumentCheck.Type

/** The branch changes code; where `orApproval`, a person's approval of the gate replaces it for documents alone. */
export const CodeChangedCheck = Schema.Struct({
  kind: Schema.Literal("code-changed"),
  ...named,
  orApproval: Schema.optionalWith(Schema.Boolean, { default: () => false })
})
export type CodeChangedCheck = typeof CodeChangedCheck.Type

/** The branch adds or changes a test. */
export const TestChangedCheck = Schema.Struct({ kind: Schema.Literal("test-changed"), ...named })

/** The move is made by `worktree merge` and by nothing else. */
export const MergedCheck = Schema.Struct({ kind: Schema.Literal("merged"), ...named })

/** The recorded merge is an ancestor of the base. */
export const MergeInBaseCheck = Schema.Struct({ kind: Schema.Literal("merge-in-base"), ...named })

/** Somebody says what was verified, with the transition itself. */
export const AttestedCheck = Schema.Struct({ kind: Schema.Literal("attested"), ...named })

/** One condition of a gate. */
export const Check = Schema.Union(
  ScriptCheck,
  ReviewsCheck,
  ApprovalCheck,
  DocumentCheck,
  CodeChangedCheck,
  TestChangedCheck,
  MergedCheck,
  MergeInBaseCheck,
  AttestedCheck
)
export type Check = typeof Check.Type
export type CheckKind = Check["kind"]

/** Checks are told apart by name: of two with one name, a change to the table could reach only one. */
const Checks = Schema.Array(Check).pipe(
  Schema.filter((checks) => {
    const names = checks.map((check) => check.name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    return twice === undefined ? undefined : `two checks have the name "${twice}"`
  })
)

const gateFields = { type: Phase.TaskType, from: Phase.Phase, to: Phase.Phase, checks: Checks }

const isStep = (gate: { readonly type: Phase.TaskType; readonly from: Phase.Phase; readonly to: Phase.Phase }) =>
  Phase.move(gate.type, gate.from, gate.to) === "forward"
    ? undefined
    : `${gate.from}-${gate.to} is no transition of a ${gate.type}`

/** What must hold for one forward move of one type of task. */
export const Gate = Schema.Struct(gateFields).pipe(Schema.filter(isStep))
export type Gate = typeof Gate.Type

/** The built-in table: one file, every forward move of both types. */
export const GateTable = Schema.Struct({ version: Schema.Literal(1), gates: Schema.Array(Gate) }).pipe(
  Schema.filter((table) => {
    const missing = Phase.TaskType.literals.flatMap((type) =>
      Phase.chain(type)
        .slice(0, -1)
        .filter((from) => table.gates.filter((gate) => gate.type === type && gate.from === from).length !== 1)
        .map((from) => `${type} ${from}`)
    )
    return missing.length === 0 ? undefined : `the gate table needs exactly one gate from: ${missing.join(", ")}`
  })
)
export type GateTable = typeof GateTable.Type

/** `.calm/gates.json`: a project's changes to the table. `extend` adds checks, replacing those of the same name. */
export const GateChanges = Schema.Struct({
  $schema: Schema.optional(Schema.String),
  version: Schema.Literal(1),
  gates: Schema.Array(
    Schema.Struct({
      ...gateFields,
      mode: Schema.optionalWith(Schema.Literal("extend", "replace"), { default: () => "extend" })
    }).pipe(Schema.filter(isStep))
  )
}).annotations({ identifier: "GateChanges" })
export type GateChanges = typeof GateChanges.Type

/** A gate's name: `IMPLEMENT-CODE_REVIEW`. */
export const nameOf = (gate: { readonly from: Phase.Phase; readonly to: Phase.Phase }): string =>
  `${gate.from}-${gate.to}`

/** The table with a project's changes applied. */
export const withChanges = (table: GateTable, changes: GateChanges): GateTable => ({
  ...table,
  gates: table.gates.map((gate) =>
    changes.gates
      .filter((change) => change.type === gate.type && change.from === gate.from)
      .reduce<Gate>(
        (current, change) => ({
          ...current,
          checks:
            change.mode === "replace"
              ? change.checks
              : [
                  ...current.checks.map((check) => change.checks.find((other) => other.name === check.name) ?? check),
                  ...change.checks.filter((check) => !current.checks.some((other) => other.name === check.name))
                ]
        }),
        gate
      )
  )
})

/** The gate that a transition's name (`FROM-TO`, or `FROM->TO`) stands for, for this type of task. */
export const find = (table: GateTable, type: Phase.TaskType, name: string): Gate | undefined => {
  const wanted = name.trim().replace("->", "-").toUpperCase()
  return table.gates.find((gate) => gate.type === type && nameOf(gate) === wanted)
}

/** The gate of the next forward move from a phase. */
export const from = (table: GateTable, type: Phase.TaskType, phase: Phase.Phase): Gate | undefined =>
  table.gates.find((gate) => gate.type === type && gate.from === phase)

/** The gates on the way to (and including) the merge, in order. */
export const upToMerge = (table: GateTable, type: Phase.TaskType): ReadonlyArray<Gate> => {
  const order = Phase.chain(type)
  const last = order.indexOf(Phase.mergesFrom(type))
  return order.slice(0, last + 1).flatMap((phase) => from(table, type, phase) ?? [])
}

/** What a script check runs. Checks with the same key share their results. */
export type Run =
  | { readonly key: string; readonly script: string }
  | { readonly key: string; readonly command: ProjectConfig.Command }

/** What a script check runs in a project configured like this. */
export const runOf = (check: ScriptCheck, config: ProjectConfig.ProjectConfig): Run => {
  const command = check.full && config.gates?.fullTests !== undefined ? config.gates.fullTests : check.command
  if (command !== undefined) return { key: `command ${JSON.stringify(command)}`, command }
  const script = check.script ?? check.name
  return { key: script, script }
}
