/** Files and folders of the worktree that calm may not read: as a user who is not root, in processes of its own. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { faultOfHint } from "../../fixtures/hints.ts"
import { filesOf } from "../support/checkout.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { full } from "../support/scale.ts"
import { type Command as Name, lines } from "./engine.ts"
import { faultsOf } from "./judge.ts"
import { look, type Seen } from "./look.ts"
import * as Ready from "./ready.ts"

/**
 * Root may read everything: then it is somebody else who calls calm, and owns all that it needs. It is given back after
 * each command, since git shows nobody the repository of another user.
 */
const uid = process.getuid?.() === 0 ? 65534 : undefined
const owned = (user: number, folder: string): void => {
  if (uid !== undefined) ChildProcess.execFileSync("chown", ["--recursive", "--no-dereference", `${user}`, folder])
}

const sealed = {
  file: ({ tree }: Ready.Place) => {
    Ready.write(tree, "secret.txt", "hours of work\n")
    Fs.chmodSync(Path.join(tree, "secret.txt"), 0o000)
  },
  folder: ({ tree }: Ready.Place) => {
    Ready.write(tree, "sealed/secret.txt", "hours of work\n")
    Fs.chmodSync(Path.join(tree, "sealed"), 0o000)
  }
}

/** What each command answers: nothing is taken away whose work could not be saved first, and the answer names it. */
const answers: Partial<Record<Name, readonly [code: number, says: RegExp]>> = {
  health: [0, /./],
  save: [0, /"unsaved":\[\{/],
  merge: [7, /SPEC-001 may not be merged/],
  remove: [8, /(?:secret|sealed).*"git -C [^ "]+\/SPEC-001 status"/],
  restore: [6, /worktree already/],
  create: [0, /SPEC-002/]
}
/** In the small size these are tried with one of them. */
const late: ReadonlySet<string> = new Set<Name>(["restore", "create"])

it.scopedLive(
  "what may not be read in a worktree is not lost: the worktree is not taken away, and the answer names it",
  () =>
    Effect.gen(function* () {
      const ready = yield* Ready.make
      const program = yield* Command.bundle()
      const { place } = ready
      const outside = [Path.resolve(program, "../.."), place.base]
      const faults: Array<string> = []
      let count = 0
      const begin = Effect.fnUntraced(function* () {
        yield* ready.reset("ready")
        for (const folder of outside) Fs.chmodSync(folder, 0o755)
      })
      const attempt = Effect.fnUntraced(function* (
        what: string,
        command: Name,
        [code, says]: readonly [code: number, says: RegExp],
        before: Seen
      ) {
        owned(uid ?? 0, place.base)
        const { error, exitCode, stderr, data } = yield* Command.json(program, place, lines[command].split(" "), {
          uid,
          stdin: "Where we are.",
          variables: { HOME: place.base, GIT_CONFIG_GLOBAL: "/dev/null" }
        })
        owned(0, place.base)
        const after = look(place)
        const said = JSON.stringify(error ?? data)
        const hint = error?.hint === undefined || error.hint === null ? undefined : yield* faultOfHint(error.hint)
        const wrong = [
          ...(exitCode === code ? [] : [`exit ${exitCode} instead of ${code}: ${said}${stderr}`]),
          ...(says.test(said) ? [] : [`does not say ${says}: ${said}`]),
          ...(hint === undefined ? [] : [`the hint: ${hint}`]),
          // What may not be read cannot be saved; the answer names it.
          ...faultsOf({ command, succeeded: error === undefined, place, base: "main", before, after }).filter(
            (fault) => !/^no ref holds "(?:secret|sealed)/.test(fault)
          )
        ]
        count++
        faults.push(...wrong.map((each) => `${what}, ${command}: ${each}`))
        return { after, data }
      })
      const kinds = Object.entries(sealed)
      for (const [what, seal] of kinds) {
        yield* begin()
        seal(place)
        let seen = look(place)
        for (const [name, expected] of Object.entries(answers))
          if (full || !late.has(name) || what === "folder")
            seen = (yield* attempt(what, name as Name, expected, seen)).after
      }
      for (const [what, seal] of full ? kinds : []) {
        yield* begin()
        Ready.write(place.tree, "untracked.txt", "untracked\n")
        const { after, data } = yield* attempt(what, "remove", [0, /trash/], look(place))
        const { folder } = yield* Schema.decodeUnknown(Schema.Struct({ folder: Schema.String }))(data)
        seal({ ...place, tree: Path.join(folder, "tree") })
        const kept = filesOf(Path.join(folder, "tree"))
        const back = yield* attempt(`${what} in the trash`, "restore", [0, /SPEC-001/], after)
        if (JSON.stringify(back.after.tree?.files) !== JSON.stringify(kept))
          faults.push(`${what} in the trash: the restored worktree is not what was there`)
      }
      report({ suite: "worlds", what: "attempts on what may not be read", tried: count, losses: faults.length })
      assert.deepStrictEqual(faults, [])
    }),
  600_000
)
