/** Where calm's things lie, from what surrounds the process. Without Effect, and reading nothing. */
import { join, resolve } from "node:path"

interface Surroundings {
  /** Both absolute. */
  readonly cwd: string
  readonly home: string
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** The value of a variable; an empty one is one that is not set. */
export const variable = ({ variables }: Pick<Surroundings, "variables">, name: string): string | undefined =>
  variables[name] === "" ? undefined : variables[name]

/** calm's own folder. */
export const homeOf = (surroundings: Surroundings): string =>
  resolve(surroundings.cwd, variable(surroundings, "CALM_HOME") ?? join(surroundings.home, ".calm"))

/** What the user has set for all projects lies here. */
export const configOf = (home: string): string => join(home, "config.json")

/** The database; `configured` is what the user's configuration names. */
export const databaseOf = (surroundings: Surroundings, home: string, configured: string | undefined): string => {
  const named = variable(surroundings, "CALM_DB_PATH")
  return named === undefined ? resolve(home, configured ?? "metadata.db") : resolve(surroundings.cwd, named)
}

/** The folder in whose project a command acts; `named` is `--project`. */
export const folderOf = (surroundings: Surroundings, named: string | undefined): string =>
  resolve(surroundings.cwd, named ?? variable(surroundings, "CALM_PROJECT") ?? "")

/** What must be known of the user's configuration before it can be read with care: every command does that later. */
export interface Said {
  readonly color: string | undefined
  readonly database: string | undefined
}

/** A quick look into the text of `config.json`. What is wrong with it is not told here. */
export const said = (text: string | undefined): Said => {
  let entries: ReadonlyArray<readonly [string, unknown]> = []
  try {
    // oxlint-disable-next-line no-restricted-properties -- a schema would take longer to load than all of this
    const read: unknown = JSON.parse(text ?? "{}")
    if (typeof read === "object" && read !== null) entries = Object.entries(read)
  } catch {
    // Every command that reads it with care will tell.
  }
  const textAt = (key: string): string | undefined => {
    const value = entries.find(([name]) => name === key)?.[1]
    return typeof value === "string" ? value : undefined
  }
  return { color: textAt("color"), database: textAt("database") }
}
