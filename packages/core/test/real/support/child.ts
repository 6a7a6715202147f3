/** What the child processes of the tests run: one command of calm, for real. `child <job as JSON>` */
import * as BuiltInRoles from "@calm/core/BuiltInRoles"
import * as Calm from "@calm/core/Calm"
import * as CheckScripts from "@calm/core/CheckScripts"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import * as Home from "@calm/core/Home"
import { Merges } from "@calm/core/Merges"
import { Projects } from "@calm/core/Projects"
import { Sessions } from "@calm/core/Sessions"
import { Workers } from "@calm/core/Workers"
import * as Git from "@calm/git/Git"
import * as Environment from "@calm/process/Environment"
import * as Owner from "@calm/process/Owner"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Sql from "@calm/sql/Sql"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** Where the process stops for ever: at the nth call of a method of Git, before or after it is done. */
const Stop = Schema.Struct({
  call: Schema.Literal("commitTree", "updateRef"),
  nth: Schema.Int,
  when: Schema.Literal("before", "after")
})
export type Stop = typeof Stop.Type

/** What a child is to do. */
export const Job = Schema.Struct({
  command: Schema.Literal("merge", "work", "save"),
  task: Schema.String,
  repo: Schema.String,
  home: Schema.String,
  gates: Schema.String,
  /** The folder of the role prompts. */
  roles: Schema.String,
  stop: Schema.NullOr(Stop)
})
export type Job = typeof Job.Type

const say = (line: string) => Effect.sync(() => process.stdout.write(`${line}\n`))

/** Until somebody writes to stdin. */
const signal = Effect.async<void>((resume) => {
  process.stdin.once("data", () => {
    process.stdin.destroy()
    resume(Effect.void)
  })
})

const stopping =
  (stop: Stop) =>
  (real: Context.Tag.Service<typeof Git.Git>): Context.Tag.Service<typeof Git.Git> => {
    let left = stop.nth
    const stopped = Effect.andThen(say("stopped"), Effect.never)
    const guard = <A, E>(call: Stop["call"], run: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() => {
        if (call !== stop.call || --left !== 0) return run
        return stop.when === "before" ? stopped : Effect.zipRight(run, stopped)
      })
    return {
      ...real,
      commitTree: (options) => guard("commitTree", real.commitTree(options)),
      updateRef: (options) => guard("updateRef", real.updateRef(options))
    }
  }

const layerOf = ({ gates, home, roles, stop }: Job) => {
  if (stop === null) return Calm.layer({ home, gates, roles }).pipe(Layer.provide(Environment.layer))
  const disk = Layer.merge(NodeFileSystem.layer, NodePath.layer)
  const git = Layer.effect(Git.Git, Effect.map(Git.Git, stopping(stop))).pipe(Layer.provide(Git.layer))
  const machine = Layer.mergeAll(
    git,
    Owner.layer,
    CheckScripts.layer(gates),
    BuiltInRoles.layer(roles),
    Home.layer({ path: home }),
    Sql.layerFile(`${home}/metadata.db`)
  ).pipe(Layer.provideMerge(Layer.mergeAll(ProcessRunner.layer, Environment.layer)), Layer.provideMerge(disk))
  return Calm.services.pipe(Layer.provide(machine))
}

const commandOf = Effect.fnUntraced(function* ({ command, task }: Job) {
  const merges = yield* Merges
  const sessions = yield* Sessions
  const workers = yield* Workers
  switch (command) {
    case "merge":
      return yield* Effect.asVoid(merges.merge(task))
    case "save":
      return yield* Effect.asVoid(sessions.save(`About ${task}`, { continues: true }))
    case "work":
      return yield* Effect.asVoid(workers.start(task, "backend"))
  }
})

const program = Effect.gen(function* () {
  const job = yield* Schema.decodeUnknown(Schema.parseJson(Job))(process.argv[2])
  yield* Effect.gen(function* () {
    const projects = yield* Projects
    const project = yield* projects.find(job.repo)
    yield* say("ready")
    yield* signal
    yield* commandOf(job).pipe(Effect.provideService(CurrentProject, project))
    yield* say("done")
  }).pipe(Effect.provideService(CurrentActor, { name: "me", workerId: null }), Effect.provide(layerOf(job)))
})

Effect.runPromise(program).catch((error) => {
  process.stderr.write(`${error}\n`)
  process.exitCode = 1
})
