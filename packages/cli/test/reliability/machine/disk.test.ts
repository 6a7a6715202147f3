import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { full } from "../support/scale.ts"
import { cases, few, Tried, Wanted } from "./disk.ts"
import { inNamespace } from "./namespace.ts"

describe("a disk that is full, or may only be read", () => {
  it.scopedLive(
    "loses nothing that was there, is told of in one line, and what it cut off is completed or undone",
    () =>
      Effect.gen(function* () {
        const program = yield* Command.bundle(Path.join(import.meta.dirname, "inside.ts"))
        const chosen = full ? cases : few
        const operations = Array.from(new Set(chosen.map(({ operation }) => operation)))
        // Each in a process of its own: one that has started ten thousand programs starts them slowly.
        const all = yield* Effect.forEach(
          operations,
          Effect.fnUntraced(function* (operation) {
            const own = chosen.filter((one) => one.operation === operation)
            const wanted = yield* Schema.encode(Schema.parseJson(Wanted))(own)
            const printed = yield* inNamespace(program, [wanted], yield* World.folder)
            return yield* Schema.decode(Schema.parseJson(Tried))(printed)
          }),
          { concurrency: 2 }
        )
        const tried = all.flat()
        const faults = tried.flatMap(({ disk, faults: found, left, operation }) =>
          found.map(
            (fault) =>
              `${operation}, the disk of ${disk} ${left === null ? "read-only" : left === "no file" ? "without room for a file" : `but for ${left} KB full`}: ${fault}`
          )
        )
        report({
          suite: "machine",
          what: "full and read-only disks",
          tried: tried.length,
          losses: tried.filter((one) => one.faults.length > 0).length
        })
        assert.deepStrictEqual(faults, [])
        const met = new Set(tried.filter(({ refused }) => refused).map(({ operation }) => operation))
        assert.deepStrictEqual(
          operations.filter((operation) => !met.has(operation)),
          [],
          "these never met the end of a disk"
        )
      }),
    3_600_000
  )
})
