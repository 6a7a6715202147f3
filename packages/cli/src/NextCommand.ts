/**
 * The commands that calm tells people and programs to run. Where the project was named with `--project`, they name it,
 * too: typed in the same folder they must mean the same project.
 *
 * Nothing here depends on Effect.
 */
import { word } from "@calm/domain/CommandLine"

/** Where a command begins: at the start, after an operator, a parenthesis or a colon, after variables that are set. */
const call = /(?<=^|[:;&|(]\s*|^(?:\w+=\S*\s+)+)calm (?=[a-z])/g

/** The same path in fewer characters: thousands of slashes in a row are no more than one. */
const shorter = (path: string): string => path.replace(/\/(?:\.?\/)+/g, "/")

/** A command line as it must be typed to mean the project; `undefined` where none was named. */
export const inProject = (project: string | undefined, line: string): string =>
  project === undefined || line.includes("--project") || line.endsWith(" --help")
    ? line
    : line.replace(call, `calm --project ${word(shorter(project)).replaceAll("$", "$$$$")} `)

/** The fields of an answer that hold a command to run. */
const commands: ReadonlySet<string> = new Set(["hint", "next", "command", "commands"])

/** What is printed as JSON, with the project in each of its commands. */
export const inProjectAll = (project: string | undefined, value: unknown, key = ""): unknown => {
  if (project === undefined) return value
  if (typeof value === "string") return commands.has(key) ? inProject(project, value) : value
  if (Array.isArray(value)) return value.map((part) => inProjectAll(project, part, key))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inProjectAll(project, inner, name)]))
}
