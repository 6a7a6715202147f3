/** The check-up over a world in memory, and what it says in short. */
import * as Doctor from "@calm/core/Doctor"
import { Home } from "@calm/core/Home"
import * as Machine from "@calm/process/Machine"
import { repo } from "@calm/testing/CalmTest"
import { assert } from "@effect/vitest"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** The services as they are here, in a layer: the database is open already. */
export const opened = Effect.map(Effect.context<Doctor.Asked>(), (services) => Layer.succeedContext(services))

/** What SQLite would have made: in memory there is no file, and without one there would be no database to look at. */
export const databaseFile = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const home = yield* Home
  yield* files.writeFileString(home.database, "", { mode: 0o600 })
})

/** The doctor of the project at `/repo`. */
export const doctor = Effect.gen(function* () {
  yield* databaseFile
  return yield* Doctor.make({ folder: repo, services: yield* opened })
}).pipe(Effect.provide(Machine.layerMemory()))

/** What is not well, as `status name`; each with a hint that can be typed. */
export const notWell = ({ checks }: Doctor.CheckUp): ReadonlyArray<string> =>
  checks
    .filter(({ status }) => status !== "ok")
    .map(({ hint, name, status, summary }) => {
      assert.match(hint ?? "", /^(calm|git|df|ls|chmod|node|mv|mkdir|export|unset|npm) /, summary)
      assert.notMatch(hint ?? "", /<[a-z]/)
      return `${status} ${name}`
    })

/** What was done, in words. */
export const done = ({ applied }: Doctor.CheckUp): ReadonlyArray<string> =>
  applied.map(({ done: isDone, what }) => `${isDone ? "" : "failed: "}${what}`)
