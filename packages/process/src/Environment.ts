/** What a process is born with: its variables, its folders, its user. Read once, through a service. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { homedir, userInfo } from "node:os"
import { isAbsolute } from "node:path"

/** What the process was born with. */
export class Environment extends Context.Tag("@calm/process/Environment")<
  Environment,
  {
    readonly variables: Readonly<Record<string, string | undefined>>
    /** The current folder, absolute. It need not exist any more. */
    readonly cwd: string
    /** The user's home folder, absolute. */
    readonly home: string
    /** The system's name of the user. */
    readonly user: string
    /** The Node executable that runs this program. */
    readonly node: string
  }
>() {}

/** An environment given as a value. */
export const layerOf = (environment: Context.Tag.Service<typeof Environment>): Layer.Layer<Environment> =>
  Layer.succeed(Environment, environment)

const attempt = (read: () => string): string | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** This process's. Each of the three may be missing: a deleted folder, a user id that the system has no name for. */
export const layer: Layer.Layer<Environment> = Layer.sync(Environment, () => {
  const variables = { ...process.env }
  const folder = (...found: ReadonlyArray<string | undefined>): string =>
    found.find((path) => path !== undefined && isAbsolute(path)) ?? "/"
  return {
    variables,
    // In a deleted folder the system knows no path; the shell's still tells where it was.
    cwd: folder(attempt(process.cwd), variables["PWD"]),
    home: folder(
      attempt(homedir),
      attempt(() => userInfo().homedir)
    ),
    user:
      attempt(() => userInfo().username) ?? variables["USER"] ?? variables["LOGNAME"] ?? `${process.getuid?.() ?? ""}`,
    node: process.execPath
  }
})
