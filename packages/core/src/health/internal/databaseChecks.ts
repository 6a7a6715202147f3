/** Checks of the database. One that cannot be opened is told of, and never touched. */
import { isReplaced } from "@calm/domain/Backup"
import { commandLine } from "@calm/domain/CommandLine"
import type { Problem } from "@calm/domain/Problem"
import { latest } from "@calm/sql/Migrations"
import { loadable } from "@calm/sql/Sql"
import { StoreError } from "@calm/sql/StoreError"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Home } from "../../home/Home.ts"
import { DatabaseHealth } from "../DatabaseHealth.ts"
import { type Check, error, failed, ok, unclear, warning } from "./checkUp.ts"

const area = "database"

/** A log that is larger has not been written back for long: somebody keeps the database open. In bytes. */
const largeLog = 64 * 1024 ** 2

export const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* Home

  /**
   * The backup that was written last, by its name. What was put aside before a restore is what somebody wanted gone: it is
   * named only where there is nothing else.
   */
  const newestBackup = Effect.gen(function* () {
    const names = yield* files.readDirectory(home.backups).pipe(Effect.catchAll(() => Effect.succeed([])))
    const written = yield* Effect.forEach(
      names.filter((name) => name.endsWith(".db")),
      (name) =>
        files.stat(path.join(home.backups, name)).pipe(
          Effect.map(({ mtime }) => ({
            name: name.slice(0, -3),
            at: Option.match(mtime, { onNone: () => 0, onSome: (date) => date.getTime() })
          })),
          Effect.option
        )
    )
    const newest = written.flatMap(Option.toArray).toSorted((a, b) => b.at - a.at)
    return (newest.find(({ name }) => !isReplaced(name)) ?? newest[0])?.name ?? null
  })

  /** A folder that is not there yet: what was set aside in it before would be written over. */
  const unused = (folder: string, count = 1): Effect.Effect<string> => {
    const name = count === 1 ? folder : `${folder}-${count}`
    return files.exists(name).pipe(
      Effect.catchAll(() => Effect.succeed(false)),
      Effect.flatMap((there) => (there ? unused(folder, count + 1) : Effect.succeed(name)))
    )
  }

  /** How a backup takes the place of a damaged database, which is set aside with its log: there may be something to save. */
  const restoring = Effect.gen(function* () {
    const backup = yield* newestBackup
    const aside = yield* unused(path.join(path.dirname(home.database), "damaged"))
    const setAside = `${commandLine("mkdir", aside)} && mv ${commandLine(home.database)}* ${commandLine(aside)} && calm init`
    if (backup === null) return { said: "there is no backup of it", whole: setAside, inPlace: setAside }
    const restore = commandLine("calm", "backup", "restore", backup, "--yes")
    return { said: `the newest backup is ${backup}`, whole: `${setAside} && ${restore}`, inPlace: restore }
  })

  /** Why it could not be opened. */
  const unopened = Effect.fnUntraced(function* (problem: Problem) {
    if (!(problem instanceof StoreError)) return failed(area, "database", problem)
    const told = { name: "database", summary: problem.message }
    switch (problem.reason) {
      case "corrupt": {
        const { said, whole } = yield* restoring
        return error(area, { ...told, summary: `${problem.message}; ${said}` }, whole)
      }
      case "busy":
        return unclear(area, told, problem.hint)
      default:
        return failed(area, "database", problem)
    }
  })

  const opened = Effect.gen(function* () {
    const health = yield* DatabaseHealth
    const problems = yield* health.problems
    const { inPlace, said } = yield* restoring
    const size = yield* health.logSize
    const checks: ReadonlyArray<Check> = [
      ...(problems.length === 0
        ? [ok(area, { name: "database", summary: `${home.database} is whole, its schema version ${latest}` })]
        : problems.map((problem) =>
            error(area, { name: "database", summary: `${home.database} is damaged: ${problem}; ${said}` }, inPlace)
          )),
      ...(size > largeLog
        ? [
            warning(
              area,
              {
                name: "log",
                summary: `the log beside it has ${Math.floor(size / 1024 ** 2)} MB: some process keeps the database open`
              },
              commandLine("ls", "-l", `${home.database}-wal`)
            )
          ]
        : [])
    ]
    return checks
  }).pipe(Effect.catchAll((problem) => Effect.map(unopened(problem), (check) => [check])))

  /** What opens databases, whether there is one yet or not. */
  const driver = loadable.pipe(
    Effect.as(ok(area, { name: "driver", summary: "better-sqlite3 is built for this Node" })),
    Effect.catchAll((problem) => Effect.succeed(failed(area, "driver", problem)))
  )

  return {
    driver,
    opened,
    unopened,
    /** Before the first `init`. */
    missing: warning(area, { name: "database", summary: `${home.database} is not there yet` }, "calm init")
  }
})
