/**
 * `config.json` in calm's home folder: what a user sets for all projects. Of the gates it can only make them stricter, so
 * that nobody's own settings let through what the project's base would stop.
 */
import * as Schema from "effect/Schema"
import { defaultKeptBackups } from "./HomeSettings.ts"
import * as ProjectConfig from "./ProjectConfig.ts"
import { defaultStaleAfter } from "./Worker.ts"
import { keptDays } from "./Worktree.ts"

/** When text is coloured: on a terminal, or never. What goes into a pipe has no colour in any case. */
export const Color = Schema.Literal("auto", "never")
export type Color = typeof Color.Type

const Age = Schema.String.pipe(
  Schema.pattern(/^(?=.*[1-9])(?:\d{1,9}[smhdw])+$/, { message: () => "it is how long, as in 30m, 2h or 1d" })
)

const Path = Schema.String.pipe(
  Schema.pattern(/^(?:\/|[A-Za-z]:[\\/])/, { message: () => "it is a path from the root, such as /data/calm.db" })
)

export const HomeConfig = Schema.Struct({
  $schema: Schema.optional(Schema.String.annotations({ description: "The JSON Schema of this file, for editors" })),
  color: Schema.optional(
    Color.annotations({
      title: "Color",
      description: "Colour on a terminal (auto) or nowhere (never); NO_COLOR goes before it",
      default: "auto"
    })
  ),
  database: Schema.optional(
    Path.annotations({
      title: "Database",
      description: "The database file, if it is not metadata.db in calm's home folder",
      examples: ["/data/calm.db"]
    })
  ),
  gates: Schema.optional(
    Schema.Struct({
      requireAll: Schema.optional(
        Schema.Literal(true).annotations({
          title: "Require all",
          description: "A skipped check fails in every project",
          message: () => "it can only be true: what is set for all projects makes gates stricter"
        })
      ),
      allowedSkips: Schema.optional(
        ProjectConfig.AllowedSkips.annotations({
          description: "No project may allow more skipped tests than this where none may be skipped"
        })
      ),
      timeout: Schema.optional(
        ProjectConfig.Timeout.annotations({
          description: "No check may take more seconds than this, whatever the project allows"
        })
      )
    }).annotations({ title: "Gates", description: "Stricter gates in every project; nothing here makes them laxer" })
  ),
  workers: Schema.optional(
    Schema.Struct({
      staleAfter: Schema.optional(
        Age.annotations({
          title: "Stale after",
          description: "How long a worker may be silent before it counts as stale",
          default: `${defaultStaleAfter / 3_600_000}h`
        })
      )
    }).annotations({ title: "Workers" })
  ),
  backups: Schema.optional(
    Schema.Struct({
      keep: Schema.optional(
        Schema.Number.pipe(Schema.int(), Schema.between(1, 10_000)).annotations({
          title: "Keep",
          description: "How many automatic backups are kept; named ones always are",
          default: defaultKeptBackups,
          message: ({ actual }) => ({
            message: `it is a whole number from 1 to 10000, and not ${JSON.stringify(actual)}`,
            override: true
          })
        })
      )
    }).annotations({ title: "Backups" })
  ),
  trash: Schema.optional(
    Schema.Struct({
      keepDays: Schema.optional(
        Schema.Number.pipe(Schema.between(keptDays, 36_500)).annotations({
          title: "Keep days",
          description: "Days that a removed worktree stays in the trash",
          default: keptDays,
          message: ({ actual }) => ({
            message: `it is a number of days from ${keptDays} to 36500, and not ${JSON.stringify(actual)}`,
            override: true
          })
        })
      )
    }).annotations({ title: "Trash" })
  )
}).annotations({
  title: "calm: config.json",
  description: "What a user sets for all projects, in calm's home folder (~/.calm, or CALM_HOME)."
})
export type HomeConfig = typeof HomeConfig.Type

/** A project's configuration with what the user sets for all projects: the stricter of both. */
export const tightened = (project: ProjectConfig.ProjectConfig, { gates }: HomeConfig): ProjectConfig.ProjectConfig => {
  if (gates === undefined) return project
  const { allowedSkips, timeout } = gates
  return {
    ...project,
    gates: {
      ...project.gates,
      ...(gates.requireAll === true ? { requireAll: true } : {}),
      ...(allowedSkips === undefined ? {} : { allowedSkips: Math.min(allowedSkips, project.gates?.allowedSkips ?? 0) }),
      ...(timeout === undefined
        ? {}
        : { timeout: Math.min(timeout, project.gates?.timeout ?? ProjectConfig.defaultTimeout) })
    }
  }
}
