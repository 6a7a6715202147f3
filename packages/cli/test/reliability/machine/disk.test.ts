import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { sample } from "../support/scale.ts"
import { cases, Tried, Wanted } from "./disk.ts"
import { inNamespace } from "./namespace.ts"

describe("a disk that is full, or may only be read", () => {
  it.scopedLive(
    "loses nothing that was there, is told of in one line, and what it cut off is completed or undone",
    () =>
      Effect.gen(function* () {
        const program = yield* Command.bundle(Path.join(import.meta.dirname, "inside.ts"))
        const wanted = yield* Schema.encode(Schema.parseJson(Wanted))(sample(cases, 8))
        const printed = yield* inNamespace(program, [wanted], yield* World.folder)
        const tried = yield* Schema.decode(Schema.parseJson(Tried))(printed)
        const faults = tried.flatMap(({ disk, faults: found, left, operation }) =>
          found.map(
            (fault) =>
              `${operation}, the disk of ${disk} ${left === null ? "read-only" : `but for ${left} KB full`}: ${fault}`
          )
        )
        report({
          suite: "machine",
          what: "full and read-only disks",
          tried: tried.length,
          losses: tried.filter((one) => one.faults.length > 0).length
        })
        assert.deepStrictEqual(faults, [])
      }),
    3_600_000
  )
})
