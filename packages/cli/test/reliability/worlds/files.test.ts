/** What lies in the main checkout or in the worktree is as safe with calm as it was without. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { report } from "../support/report.ts"
import { sample } from "../support/scale.ts"
import { tried, type World } from "./engine.ts"
import { worlds as names } from "./fileNames.ts"
import { worlds as states } from "./fileStates.ts"
import { worlds as things } from "./things.ts"
import { worlds as trees } from "./trees.ts"

const tables = {
  "states of files": [states, 3, "no command loses a file, in any state that git knows, of main or of the worktree"],
  "strange files": [[...names, ...things], 3, "no command trips over what is no ordinary file or has no ordinary name"],
  "bent worktrees": [trees, 3, "no command loses a worktree that somebody moved, damaged or deleted, nor its branch"]
} as const

for (const [what, [worlds, few, name]] of Object.entries(tables))
  it.scopedLive(
    name,
    () =>
      Effect.gen(function* () {
        const some = sample<World>(worlds, few, ({ always }) => always === true)
        const { count, faults } = yield* tried(some)
        report({ suite: "worlds", what, tried: count, losses: faults.length, note: `${some.length} worlds` })
        assert.deepStrictEqual(faults, [])
      }),
    3_600_000
  )
