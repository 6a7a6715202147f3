/** `.calm/project.json`: what a project says about itself. Gates read it from the tip of the base branch. */
import * as Schema from "effect/Schema"
import * as Document from "./Document.ts"

/** A text that is not empty, described where it is used. */
const Word = Schema.String.pipe(Schema.minLength(1, { title: "Text" }))

/** A program with its arguments; never run by a shell. */
export const Command = Schema.NonEmptyArray(Word)
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

/** Seconds a check may take by default. */
export const defaultTimeout = 600

/** Seconds that a check may take: a day at most. */
export const Timeout = Schema.Number.pipe(Schema.greaterThan(0), Schema.lessThanOrEqualTo(86_400)).annotations({
  title: "Timeout",
  message: ({ actual }) => ({
    message: `it is a number of seconds, above 0 and at most 86400, and not ${JSON.stringify(actual)}`,
    override: true
  })
})

/** How many skipped tests are allowed. */
export const AllowedSkips = Schema.Number.pipe(Schema.int(), Schema.nonNegative()).annotations({
  title: "Allowed skips",
  message: ({ actual }) => ({
    message: `it is a whole number, 0 or more, and not ${JSON.stringify(actual)}`,
    override: true
  })
})

const command = (title: string, description: string, example: Command) =>
  Command.annotations({ title, description, examples: [example] })

/** How strict the project's gates are, and own commands in place of the detected tools. */
export const GateSettings = Schema.Struct({
  requireAll: Schema.optional(
    Schema.Boolean.annotations({ title: "Require all", description: "A skipped check fails", default: false })
  ),
  noTests: Schema.optional(
    Schema.Boolean.annotations({
      title: "No tests",
      description: "The project has no tests: a skipped check of the tests does not fail",
      default: false
    })
  ),
  allowedSkips: Schema.optional(
    AllowedSkips.annotations({
      description: "How many skipped tests are allowed where none may be skipped",
      default: 0
    })
  ),
  timeout: Schema.optional(
    Timeout.annotations({ description: "Seconds that a check may take", default: defaultTimeout })
  ),
  tests: Schema.optional(command("Tests", "Runs the tests, in place of the tool that is detected", ["npm", "test"])),
  linter: Schema.optional(
    command("Linter", "Runs the linter, in place of the tool that is detected", ["npm", "run", "lint"])
  ),
  types: Schema.optional(command("Types", "Checks the types, in place of the tool that is detected", ["npx", "tsc"])),
  fullTests: Schema.optional(
    command("Full tests", "Runs the full tests; without it they share the result of the tests", [
      "npm",
      "run",
      "test:all"
    ])
  )
}).annotations({ title: "Gates", description: "How strict the gates are, and what the checks run" })

export const ProjectConfig = Schema.Struct({
  $schema: Schema.optional(Schema.String.annotations({ description: "The JSON Schema of this file, for editors" })),
  kind: Schema.optional(
    Kind.annotations({
      title: "Kind",
      description: "The language of the whole repository, where it is detected wrongly"
    })
  ),
  kinds: Schema.optional(
    Schema.Record({ key: Folder, value: Kind }).annotations({
      title: "Kinds",
      description: "The language of each folder, for several in one repository",
      examples: [{ web: "javascript", ".": "python" }]
    })
  ),
  setup: Schema.optional(
    command("Setup", "Prepares a fresh worktree; without it dependencies are installed by lock file", ["npm", "ci"])
  ),
  docFolders: Schema.optional(
    Schema.Array(Folder).annotations({
      title: "Document folders",
      description: "Folders of documents, left out of the digests of the code and of the change",
      default: Document.defaultFolders
    })
  ),
  testPatterns: Schema.optional(
    Schema.Array(
      Word.pipe(
        Schema.filter((text) => {
          try {
            return new RegExp(text) instanceof RegExp
          } catch {
            return "not a regular expression"
          }
        })
      )
    ).annotations({
      title: "Test patterns",
      description:
        "What the path of a test contains: regular expressions; without them, common names of many languages",
      examples: [["^checks/", "\\.cy\\.ts$"]]
    })
  ),
  gates: Schema.optional(GateSettings)
}).annotations({
  title: "calm: .calm/project.json",
  description: "What a project says about itself to calm. It is read from the tip of the base branch."
})
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
