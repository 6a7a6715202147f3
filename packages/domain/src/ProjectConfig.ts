/** `.calm/project.json`: what a project says about itself. Gates read it from the tip of the base branch. */
import * as Schema from "effect/Schema"
import * as Document from "./Document.ts"

/** A program with its arguments; never run by a shell. */
export const Command = Schema.NonEmptyArray(Schema.NonEmptyString)
export type Command = typeof Command.Type

/** The languages that the built-in checks know. */
export const Kind = Schema.Literal("javascript", "python", "rust", "go", "shell")
export type Kind = typeof Kind.Type

/** A folder from the repository's root: relative, no `..`, `/` as separator. */
const Folder = Schema.String.pipe(
  Schema.filter((text) =>
    text === "." ||
    (!/[\\\u0000-\u001f\u007f]|^[A-Za-z]:/.test(text) &&
      !text.split("/").some((part) => part === "" || part === "." || part === ".."))
      ? undefined
      : "a folder is a relative path inside the repository, without '..'"
  )
)

/** How strict the project's gates are, and own commands in place of the detected tools. */
export const GateSettings = Schema.Struct({
  /** A skipped check fails. */
  requireAll: Schema.optional(Schema.Boolean),
  /** The project has no tests: a skipped `tests` check does not fail. */
  noTests: Schema.optional(Schema.Boolean),
  /** How many skipped tests are allowed where none may be skipped. */
  allowedSkips: Schema.optional(Schema.NonNegativeInt),
  /** Seconds a check may take. */
  timeout: Schema.optional(Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(86_400))),
  tests: Schema.optional(Command),
  linter: Schema.optional(Command),
  types: Schema.optional(Command),
  /** What *full tests* runs; without it they share the result of `tests`. */
  fullTests: Schema.optional(Command)
})

export const ProjectConfig = Schema.Struct({
  $schema: Schema.optional(Schema.String),
  /** The one kind of the whole repository; without it the kinds are detected. */
  kind: Schema.optional(Kind),
  /** The kind of each folder, for several in one repository. */
  kinds: Schema.optional(Schema.Record({ key: Folder, value: Kind })),
  /** Prepares a fresh worktree: installs dependencies. */
  setup: Schema.optional(Command),
  /** Folders of documents, left out of the code and change digests. */
  docFolders: Schema.optional(Schema.Array(Folder)),
  /** What the path of a test file contains; regular expressions. Without it, common names of many languages. */
  testPatterns: Schema.optional(
    Schema.Array(
      Schema.NonEmptyString.pipe(
        Schema.filter((text) => {
          try {
            return new RegExp(text) instanceof RegExp
          } catch {
            return "not a regular expression"
          }
        })
      )
    )
  ),
  gates: Schema.optional(GateSettings)
}).annotations({ identifier: "ProjectConfig" })
export type ProjectConfig = typeof ProjectConfig.Type

/** A project that says nothing about itself. */
export const empty: ProjectConfig = {}

/** The document folders in force. */
export const docFolders = (config: ProjectConfig): ReadonlyArray<string> => config.docFolders ?? Document.defaultFolders

const commonTestPaths = [
  /(?:^|\/)(?:tests?|__tests__|spec|specs)\//,
  /[._-](?:test|spec)\.[A-Za-z0-9]+$/,
  /(?:^|\/)tests?\.[A-Za-z0-9]+$/,
  /(?:^|\/)test_[^/]+\.py$/,
  /_test\.(?:go|py|rs|rb|exs?)$/
]

/** Is this path a test, by the project's patterns or by the common names? */
export const isTest = (config: ProjectConfig, path: string): boolean =>
  (config.testPatterns?.map((pattern) => new RegExp(pattern)) ?? commonTestPaths).some((pattern) => pattern.test(path))

/** Seconds a check may take by default. */
export const defaultTimeout = 600
