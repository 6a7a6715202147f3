/** Whatever words somebody types, calm answers as its contract says, and touches nothing that is not its own. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import * as Grown from "./grown.ts"
import { hunt } from "./hunt.ts"
import * as Judged from "./judged.ts"
import * as Place from "./place.ts"
import { hostile } from "./words.ts"

const slack = 1_200_000

/** What hostile words could bring about: each must be seen by the watch that the lines are run under. */
const harms: Readonly<Record<string, (place: Effect.Effect.Success<typeof Place.make>) => void>> = {
  "a file beside the project changes": ({ base }) => Fs.writeFileSync(Path.join(base, "canary", "secret"), "read"),
  "a file of the checkout changes": ({ repo }) => Fs.writeFileSync(Path.join(repo, "check.sh"), ""),
  "the home gets a strange file": ({ home }) => Fs.writeFileSync(Path.join(home, "x"), ""),
  "a backup lies outside": ({ home }) => Fs.writeFileSync(Path.join(home, "backups", "..", "x.db"), ""),
  "a branch has an odd name": ({ repo }) => Fs.writeFileSync(Path.join(repo, ".git", "refs", "heads", "-x"), ""),
  "another project's task changes": ({ elsewhere, sql }) =>
    sql(`UPDATE tasks SET title = 'x' WHERE project_id = (SELECT id FROM projects WHERE path = '${elsewhere}')`),
  "a shell is started": () => void ChildProcess.spawn("sh", ["-c", ":"], { stdio: "ignore" })
}

describe("the watch over command lines", () => {
  it.scopedLive(
    "sees every harm",
    () =>
      Effect.gen(function* () {
        const place = yield* Place.make
        for (const [name, harm] of Object.entries(harms)) {
          harm(place)
          assert.lengthOf(yield* place.touched, 1, name)
          yield* place.renew
          assert.deepStrictEqual(yield* place.touched, [], name)
        }
      }),
    slack
  )
})

describe("a command line", () => {
  it.scopedLive(
    "of hostile words is answered or refused, and leaves all else as it is",
    () =>
      Effect.gen(function* () {
        const place = yield* Place.make
        const lines = yield* Grown.lines(place.known)
        const inputs = FastCheck.record({ line: lines, stdin: hostile })
        let count = 0
        const { losses, slowest, tried } = yield* hunt(
          inputs,
          scaled(150, 6_000),
          Effect.fnUntraced(function* ({ line, stdin }) {
            const printed = yield* place.calm(line, { stdin })
            count += 1
            const faults = [
              ...(yield* Judged.faultsOf(printed, line)),
              ...(yield* place.touched),
              ...(count % 200 === 0 ? yield* place.broken : [])
            ]
            if (faults.length > 0 || count % 200 === 0) yield* place.renew
            return faults
          })
        )
        report({
          suite: "hostile",
          what: "command lines",
          tried,
          losses: losses.length,
          note: `the slowest took ${slowest.millis} ms of the processor`
        })
        assert.deepStrictEqual(losses, [])
      }),
    slack
  )
})
