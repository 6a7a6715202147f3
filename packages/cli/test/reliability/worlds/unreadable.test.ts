/** Files and folders of the worktree that calm may not read: as a user who is not root, in processes of its own. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { faultOfHint } from "../../fixtures/hints.ts"
import { changed, look } from "./look.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { type Command as Name, lines } from "./engine.ts"
import * as Ready from "./ready.ts"

/** Root may read everything: then it is somebody else who calls calm, and owns all that it needs. */
const uid = process.getuid?.() === 0 ? 65534 : undefined
const owned = (...folders: ReadonlyArray<string>): void => {
  if (uid !== undefined) ChildProcess.execFileSync("chown", ["--recursive", "--no-dereference", `${uid}`, ...folders])
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
  remove: [8, /(?:secret|sealed).*"git -C [^ "]+\/SPEC-001 status"/]
}

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
      for (const [what, seal] of Object.entries(sealed)) {
        yield* ready.reset("ready")
        seal(place)
        for (const folder of outside) Fs.chmodSync(folder, 0o755)
        owned(place.base)
        const before = look(place)
        for (const [name, [code, says]] of Object.entries(answers)) {
          const words = name in lines ? lines[name as Name].split(" ") : []
          const { error, exitCode, stderr, data } = yield* Command.json(program, place, words, {
            uid,
            stdin: "Where we are.",
            variables: { HOME: place.base, GIT_CONFIG_GLOBAL: "/dev/null" }
          })
          const after = look(place)
          const said = JSON.stringify(error ?? data)
          const hint = error?.hint === undefined || error.hint === null ? undefined : yield* faultOfHint(error.hint)
          const wrong = [
            ...(exitCode === code ? [] : [`exit ${exitCode} instead of ${code}: ${said}${stderr}`]),
            ...(says.test(said) ? [] : [`does not say ${says}: ${said}`]),
            ...(hint === undefined ? [] : [`the hint: ${hint}`]),
            ...changed("main checkout", before.main, after.main),
            ...changed("worktree", before.tree, after.tree)
          ]
          count++
          faults.push(...wrong.map((each) => `${what}, ${name}: ${each}`))
        }
        for (const name of ["secret.txt", "sealed"])
          if (Fs.existsSync(Path.join(place.tree, name))) Fs.chmodSync(Path.join(place.tree, name), 0o755)
      }
      report({ suite: "worlds", what: "attempts on what may not be read", tried: count, losses: faults.length })
      assert.deepStrictEqual(faults, [])
    }),
  600_000
)
