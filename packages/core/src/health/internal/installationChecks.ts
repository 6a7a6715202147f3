/** Checks of how calm is installed, where it runs as the command: what is missing, and what makes it slow. */
import { commandLine } from "@calm/domain/CommandLine"
import type { SystemErrorReason } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { Home } from "../../home/Home.ts"
import { type Check, error, ok, unclear, warning } from "./checkUp.ts"

const area = "environment"

/** What lies beside the bundle, a folder each. */
const parts = ["gates", "roles"]

/** Where calm is installed. */
export interface Installation {
  /** The folder of the bundle, absolute. */
  readonly folder: string
  /** What `NODE_OPTIONS` of the environment says, if it is set. */
  readonly nodeOptions: string | undefined
}

/** May it be written? The system may not say. */
type Writable = "yes" | "no" | "unclear"

/** That it may not: no right to, no folder, something else in its place. */
const refusals: ReadonlyArray<SystemErrorReason> = ["PermissionDenied", "NotFound", "BadResource"]

export const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* Home

  /** May a file be made in a folder, or the folder itself in the one above it? */
  const writable = (place: string): Effect.Effect<Writable> =>
    Effect.gen(function* () {
      const folder = (yield* files.exists(place)) ? place : path.dirname(place)
      // Fails for a file.
      yield* files.readDirectory(folder)
      yield* files.access(folder, { writable: true })
    }).pipe(
      Effect.match({
        onSuccess: () => "yes",
        onFailure: (error) => (error._tag === "SystemError" && refusals.includes(error.reason) ? "no" : "unclear")
      })
    )

  /** A folder, as a check, where it is missing or empty, or cannot be read. */
  const lacking = (folder: string, part: string): Effect.Effect<ReadonlyArray<Check>> => {
    const hint = commandLine("ls", "-l", folder)
    const at = path.join(folder, part)
    const missing = error(
      area,
      { name: "installation", summary: `${at} is missing: calm is not installed whole` },
      hint
    )
    return files.readDirectory(at).pipe(
      Effect.match({
        onSuccess: (names) => (names.length === 0 ? [missing] : []),
        onFailure: (problem) =>
          problem._tag === "SystemError" && problem.reason === "NotFound"
            ? [missing]
            : [unclear(area, { name: "installation", summary: `${at} cannot be read` }, hint)]
      })
    )
  }

  const whole = Effect.fnUntraced(function* ({ folder }: Installation) {
    const found = (yield* Effect.forEach(parts, (part) => lacking(folder, part))).flat()
    return found.length > 0 ? found : [ok(area, { name: "installation", summary: `calm is installed in ${folder}` })]
  })

  /** V8's notes on what it has compiled lie beside the bundle, else in calm's own folder; without them each start compiles. */
  const cache = Effect.fnUntraced(function* ({ folder, nodeOptions }: Installation) {
    const name = "code cache"
    const places = [path.join(folder, "cache"), path.join(home.cache, "code")]
    const [first = "", second = ""] = places
    const answers = yield* Effect.forEach(places, writable)
    const found = places[answers.indexOf("yes")]
    const hint = commandLine("ls", "-ld", folder, home.path)
    if (found === undefined) {
      return answers.includes("unclear")
        ? unclear(area, { name, summary: `the system does not say whether ${first} or ${second} may be written` }, hint)
        : warning(
            area,
            { name, summary: `calm starts slower than it could: neither ${first} nor ${second} may be written` },
            (yield* Effect.orElseSucceed(files.exists(home.path), () => true)) ? hint : "calm init"
          )
    }
    // V8 takes no notes that were made under other options, and calm makes none under any.
    return nodeOptions === undefined
      ? ok(area, { name, summary: `what is compiled once is kept in ${found}` })
      : warning(
          area,
          {
            name,
            summary: "calm starts slower than it could: with NODE_OPTIONS set it keeps nothing of what it compiles"
          },
          "unset NODE_OPTIONS"
        )
  })

  return {
    /** Everything about an installation; nothing where calm is a part of another program. */
    examine: Effect.fnUntraced(function* (installation: Installation | undefined) {
      return installation === undefined ? [] : [...(yield* whole(installation)), yield* cache(installation)]
    })
  }
})
