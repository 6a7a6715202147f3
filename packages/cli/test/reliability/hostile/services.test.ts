/** Programs that embed calm hand it what they like: nothing of it may become a fault, spoil what is stored, or leave the project. */
import { CurrentProject } from "@calm/core/CurrentProject"
import { Counters } from "@calm/core/Counters"
import { Events } from "@calm/core/Events"
import { Projects } from "@calm/core/Projects"
import { Reviews } from "@calm/core/Reviews"
import { Sessions } from "@calm/core/Sessions"
import { Tasks } from "@calm/core/Tasks"
import { Workers } from "@calm/core/Workers"
import { Git } from "@calm/git/Git"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import { hunt } from "./hunt.ts"
import * as Judged from "./judged.ts"
import { type Call, calls, values } from "./services.ts"

const slack = 1_200_000
const other = "/other"

/** What is stored of a project, of what grows the newest. */
const stored = Effect.gen(function* () {
  const tasks = yield* (yield* Tasks).list({ all: true })
  return {
    tasks,
    counters: yield* (yield* Counters).list,
    events: yield* (yield* Events).list({ limit: 50 }),
    workers: yield* (yield* Workers).list({ all: true, limit: 50 }),
    sessions: yield* (yield* Sessions).list(50),
    details: yield* Effect.forEach(tasks.slice(-3), ({ id }) =>
      Effect.flatMap(Tasks, (service) => service.details(id))
    ),
    reviews: yield* Effect.forEach(tasks.slice(-3), ({ id }) =>
      Effect.flatMap(Reviews, (reviews) => reviews.list(id, null))
    )
  }
})

/** Two projects, each with tasks; the calls are made in the first. */
const place = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const git = yield* Git
  const projects = yield* Projects
  yield* files.makeDirectory(other)
  yield* git.init(other, "main")
  yield* World.commitIn(other, { "README.md": "another\n" })
  const { project } = yield* projects.register(other)
  const begin = World.featureIn("DESIGN").pipe(
    Effect.zipRight(World.planned("feature", "SPEC-002")),
    Effect.zipRight(World.planned("bug", "BUG-001"))
  )
  yield* begin
  yield* Effect.forEach(["SPEC-001", "BUG-001"], (id) => World.planned("feature", id)).pipe(
    Effect.provideService(CurrentProject, project)
  )
  /** What belongs to the other project, and the folders that there are beside both. */
  const aside = Effect.gen(function* () {
    const names = yield* Effect.forEach(["/", "/home", "/home/me", "/home/me/.calm"], (folder) =>
      files.readDirectory(folder)
    )
    // The note of a check of the database, which is of all projects, comes with a backup of it.
    const there = names.flat().filter((name) => name !== "metadata.db.checked")
    const rows = yield* stored.pipe(Effect.provideService(CurrentProject, project))
    return JSON.stringify([rows, there, yield* files.readDirectory(other, { recursive: true })])
  })
  return { aside }
})

describe("a service", () => {
  it.scopedLive(
    "that is handed hostile values answers or refuses, and spoils nothing",
    () =>
      Effect.gen(function* () {
        const { aside } = yield* place
        let before = yield* aside
        const all = yield* calls
        const names = Object.keys(all)
        const input = FastCheck.record({ call: FastCheck.constantFrom(...names), values })
        const byName = new Map<string, Call>(Object.entries(all))
        const { losses, slowest, tried } = yield* hunt(
          input,
          scaled(500, 6_500),
          ({ call, values: given }) =>
            Effect.exit(byName.get(call)?.(given) ?? Effect.dieMessage(`there is no call ${call}`)),
          Effect.fnUntraced(function* (exit, { call }) {
            const faults = yield* Judged.faultsOfExit(exit)
            const read = yield* Effect.either(stored)
            const after = yield* aside
            // A backup is of all projects.
            const same = after === before || (call === "Backups.restore" && Exit.isSuccess(exit))
            before = after
            return [
              ...faults,
              ...(read._tag === "Left" ? [`it cannot be read any more: ${read.left.message}`] : []),
              ...(same ? [] : ["it changed what belongs to another project, or to nobody"])
            ]
          })
        )
        report({
          suite: "hostile",
          what: "service calls",
          tried,
          losses: losses.length,
          note: `the slowest took ${slowest.millis} ms of the processor`
        })
        assert.deepStrictEqual(losses, [])
      }).pipe(Effect.provide(CalmTest.layer)),
    slack
  )
})
