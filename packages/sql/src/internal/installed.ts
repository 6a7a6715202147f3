/**
 * What keeps better-sqlite3 from being loaded: an installation that ran no scripts, another Node than it was built for,
 * damage. SQLite itself says nothing then, for it does not run.
 */
import * as Fs from "node:fs"
import * as Module from "node:module"
import * as Path from "node:path"

/** Why it cannot be loaded. */
export interface Fault {
  /** `NOT_INSTALLED`: it, or a package that it needs, is not there · `NOT_BUILT`: its native part is missing or does not fit. */
  readonly code: "NOT_INSTALLED" | "NOT_BUILT"
  /** The folder of better-sqlite3; where it is not there, that of the package which needs it. */
  readonly path: string
  readonly message: string
}

/** The folder of the package that a file is a part of. */
const packageOf = (folder: string): string => {
  const parent = Path.dirname(folder)
  return parent === folder || Fs.existsSync(Path.join(folder, "package.json")) ? folder : packageOf(parent)
}

const notInstalled = (message: string): Fault => ({
  code: "NOT_INSTALLED",
  path: packageOf(import.meta.dirname),
  message
})

const notBuilt = (message: string): Fault => {
  try {
    const manifest = Module.createRequire(import.meta.url).resolve("better-sqlite3/package.json")
    return { code: "NOT_BUILT", path: Path.dirname(manifest), message }
  } catch {
    return notInstalled("better-sqlite3 is not there")
  }
}

/** What the system says of a native part that it cannot load. */
const wordsOf = (message: string): string => {
  const [built, wanted] = Array.from(message.matchAll(/NODE_MODULE_VERSION (\d+)/g), ([, version]) => version)
  return built !== undefined && wanted !== undefined
    ? `it was built for another Node (NODE_MODULE_VERSION ${built}, this Node has ${wanted})`
    : (/\.node: (.+)/.exec(message)?.[1] ?? message)
}

/** The fault behind what better-sqlite3, or loading it, has thrown; none where it was loaded. */
export const faultOf = (cause: unknown): Fault | undefined => {
  if (!(cause instanceof Error)) return undefined
  // The package `bindings`, which looks for the native part, says so where it found none.
  if ("tries" in cause) return notBuilt("it was not built")
  switch ("code" in cause ? cause.code : undefined) {
    case "MODULE_NOT_FOUND":
    case "ERR_MODULE_NOT_FOUND":
      return notInstalled(cause.message.split(/\n| imported from /, 1)[0] ?? "")
    case "ERR_DLOPEN_FAILED":
      return notBuilt(wordsOf(cause.message))
    default:
      return undefined
  }
}
