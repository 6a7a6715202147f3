/** Sessions once they are saved: listed, shown, found pending and resumed. */
import { CurrentProject } from "@calm/core/CurrentProject"
import { Sessions } from "@calm/core/Sessions"
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { asWorker, calm, failure, same, told } from "./support/calm.ts"

const save = (handoff = "# Where we are\n\nHalf-way.\n", options: { continues?: boolean; autoCommit?: boolean } = {}) =>
  Effect.flatMap(Sessions, (sessions) => sessions.save(handoff, options))

describe("sessions", () => {
  it.effect("are listed newest first with one line each, also those of one millisecond", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      yield* save("\n\n## First things *first* ##\n\nbody")
      yield* save("second")
      yield* save("---\n> third")
      same(
        (yield* sessions.list(2)).map(({ summary }) => summary),
        ["third", "second"]
      )
      const [last] = (yield* sessions.list(10)).slice(-1)
      same(last?.summary, "First things *first")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are found by the beginning of their id, and not where it fits several", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { session: one } = yield* save("one")
      same((yield* sessions.get("s-")).id, one.id)
      yield* TestClock.adjust("1 day")
      const { session: two } = yield* save("two")
      same((yield* sessions.get(two.id.slice(0, 8).toUpperCase())).handoff, "two")
      const error = yield* failure(sessions.get("S-0"), "SessionAmbiguous")
      same([error.category, error.ids], ["validation", [two.id, one.id]])
      for (const unknown of ["S-1", "nothing", "S-%", "", "S-' OR 1=1"])
        same(yield* told(sessions.get(unknown)), {
          tag: "SessionNotFound",
          category: "not_found",
          hint: "calm session list"
        })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are pending while they go on and nobody has resumed them; showing is not resuming", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      same(yield* sessions.pending, { session: null, count: 0 })
      const { session: older } = yield* save("older", { continues: true })
      const { session } = yield* save("newer", { continues: true })
      yield* save("the end")
      yield* sessions.get(session.id)
      same(yield* sessions.pending, { session, count: 2 })
      const resumed = yield* sessions.resume(session.id).pipe(asWorker("W-1"))
      same([resumed.handoff, resumed.resumedBy], ["newer", "W-1"])
      same((yield* sessions.pending).session?.id, older.id)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are resumed once: who comes second learns who was first, and can still read the hand-over", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { session } = yield* save("one", { continues: true })
      yield* sessions.resume(session.id)
      const error = yield* failure(sessions.resume(session.id).pipe(asWorker("W-2")), "SessionResumed")
      same([error.category, error.by, error.hint], ["conflict", "me", `calm session show ${session.id}`])
      same((yield* sessions.get(session.id)).resumedBy, "me")
      const { events } = yield* calm
      same((yield* events.list({ limit: 10 })).filter(({ kind }) => kind === "session.resumed").length, 1)
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("belong to a project: another one sees none of them", () =>
    Effect.gen(function* () {
      const { files, git, projects } = yield* calm
      const sessions = yield* Sessions
      const { session } = yield* save("one", { continues: true })
      yield* files.makeDirectory("/other", { recursive: true })
      yield* git.init("/other", "main")
      yield* World.commitIn("/other", { "a.js": "a" })
      const { project } = yield* projects.register("/other")
      const there = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideService(effect, CurrentProject, project)
      same(yield* there(sessions.list(10)), [])
      same(yield* there(sessions.pending), { session: null, count: 0 })
      same((yield* told(there(sessions.get(session.id)))).tag, "SessionNotFound")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
