/**
 * A world in memory whose processes can be cut off at any step: before a chosen change of a file or a ref, the process
 * stops for good. None of its finalizers run, as after SIGKILL or a power cut.
 */
import * as BuiltInRoles from "@calm/core/BuiltInRoles"
import * as Calm from "@calm/core/Calm"
import * as CheckScripts from "@calm/core/CheckScripts"
import { CurrentActor } from "@calm/core/CurrentActor"
import * as Home from "@calm/core/Home"
import { Git } from "@calm/git/Git"
import * as MemoryGit from "@calm/git/MemoryGit"
import * as Environment from "@calm/process/Environment"
import * as Owner from "@calm/process/Owner"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Sql from "@calm/sql/Sql"
import * as CalmTest from "@calm/testing/CalmTest"
import * as MemoryFileSystem from "@calm/testing/MemoryFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"

/** What happens at a step of a command: it says so, and stops for good or waits to be interrupted. */
interface Plan {
  readonly kind: "crash" | "wait"
  /** Steps until then. */
  left: number
  readonly stopped: Deferred.Deferred<void>
}

export class Steps extends Context.Tag("@calm/core/test/Steps")<
  Steps,
  {
    /** Runs a command that is cut off before its nth change; `finished` when it has fewer. */
    readonly crash: <A, E, R>(
      at: number,
      command: Effect.Effect<A, E, R>
    ) => Effect.Effect<"crashed" | "finished", never, R>
    /** Runs a command that is interrupted (Ctrl-C) before its nth change, finalizers and all. */
    readonly interrupt: <A, E, R>(
      at: number,
      command: Effect.Effect<A, E, R>
    ) => Effect.Effect<"interrupted" | "finished", never, R>
    /** One change: what was planned for it happens. */
    readonly step: Effect.Effect<void>
    /** Nothing that was planned happens inside. */
    readonly whole: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  }
>() {}

const cut = Symbol.for("@calm/core/test/cut")

const isCut = (cause: Cause.Cause<unknown>) => Chunk.some(Cause.defects(cause), (defect) => defect === cut)

const steps = Layer.sync(Steps, () => {
  let plan: Plan | undefined
  /** With this plan, or with none. */
  const under = <A, E, R>(during: Plan | undefined, effect: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      const before = plan
      plan = during
      return Effect.ensuring(
        effect,
        Effect.sync(() => {
          plan = before
        })
      )
    })
  const running = <A, E, R>(left: number, kind: Plan["kind"], command: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      const stopped = yield* Deferred.make<void>()
      const started = Effect.gen(function* () {
        const fiber = yield* Effect.forkDaemon(command)
        const ended = yield* Effect.race(Effect.as(Fiber.await(fiber), true), Effect.as(Deferred.await(stopped), false))
        return { ended, fiber }
      })
      return yield* under({ kind, left, stopped }, started)
    })
  return {
    crash: (at, command) => Effect.map(running(at, "crash", command), ({ ended }) => (ended ? "finished" : "crashed")),
    interrupt: (at, command) =>
      Effect.flatMap(running(at, "wait", command), ({ ended, fiber }) =>
        ended ? Effect.succeed("finished" as const) : Effect.as(Fiber.interrupt(fiber), "interrupted" as const)
      ),
    whole: (effect) => under(undefined, effect),
    step: Effect.suspend(() => {
      if (plan === undefined || plan.left-- > 0) return Effect.void
      const { kind, stopped } = plan
      const end = kind === "crash" ? Effect.die(cut) : Effect.interruptible(Effect.never)
      return Effect.zipRight(Deferred.succeed(stopped, undefined), end)
    })
  }
})

/** Whatever was cut off inside goes no further: the fiber stops here. */
const stops = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.catchAllCause(effect, (cause) => (isCut(cause) ? Effect.never : Effect.failCause(cause)))

/** A file system each change of which is a step. */
const stepping = Layer.effect(
  FileSystem.FileSystem,
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { step } = yield* Steps
    const changing =
      <Args extends ReadonlyArray<unknown>, A, E, R>(change: (...args: Args) => Effect.Effect<A, E, R>) =>
      (...args: Args) =>
        Effect.zipRight(step, change(...args))
    return {
      ...files,
      makeDirectory: changing(files.makeDirectory),
      open: changing(files.open),
      remove: changing(files.remove),
      rename: changing(files.rename),
      writeFile: changing(files.writeFile),
      writeFileString: changing(files.writeFileString)
    }
  })
)

/** Files as the services see them: what is cut off inside stops. */
const stoppingFiles = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(FileSystem.FileSystem, (files) => {
    const stopping =
      <Args extends ReadonlyArray<unknown>, A, E, R>(change: (...args: Args) => Effect.Effect<A, E, R>) =>
      (...args: Args) =>
        stops(change(...args))
    return {
      ...files,
      makeDirectory: stopping(files.makeDirectory),
      open: stopping(files.open),
      remove: stopping(files.remove),
      rename: stopping(files.rename),
      writeFile: stopping(files.writeFile),
      writeFileString: stopping(files.writeFileString)
    }
  })
)

/** Git as the services see it: each change is a step, those inside of it too. */
const stoppingGit = Layer.effect(
  Git,
  Effect.gen(function* () {
    const git = yield* Git
    const { step, whole } = yield* Steps
    const changing =
      <Args extends ReadonlyArray<unknown>, A, E, R>(change: (...args: Args) => Effect.Effect<A, E, R>) =>
      (...args: Args) =>
        stops(Effect.zipRight(step, change(...args)))
    return {
      ...git,
      addWorktree: changing(git.addWorktree),
      commitTree: changing(git.commitTree),
      // Calm sees to it that git is not interrupted here; what a power cut leaves of it is git's own.
      fastForward: changing((options) => whole(git.fastForward(options))),
      snapshot: changing(git.snapshot),
      trashWorktree: changing(git.trashWorktree),
      untrashWorktree: changing(git.untrashWorktree),
      updateRef: changing(git.updateRef)
    }
  })
)

const environment = Environment.layerOf({
  variables: {},
  cwd: CalmTest.repo,
  home: "/home/me",
  user: CalmTest.person.name,
  node: "/usr/bin/node"
})

const disk = stepping.pipe(Layer.provide(MemoryFileSystem.layer))

const ports = Layer.merge(stoppingFiles, stoppingGit.pipe(Layer.provideMerge(MemoryGit.layer))).pipe(
  Layer.provide(disk),
  Layer.provideMerge(steps)
)

const machine = Layer.mergeAll(
  Home.layer({ path: "/home/me/.calm" }),
  Owner.layerMemory(),
  environment,
  ProcessRunner.layerScripted(() => ({ stdout: CalmTest.counts(1, 0, 0) })),
  CheckScripts.layerMemory,
  BuiltInRoles.layer("/roles"),
  Sql.layerMemory
).pipe(Layer.provideMerge(Layer.merge(ports, Path.layer)))

/** `CalmTest.layer` with steps. */
export const layer = CalmTest.project.pipe(
  Layer.provideMerge(Calm.services),
  Layer.provideMerge(machine),
  Layer.provideMerge(Layer.succeed(CurrentActor, CalmTest.person))
)
