/** Checks of what calm stands on: git, Node, disks, its own folder and files. They need neither a database nor a project. */
import { commandLine } from "@calm/domain/CommandLine"
import { Git } from "@calm/git/Git"
import { Machine } from "@calm/process/Machine"
import { acceptable } from "@calm/sql/Sql"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as HomeFile from "../../config/HomeFile.ts"
import { Home } from "../../home/Home.ts"
import { fileFailed } from "../../operations/FileFailed.ts"
import type { Location } from "../../projects/internal/locate.ts"
import { type Check, type Cure, cure, error, failed, type Found, ok, unclear, warning } from "./checkUp.ts"

const area = "environment"

/** The oldest Node that calm runs on. */
const oldestNode = [20, 19] as const

const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])
}

const megabyte = 1024 ** 2

/** Below this, a commit or a backup may fail at any moment; below the second, soon. In bytes. */
const scarce = { error: 100 * megabyte, warning: 1024 * megabyte }

const sizeText = (bytes: number): string =>
  bytes < 1024 * megabyte ? `${Math.floor(bytes / megabyte)} MB` : `${(bytes / 1024 / megabyte).toFixed(1)} GB`

export const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const git = yield* Git
  const machine = yield* Machine
  const home = yield* Home

  const there = (at: string) => Effect.catchAll(files.exists(at), () => Effect.succeed(false))

  const programs = Effect.gen(function* () {
    const gitCheck = yield* git.version.pipe(
      Effect.map((version) => ok(area, { name: "git", summary: `git ${version}` })),
      Effect.catchAll((problem) =>
        Effect.succeed(
          problem._tag === "GitMissing"
            ? error(area, { name: "git", summary: problem.message }, problem.hint)
            : failed(area, "git", problem)
        )
      )
    )
    const told = { name: "node", summary: `Node ${machine.nodeVersion}` }
    const nodeCheck = isOld(machine.nodeVersion)
      ? error(area, { ...told, summary: `${told.summary} is too old: calm needs 20.19 or newer` }, "node --version")
      : ok(area, told)
    return [gitCheck, nodeCheck]
  })

  /** The folder, or the one above it that is there. */
  const existing = (folder: string): Effect.Effect<string> =>
    Effect.flatMap(there(folder), (isThere) =>
      isThere || path.dirname(folder) === folder ? Effect.succeed(folder) : existing(path.dirname(folder))
    )

  const disk = Effect.fnUntraced(function* (name: string, folder: string) {
    const at = yield* existing(folder)
    const hint = commandLine("df", "-h", at)
    const free = yield* machine.freeSpace(at)
    if (Option.isNone(free))
      return unclear(area, { name, summary: `the system does not say how much room ${at} has` }, hint)
    const told = { name, summary: `${sizeText(free.value)} free at ${at}` }
    return free.value < scarce.error
      ? error(area, told, hint)
      : free.value < scarce.warning
        ? warning(area, told, hint)
        : ok(area, told)
  })

  /** May others read it? Where it is not there, or the file system has no such rights to tell, they may not. */
  const isOpenToOthers = (at: string) =>
    files.stat(at).pipe(
      Effect.map(({ mode }) => (mode & 0o077) !== 0),
      Effect.catchAll(() => Effect.succeed(false))
    )

  /** Is it there, and cannot be read or written? */
  const isShut = (at: string) =>
    Effect.flatMap(there(at), (isThere) =>
      isThere
        ? Effect.isFailure(
            Effect.zipRight(files.readDirectory(at), files.access(at, { readable: true, writable: true }))
          )
        : Effect.succeed(false)
    )

  /** calm's own folder and the files of the database: its owner's alone. */
  const rights = Effect.gen(function* () {
    const name = "home"
    if (!(yield* there(home.path))) {
      return {
        checks: [warning(area, { name, summary: `${home.path} is not there yet` }, "calm init")],
        cures: []
      }
    }
    const writable = yield* Effect.isSuccess(files.access(home.path, { writable: true }))
    const shut = yield* Effect.filter([home.logs, home.backups, home.roles, home.cache], isShut)
    const wanted = [
      [home.path, 0o700],
      ...["", "-wal", "-shm"].map((suffix) => [`${home.database}${suffix}`, 0o600] as const)
    ] as const
    // A database of another program, and the folder that it shares with it, are that program's.
    const isOurs = yield* Effect.isSuccess(acceptable(home.database))
    const open = isOurs ? yield* Effect.filter(wanted, ([at]) => isOpenToOthers(at)) : []
    const checks: ReadonlyArray<Check> = [
      ...(writable
        ? []
        : [error(area, { name, summary: `${home.path} may not be written` }, commandLine("ls", "-ld", home.path))]),
      ...(writable ? shut : []).map((at) =>
        error(area, { name, summary: `${at} may not be read and written` }, commandLine("ls", "-ld", at))
      ),
      ...open.map(([at, mode]) =>
        error(area, { name, summary: `others may look into ${at}` }, commandLine("chmod", mode.toString(8), at))
      ),
      ...(writable && open.length + shut.length === 0
        ? [ok(area, { name, summary: `${home.path}${isOurs ? ", for its owner alone" : " may be written"}` })]
        : [])
    ]
    const cures = open.map(([at, mode]): Cure<never> =>
      cure(area, `close ${at} to others`, files.chmod(at, mode).pipe(fileFailed(at), Effect.as(null)))
    )
    return { checks, cures }
  })

  /** What the user sets for all projects. */
  const settings = HomeFile.read(home.path).pipe(
    Effect.map(() => ok(area, { name: "settings", summary: "the settings of the home folder can be read" })),
    Effect.catchAll((problem) => Effect.succeed(failed(area, "settings", problem))),
    Effect.provideService(FileSystem.FileSystem, files),
    Effect.provideService(Path.Path, path)
  )

  const identity = Effect.fnUntraced(
    function* (checkout: string) {
      const name = "identity"
      const user = yield* git.userName(checkout)
      const email = yield* git.userEmail(checkout)
      const missing = [
        ...(Option.isNone(user) ? [["user.name", `git config --global user.name "$(id -un)"`] as const] : []),
        ...(Option.isNone(email)
          ? [["user.email", `git config --global user.email "$(id -un)@$(uname -n)"`] as const]
          : [])
      ]
      const [first] = missing
      return first === undefined
        ? ok(area, { name, summary: "git knows who commits" })
        : warning(
            area,
            { name, summary: `git has no ${missing.map(([key]) => key).join(" and no ")}: commits are made as calm` },
            first[1]
          )
    },
    Effect.catchAll((problem) => Effect.succeed(failed(area, "identity", problem)))
  )

  /** Git's folder has a file HEAD; where that is found as `head`, too, letters are not told apart. */
  const spelling = Effect.fnUntraced(function* (commonDir: string) {
    const name = "file names"
    return (yield* there(path.join(commonDir, "head")))
      ? warning(
          area,
          { name, summary: "the disk of the repository does not tell a.txt from A.TXT: of two such files one is lost" },
          "git config core.ignorecase"
        )
      : ok(area, { name, summary: "the disk of the repository tells a.txt from A.TXT" })
  })

  /** Everything about the machine, and about the repository where there is one. */
  return {
    examine: Effect.fnUntraced(function* (location: Option.Option<Location>) {
      const [gitCheck, ...others] = yield* programs
      const owned = yield* rights
      const ofHome = yield* disk("disk of the home folder", home.path)
      const ofRepository = Option.isNone(location)
        ? []
        : [
            yield* disk("disk of the repository", location.value.checkout),
            yield* spelling(location.value.commonDir),
            // Without git there is nobody to ask.
            ...(gitCheck?.status === "ok" ? [yield* identity(location.value.checkout)] : [])
          ]
      const found: Found<never> = {
        checks: [
          ...(gitCheck === undefined ? [] : [gitCheck]),
          ...others,
          ...owned.checks,
          yield* settings,
          ofHome,
          ...ofRepository
        ],
        cures: owned.cures
      }
      return found
    })
  }
})
