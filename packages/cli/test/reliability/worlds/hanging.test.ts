/** A remote that takes the call and never answers. */
import { assert, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import { git } from "../support/checkout.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { lines } from "./engine.ts"
import { faultsOf } from "./judge.ts"
import { look } from "./look.ts"
import * as Ready from "./ready.ts"

/** A server that says nothing. `called` waits for its first caller, `left` until that one has hung up. */
const silence = Effect.gen(function* () {
  const called = yield* Deferred.make<Net.Socket>()
  const left = yield* Deferred.make<void>()
  const server = yield* Effect.acquireRelease(
    Effect.sync(() =>
      Net.createServer((socket) => {
        Deferred.unsafeDone(called, Effect.succeed(socket))
        // What is not read keeps the end of the call unseen.
        socket.resume().on("close", () => Deferred.unsafeDone(left, Effect.void))
        socket.on("error", () => socket.destroy())
      })
    ),
    (listening) => Effect.sync(() => void listening.close())
  )
  yield* Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void)))
  const address = server.address()
  assert(typeof address === "object" && address !== null)
  return { port: address.port, called: Deferred.await(called), left: Deferred.await(left) }
})

/** A clock on which the two minutes that a remote has are over in two seconds; all else takes its time. */
const hasty = Effect.map(Effect.clock, (clock): Clock.Clock => ({
  [Clock.ClockTypeId]: Clock.ClockTypeId,
  unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis(),
  unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
  currentTimeMillis: clock.currentTimeMillis,
  currentTimeNanos: clock.currentTimeNanos,
  sleep: (duration) => clock.sleep(Duration.equals(duration, Duration.minutes(2)) ? Duration.seconds(2) : duration)
}))

/** The project, its main following a branch of the server. */
const following = Effect.gen(function* () {
  const server = yield* silence
  const ready = yield* Ready.make
  const { repo } = ready.place
  git(repo, "remote", "add", "origin", `git://127.0.0.1:${server.port}/x.git`)
  git(repo, "config", "branch.main.remote", "origin")
  git(repo, "config", "branch.main.merge", "refs/heads/main")
  return { ...ready, ...server }
})

it.scopedLive(
  "a merge whose remote never answers ends by its deadline, says how to go without it, and then goes without it",
  () =>
    Effect.gen(function* () {
      const { left, place, world } = yield* following
      const before = look(place)
      const { error, exitCode } = yield* Effect.withClock(world.line(lines.merge), yield* hasty)
      assert.strictEqual(exitCode, 8)
      assert.include(JSON.stringify(error), "the base's remote could not be asked: git did not fetch")
      assert.include(JSON.stringify(error), "within 120 s")
      assert.strictEqual(error?.hint, "calm worktree merge SPEC-001 --no-pull")
      yield* left
      const faults = faultsOf({ command: "merge", succeeded: false, place, base: "main", before, after: look(place) })
      report({ suite: "worlds", what: "remotes that never answer", tried: 2, losses: faults.length })
      assert.deepStrictEqual(faults, [])
      const without = yield* world.line(`${lines.merge} --no-pull`)
      assert.strictEqual(without.exitCode, 0)
    }),
  120_000
)

it.scopedLive(
  "Ctrl-C ends a merge that waits for its remote, and the git that it started",
  () =>
    Effect.gen(function* () {
      const program = yield* Command.bundle()
      const { called, left, place } = yield* following
      const before = look(place)
      const running = yield* Command.start(program, place, lines.merge.split(" "))
      yield* called
      yield* running.kill("SIGINT")
      const { code } = yield* running.ended
      assert.strictEqual(code, 130)
      yield* left
      assert.deepStrictEqual(
        faultsOf({ command: "merge", succeeded: false, place, base: "main", before, after: look(place) }),
        []
      )
    }),
  120_000
)
