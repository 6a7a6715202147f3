import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { bundle } from "../support/command.ts"
import { report } from "../support/report.ts"
import { full, scaled } from "../support/scale.ts"
import { measured } from "./commits.ts"
import type { Cut, Request } from "./powerCut.ts"

const run = (program: string, ...args: ReadonlyArray<string>) =>
  Effect.async<string>((resume) => {
    const child = ChildProcess.execFile(program, [...args], { maxBuffer: 2 ** 28 }, (error, stdout) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.die(error))
    )
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

/** A power cut needs a disk of its own: a mount, which only root may make, and a loop device. */
const isPossible = (): boolean =>
  ChildProcess.spawnSync("unshare", ["--mount", "sh", "-c", "mkfs.ext4 -V && losetup --find"]).status === 0

const cutEverywhere = (apart: boolean) =>
  Effect.gen(function* () {
    const calm = yield* bundle()
    const program = yield* bundle(Path.join(import.meta.dirname, "powerCut.ts"))
    const folder = Path.join(yield* World.folder, "disks")
    Fs.mkdirSync(folder)
    const request: Request = { calm, folder, apart, each: full }
    const said = yield* run("unshare", "--mount", process.execPath, program, "work", JSON.stringify(request))
    const cuts: ReadonlyArray<Cut> = JSON.parse(said)
    return cuts
  })

it.scopedLive(
  "what calm has confirmed survives a power cut, also where its home is on another disk",
  () =>
    Effect.gen(function* () {
      if (!isPossible()) {
        // Said and not passed over: where tests must be whole, this is a failure.
        assert.isUndefined(process.env["CI"], "no loop device can be mounted here")
        return report({
          suite: "durability",
          what: "power cuts",
          tried: 0,
          losses: 0,
          note: "needs root and a loop device"
        })
      }
      const cuts = (yield* Effect.forEach(full ? [false, true] : [true], cutEverywhere)).flat()
      const lost = cuts.filter(({ losses }) => losses.length > 0)
      const note = measured(yield* World.folder, scaled(200, 2_000))
      report({ suite: "durability", what: "power cuts", tried: cuts.length, losses: lost.length, note })
      assert.deepStrictEqual(lost, [])
      assert.isTrue(cuts.some(({ command }) => command.startsWith("worktree merge")))
    }),
  600_000
)
