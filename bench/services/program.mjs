/**
 * A program that embeds calm's services: reads, makes and moves tasks in series of as many, and prints how many milliseconds
 * each series took. With a file as its fifth argument it notes there every statement that SQLite ran for it, series by
 * series, instead of being quick.
 */
import * as Calm from "@calm/core/Calm"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { Projects } from "@calm/core/Projects"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import * as Environment from "@calm/process/Environment"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"

const [home, repo, series, times, notes] = process.argv.slice(2)

/** The statements of each series, by the kind of work that they are run for. */
const noted = {}
/** Those of the series at hand. */
let noting

const note = () => {
  const driver = createRequire(import.meta.url)("better-sqlite3").prototype
  const prepare = driver.prepare
  driver.prepare = function (sql) {
    const statement = prepare.call(this, sql)
    for (const way of ["run", "all"]) {
      const run = statement[way]
      statement[way] = (...params) => {
        noting?.push([sql, params.flat()])
        return run.apply(statement, params)
      }
    }
    return statement
  }
}
if (notes !== undefined) note()

const id = (number, prefix = "SPEC") => `${prefix}-${String(number).padStart(5, "0")}`

/** Milliseconds of each series; `one` is told how many there were before it in all series. */
const timed = (kind, one) =>
  Effect.gen(function* () {
    const took = []
    noted[kind] = []
    for (let count = 0; took.length < Number(series);) {
      noted[kind].push((noting = []))
      const start = performance.now()
      for (let i = 0; i < Number(times); i++) yield* one(++count)
      took.push(performance.now() - start)
    }
    noting = undefined
    return [kind, took]
  })

const work = Effect.gen(function* () {
  const tasks = yield* Tasks
  const transitions = yield* Transitions
  const project = (yield* (yield* Projects).register(repo)).project
  return yield* Effect.all([
    timed("reads", (i) => tasks.get(id(i))),
    timed("creates", (i) =>
      tasks.create({ id: id(i, "NEW"), title: `New ${i}`, type: "feature", specId: null, blockedBy: [] })
    ),
    // Back for rework: the way forward asks git for the evidence, which is measured elsewhere.
    timed("transitions", (i) => transitions.transition(id(i), { to: "DESIGN", reason: "Once more" }))
  ]).pipe(Effect.provideService(CurrentProject, project))
})

const layer = Calm.layer({
  home,
  gates: join(import.meta.dirname, "gates"),
  roles: join(import.meta.dirname, "roles")
}).pipe(Layer.provide(Environment.layer))

work
  .pipe(
    Effect.provide(layer),
    Effect.provideService(CurrentActor, { name: "bench", workerId: null }),
    Effect.runPromise
  )
  .then((found) => {
    if (notes !== undefined) writeFileSync(notes, JSON.stringify(noted))
    console.log(JSON.stringify(Object.fromEntries(found)))
  })
