/** The published schemas of the configuration files, and the tables of their keys in docs/configuration.md. */
import * as ConfigKeys from "@calm/domain/ConfigKeys"
import { HomeConfig } from "@calm/domain/HomeConfig"
import { ProjectConfig } from "@calm/domain/ProjectConfig"
import * as JSONSchema from "effect/JSONSchema"

const schemas = { project: ProjectConfig, home: HomeConfig }

/** The files that have a schema. */
export const files = ["project", "home"] as const
export type File = (typeof files)[number]

/** The JSON Schema of a configuration file. */
export const jsonSchema = (file: File): JSONSchema.JsonSchema7Root =>
  file === "project" ? JSONSchema.make(ProjectConfig) : JSONSchema.make(HomeConfig)

/** The text of the published file: schemas/project.schema.json, schemas/config.schema.json. */
export const published = (file: File): string => `${JSON.stringify(jsonSchema(file), null, 2)}\n`

/** The keys of a configuration file, in its order. */
export const keys = (file: File): ReadonlyArray<ConfigKeys.ConfigKey> => ConfigKeys.of(schemas[file])

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``

const row = ({ default: standard, description, example, key, value }: ConfigKeys.ConfigKey): string => {
  const kind = example === undefined ? value : `${value}: ${code(example)}`
  return `| \`${key}\` | ${kind} | ${standard === undefined ? "" : code(standard)} | ${description} |`
}

/** The keys of a configuration file as a table in Markdown. */
export const table = (file: File): string =>
  ["| key | value | default | what it does |", "|---|---|---|---|", ...keys(file).map(row)].join("\n")
