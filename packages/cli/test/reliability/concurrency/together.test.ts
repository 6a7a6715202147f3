/** Many processes at once on one database and one repository: nothing is lost, doubled or left behind. */
import { exitCodes } from "@calm/domain/Problem"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import { gather } from "./crew.ts"
import { unexplained, unmanaged, unmerged } from "./explained.ts"
import * as Figures from "./figures.ts"
import { judged, missed } from "./judged.ts"
import { ledgerOf } from "./ledger.ts"
import { losses } from "./losses.ts"
import { type Deed, deeds, duties, type Me } from "./mix.ts"
import * as Scene from "./scene.ts"
import * as Work from "./work.ts"

/**
 * How many processes live with the services, how many agents start the command for each of their deeds, and for how long.
 * On a machine that is too slow for it they go on until each has done the least.
 */
const { commands, least, merges, seconds, services } = scaled(
  { services: 8, commands: 2, seconds: 3, least: 10, merges: 5 },
  { services: 24, commands: 6, seconds: 20, least: 10, merges: 20 }
)
const seed = 16

/** Among how many processes the duties are dealt: a merge that waits for all others would wait longer than calm does. */
const hands = 8

const codes: ReadonlyMap<string, number> = new Map(Object.entries(exitCodes))

/** Starts the real command for a deed. */
const perform = (program: string, place: Command.Place) => (deed: Deed, key: string, me: Me) =>
  Effect.match(Command.json(program, place, deed.words(key, me)), {
    onFailure: (error): Work.Outcome => ({ outcome: "fault", said: error.message, reasons: [] }),
    onSuccess: ({ data, error, exitCode, stderr }): Work.Outcome => {
      if (error === undefined && exitCode === 0) return { outcome: "done", said: deed.tells(data), reasons: [] }
      const right = error !== undefined && codes.get(error.category) === exitCode
      return {
        outcome: right ? error.code : "fault",
        said: `${error?.message} (exit code ${exitCode}) ${stderr}`,
        reasons: Work.reasonsOf(error?.details)
      }
    }
  })

it.each(judged)("what was answered is told from what the rules explain: $name", ({ answers, right }) => {
  assert.strictEqual(unexplained(answers).length, right ? 0 : 1)
})

it.each(missed)("a merge that was never made is told: $name", ({ answers, merged, missing }) => {
  const found = unmerged(answers, ["MERGE-0", "MERGE-1"], merged)
  assert.strictEqual(found.length, missing.length)
  for (const [index, task] of missing.entries()) assert.include(found[index], task)
})

it("a deed that was only ever refused is told", () => {
  const answers = Object.keys(deeds).map((deed): Work.Answer => {
    const outcome = deed === "merge" ? "move_refused" : "done"
    return { by: "services", deed, key: "", outcome, said: "", reasons: [], began: 0, milliseconds: 1 }
  })
  assert.deepStrictEqual(unmanaged(answers), ["nobody has managed to merge"])
})

it.scopedLive(
  `${services + commands} processes at once get successes and explained refusals, and all of it adds up`,
  () =>
    Effect.gen(function* () {
      const program = yield* Command.bundle()
      const worker = yield* Command.bundle(Path.join(import.meta.dirname, "entry.ts"))
      const place = yield* Scene.make(program, merges)
      const before = ledgerOf(place)

      const tasks = Array.from({ length: services + commands }, (_, number): Work.Task => ({
        number,
        merges,
        seconds,
        least,
        seed: seed * 1000 + number,
        only: null,
        duties: duties(merges)
          .filter((_, index) => index % hands === number)
          .flat()
      }))
      const crew = yield* gather(
        worker,
        place,
        tasks.slice(0, services).map((task) => [JSON.stringify(task)])
      )
      const [lines, commanded] = yield* Effect.all(
        [
          crew.work,
          Effect.forEach(tasks.slice(services), (task) => Work.work(task, "command", perform(program, place)), {
            concurrency: "unbounded"
          })
        ],
        { concurrency: 2 }
      )
      const answers = [...(yield* Work.read(lines)), ...commanded.flat()]

      const doctor = yield* Command.run(program, place, ["doctor"])
      const found = [
        ...losses(place, answers, before, ledgerOf(place)),
        ...(doctor.code === 0 && doctor.stdout.includes("all is well") ? [] : [doctor.stdout + doctor.stderr])
      ]
      report({
        suite: "concurrency",
        what: `answers to ${tasks.length} processes`,
        tried: answers.length,
        losses: found.length,
        note: [
          Figures.words("writes by services", Figures.writes(answers, "services")),
          Figures.words("by the command", Figures.writes(answers, "command"))
        ].join("; ")
      })
      assert.deepStrictEqual(found, [], `seed ${seed}`)
    }),
  600_000
)
