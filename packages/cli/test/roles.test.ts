import * as Phase from "@calm/domain/Phase"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import { callsIn, codeIn, faultOf } from "./fixtures/commandLines.ts"

const folder = new URL("../../../roles/", import.meta.url)

/** A list of the front matter, as the built-in roles write it: `phases: [SPEC, DESIGN]`. */
const listed = (page: string, key: string): ReadonlyArray<string> =>
  (new RegExp(`^${key}: \\[(.*)\\]$`, "m").exec(page)?.[1] ?? "").split(", ").filter((word) => word !== "")

const roles = Fs.readdirSync(folder)
  .filter((file) => file.endsWith(".md") && file !== "README.md")
  .map((file) => {
    const page = Fs.readFileSync(new URL(file, folder), "utf8")
    return {
      file,
      calls: codeIn(page).flatMap(callsIn),
      phases: listed(page, "phases"),
      reviews: listed(page, "reviews")
    }
  })

/** The phases from which a task moves on to this one. */
const before = (to: string) =>
  Phase.Phase.literals.filter((from) => (["feature", "bug"] as const).some((type) => Phase.next(type, from) === to))

describe("the commands that role prompts tell a worker to run", () => {
  for (const { calls, file, phases, reviews } of roles) {
    it.effect(`can be run as ${file} writes them, with its placeholders filled in`, () =>
      Effect.gen(function* () {
        assert.isAtLeast(calls.length, 2)
        const faults = yield* Effect.forEach(calls, faultOf)
        assert.strictEqual(faults.filter((fault) => fault !== undefined).join("\n"), "")
      })
    )

    it(`record just the reviews that ${file} may record, each either way`, () => {
      const recorded = calls.filter(([group, name]) => group === "review" && name === "record")
      assert.deepStrictEqual(
        [...new Set(recorded.map(([, , , type, verdict]) => `${type} ${verdict}`))].sort(),
        reviews.flatMap((type) => [`${type} approved`, `${type} changes_requested`]).sort()
      )
    })

    it(`move a task on only from the phases that ${file} is for`, () => {
      const moves = calls.filter(([group, name]) => group === "task" && name === "transition")
      const strange = moves.flatMap(([, , , to = "", ...options]) =>
        options.includes("--reason") || before(to).some((from) => phases.includes(from)) ? [] : [to]
      )
      assert.deepStrictEqual(strange, [])
    })
  }
})
