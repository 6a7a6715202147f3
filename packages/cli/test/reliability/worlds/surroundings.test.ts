/** What surrounds the process: variables that are meant for git, and a user who does not own the repository. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { full, sample } from "../support/scale.ts"
import { type Command as Name, lines } from "./engine.ts"
import { faultsOf } from "./judge.ts"
import { look } from "./look.ts"
import * as Ready from "./ready.ts"
import { dubious, toOthers } from "./repositoryBases.ts"

type Variables = Readonly<Record<string, string>>

/** Variables that would send git elsewhere, bend it, or have it start programs. */
const variables = ({ elsewhere, repo }: Ready.Place): ReadonlyArray<Variables> => [
  { GIT_DIR: Path.join(elsewhere, "other/.git"), GIT_WORK_TREE: Path.join(elsewhere, "other") },
  { GIT_DIR: Path.join(repo, ".git"), GIT_WORK_TREE: repo, GIT_PREFIX: "src/" },
  { GIT_COMMON_DIR: Path.join(elsewhere, "other/.git") },
  { GIT_INDEX_FILE: Path.join(elsewhere, "index") },
  {
    GIT_OBJECT_DIRECTORY: Path.join(elsewhere, "objects"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: Path.join(repo, ".git/objects")
  },
  { GIT_NAMESPACE: "other", GIT_REFLOG_ACTION: "rebase", GIT_DEFAULT_HASH: "sha256" },
  {
    GIT_CONFIG_COUNT: "3",
    GIT_CONFIG_KEY_0: "commit.gpgSign",
    GIT_CONFIG_VALUE_0: "true",
    GIT_CONFIG_KEY_1: "core.hooksPath",
    GIT_CONFIG_VALUE_1: elsewhere,
    GIT_CONFIG_KEY_2: "core.worktree",
    GIT_CONFIG_VALUE_2: elsewhere,
    GIT_CONFIG_PARAMETERS: "'core.bare=true'"
  },
  { GIT_CONFIG: "/nowhere", GIT_CONFIG_GLOBAL: "/nowhere", GIT_CONFIG_SYSTEM: "/nowhere", GIT_ATTR_NOSYSTEM: "1" },
  { GIT_CEILING_DIRECTORIES: repo, GIT_DISCOVERY_ACROSS_FILESYSTEM: "0" },
  {
    EDITOR: "/bin/false",
    GIT_ASKPASS: "/bin/false",
    GIT_EDITOR: "/bin/false",
    GIT_EXTERNAL_DIFF: "/bin/false",
    GIT_PAGER: "/bin/false",
    GIT_SEQUENCE_EDITOR: "/bin/false",
    GIT_SSH_COMMAND: "/bin/false",
    PAGER: "/bin/false",
    VISUAL: "/bin/false"
  },
  { GIT_TRACE: "1", GIT_TRACE2_EVENT: "1", GIT_TRACE_PACKET: "1", GIT_CURL_VERBOSE: "1", GIT_FLUSH: "1" },
  { GIT_GLOB_PATHSPECS: "1", GIT_ICASE_PATHSPECS: "1", GIT_OPTIONAL_LOCKS: "1", GIT_QUARANTINE_PATH: elsewhere },
  { LANG: "de_DE.UTF-8", LANGUAGE: "de:fr", LC_ALL: "tr_TR.UTF-8", LC_MESSAGES: "de_DE", TZ: "Asia/Kathmandu" },
  { GIT_AUTHOR_DATE: "never", GIT_AUTHOR_NAME: "", GIT_COMMITTER_DATE: "never", GIT_COMMITTER_EMAIL: "<>" }
]

/** Fills the worktree with what a removal could lose. */
const disorder = ({ tree }: Ready.Place): void => {
  Ready.write(tree, "README.md", "# Changed\n")
  Ready.write(tree, "untracked.txt", "untracked\n")
}

/** In this order one after the other: the later ones find what the earlier ones left. */
const ordered: ReadonlyArray<readonly [Name, dirty: boolean]> = [
  ["health", false],
  ["create", false],
  ["save", true],
  ["remove", true],
  ["restore", true],
  ["merge", false]
]

it.scopedLive(
  "variables that are meant for git send no command elsewhere, and bend none",
  () =>
    Effect.gen(function* () {
      const program = yield* Command.bundle()
      const ready = yield* Ready.make
      const { place } = ready
      const all = sample(variables(place), 2)
      const faults: Array<string> = []
      for (const some of all) {
        for (const [command, dirty] of ordered) {
          if (command !== "restore") {
            yield* ready.reset("ready")
            ChildProcess.execFileSync("git", ["init", "--quiet", Path.join(place.elsewhere, "other")])
            if (dirty) disorder(place)
          }
          const before = look(place)
          const answer = yield* Command.json(program, place, lines[command].split(" "), {
            variables: some,
            stdin: "Where we are."
          })
          const succeeded = answer.exitCode === 0
          const wrong = [
            ...(succeeded ? [] : [`exit ${answer.exitCode}: ${answer.error?.message} ${answer.stderr}`]),
            ...faultsOf({ command, succeeded, place, base: "main", before, after: look(place) })
          ]
          faults.push(...wrong.map((fault) => `${Object.keys(some).join(", ")}, ${command}: ${fault}`))
        }
      }
      report({ suite: "worlds", what: "environments", tried: all.length * ordered.length, losses: faults.length })
      assert.deepStrictEqual(faults, [])
    }),
  900_000
)

it.scopedLive.runIf(process.getuid?.() === 0)(
  "another user, who may read the repository and does not own it, is told so by git's name for it, and changes nothing",
  () =>
    Effect.gen(function* () {
      const nobody = 65_534
      const program = yield* Command.bundle()
      const { place, world } = yield* Ready.make
      disorder(place)
      const open = (folder: string) => ChildProcess.execFileSync("chmod", ["--recursive", "go+rX", folder])
      open(Path.resolve(program, "../.."))
      const home = Path.join(place.base, "home")
      /** A home of that user's own, with calm set up as it is: the project is known there. */
      const settle = () => {
        Fs.rmSync(home, { recursive: true, force: true })
        open(place.base)
        Fs.mkdirSync(home)
        Fs.cpSync(place.home, Path.join(home, ".calm"), { recursive: true })
        ChildProcess.execFileSync("chmod", ["--recursive", "go-rwx", home])
        ChildProcess.execFileSync("chown", ["--recursive", `${nobody}:${nobody}`, home])
      }
      const faults: Array<string> = []
      let count = 0
      const attempt = Effect.fnUntraced(function* (command: Name, [code, says] = toOthers[command] ?? dubious) {
        const before = look(place)
        const answer = yield* Command.run(
          program,
          { ...place, home: Path.join(home, ".calm") },
          lines[command].split(" "),
          {
            variables: { HOME: home },
            stdin: "Where we are.",
            uid: nobody
          }
        )
        const said = `${answer.stdout}${answer.stderr}`
        const wrong = [
          ...(answer.code === code ? [] : [`exit ${answer.code} instead of ${code}: ${said}`]),
          ...(says.test(said) ? [] : [`does not say ${says}: ${said}`]),
          ...faultsOf({ command, succeeded: false, place, base: "main", before, after: look(place) })
        ]
        count++
        faults.push(...wrong.map((fault) => `${command}: ${fault}`))
      })
      settle()
      for (const command of Object.keys(toOthers)) yield* attempt(command as Name)
      if (full) {
        // Now there is something in the trash.
        assert.strictEqual((yield* world.line(lines.remove)).exitCode, 0)
        settle()
        yield* attempt("restore", dubious)
      }
      report({ suite: "worlds", what: "commands of another user", tried: count, losses: faults.length })
      assert.deepStrictEqual(faults, [])
    }),
  300_000
)
