import * as Owner from "@calm/process/Owner"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"

const noProc = !existsSync("/proc/self/stat")

/** A child that runs until it is killed. */
const child = Effect.acquireRelease(
  Effect.promise(async () => {
    const started = spawn("sleep", ["120"], { stdio: "ignore" })
    await once(started, "spawn")
    return started
  }),
  (started) => Effect.sync(() => started.kill("SIGKILL"))
)

const pidOf = (started: { readonly pid?: number | undefined }): number => {
  assert.isDefined(started.pid)
  return started.pid ?? 0
}

const startTimeOf = (pid: number): string | null =>
  noProc ? null : (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? null)

describe("Owners.layer", () => {
  it.effect("this process is alive, and its name survives the way through JSON", () =>
    Effect.gen(function* () {
      const owners = yield* Owner.Owners
      assert.strictEqual(owners.self.pid, process.pid)
      assert.strictEqual(yield* owners.liveness(owners.self), "alive")
      const again = Schema.decodeSync(Schema.parseJson(Owner.Owner))(JSON.stringify(owners.self))
      assert.strictEqual(yield* owners.liveness(again), "alive")
    }).pipe(Effect.provide(Owner.layer))
  )

  it.scoped("a child is alive until it has ended, and dead then", () =>
    Effect.gen(function* () {
      const owners = yield* Owner.Owners
      const started = yield* child
      const owner: Owner.Owner = { ...owners.self, pid: pidOf(started), startTime: startTimeOf(pidOf(started)) }
      assert.strictEqual(yield* owners.liveness(owner), noProc ? "unknown" : "alive")
      yield* Effect.promise(async () => {
        const exit = once(started, "exit")
        started.kill("SIGKILL")
        await exit
      })
      assert.strictEqual(yield* owners.liveness(owner), "dead")
    }).pipe(Effect.provide(Owner.layer))
  )

  it.scoped.skipIf(noProc)("a process that has ended but is not reaped yet is dead", () =>
    Effect.gen(function* () {
      const owners = yield* Owner.Owners
      // The `sleep` that takes the shell's place never asks how the shell's child has ended.
      const parent = yield* Effect.acquireRelease(
        Effect.sync(() =>
          spawn("sh", ["-c", "sleep 120 & echo $!; exec sleep 120"], { stdio: ["ignore", "pipe", "ignore"] })
        ),
        (started) => Effect.sync(() => started.kill("SIGKILL"))
      )
      const pid = yield* Effect.promise(async () => Number(String((await once(parent.stdout, "data"))[0])))
      yield* Effect.sync(() => readFileSync(`/proc/${pidOf(parent)}/comm`, "utf8")).pipe(
        Effect.repeat({ until: (program) => program === "sleep\n" })
      )
      const owner: Owner.Owner = { ...owners.self, pid, startTime: startTimeOf(pid) }
      process.kill(pid, "SIGKILL")
      const dead = yield* owners.liveness(owner).pipe(Effect.repeat({ until: (liveness) => liveness === "dead" }))
      assert.strictEqual(dead, "dead")
      assert.isTrue(process.kill(pid, 0))
    }).pipe(Effect.provide(Owner.layer))
  )

  it.effect.skipIf(noProc)("a process that has another's pid is not taken for it", () =>
    Effect.gen(function* () {
      const owners = yield* Owner.Owners
      assert.strictEqual(yield* owners.liveness({ ...owners.self, startTime: "1" }), "dead")
    }).pipe(Effect.provide(Owner.layer))
  )

  it.effect.skipIf(noProc)("an owner from before the host was started anew is dead", () =>
    Effect.gen(function* () {
      const owners = yield* Owner.Owners
      assert.strictEqual(yield* owners.liveness({ ...owners.self, bootId: "another" }), "dead")
    }).pipe(Effect.provide(Owner.layer))
  )

  it.effect("what cannot be proven is unknown: another host, another container, a pid that names no process", () =>
    Effect.gen(function* () {
      const { liveness, self } = yield* Owner.Owners
      assert.strictEqual(yield* liveness({ ...self, host: `${self.host}-other` }), "unknown")
      assert.strictEqual(yield* liveness({ ...self, host: `${self.host}-other`, bootId: "another" }), "unknown")
      assert.strictEqual(yield* liveness({ ...self, pidNamespace: "pid:[1]" }), "unknown")
      for (const pid of [0, -1, 2 ** 31]) assert.strictEqual(yield* liveness({ ...self, pid }), "unknown")
    }).pipe(Effect.provide(Owner.layer))
  )
})

describe("Owners.layerMemory", () => {
  it.effect("answers what it was told: itself alive, others unknown until then", () =>
    Effect.gen(function* () {
      const owners = yield* Owner.Owners
      const table = yield* Owner.OwnersTable
      const other: Owner.Owner = { ...owners.self, pid: 2 }
      assert.strictEqual(yield* owners.liveness(owners.self), "alive")
      assert.strictEqual(yield* owners.liveness(other), "unknown")
      yield* table.set(other, "dead")
      yield* table.set(owners.self, "unknown")
      assert.strictEqual(yield* owners.liveness({ ...other }), "dead")
      assert.strictEqual(yield* owners.liveness(owners.self), "unknown")
    }).pipe(Effect.provide(Owner.layerMemory()))
  )
})
