import * as Effect from "effect/Effect"
import * as Module from "node:module"
import { dirname } from "node:path"

/**
 * The folder of a package of files that comes with this one (`@calm/gates`, `@calm/roles`), by one file that it exports.
 * Found the way Node finds modules; fails with Node's reason where the package is not installed, as in a bundle.
 */
export const folderOf = (file: string): Effect.Effect<string, string> =>
  Effect.try({
    try: () => dirname(Module.createRequire(import.meta.url).resolve(file)),
    catch: (thrown) => (thrown instanceof Error ? (thrown.message.split("\n")[0] ?? "") : String(thrown))
  })
