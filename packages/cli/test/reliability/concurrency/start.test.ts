/** Many processes that are the first ones: there is no database yet, or nobody has seen the repository where it is. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { damaged } from "../support/checkout.ts"
import * as Command from "../support/command.ts"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import { ledgerOf } from "./ledger.ts"

const processes = scaled(6, 30)

/** A way to begin together. */
interface Beginning {
  readonly name: string
  /** What is there before: the place in which each process begins. */
  readonly prepare: (program: string, place: Command.Place) => Effect.Effect<(number: number) => Command.Place>
  readonly words: (number: number) => ReadonlyArray<string>
  /** The refusals that the rules explain, and why. */
  readonly refusals: Readonly<Record<string, string>>
  /** What there is afterwards, by events: how often each kind is there. */
  readonly events: (done: (words: string) => number) => Readonly<Record<string, number>>
}

const inOne = (place: Command.Place) => Effect.succeed(() => place)
const tooEarly = { project_not_found: "nobody had run init yet" }

const beginnings: ReadonlyArray<Beginning> = [
  {
    name: "init, in one repository",
    prepare: (_, place) => inOne(place),
    words: () => ["init"],
    refusals: {},
    events: () => ({ "project.registered": 1 })
  },
  {
    name: "init, each in a repository of its own, with one home",
    prepare: (_, place) =>
      Effect.sync(() => {
        const repos = Array.from({ length: processes }, (_, number) => `${place.repo}-${number}`)
        for (const repo of repos) World.repository(repo)
        return (number) => ({ ...place, repo: repos[number] ?? place.repo })
      }),
    words: () => ["init"],
    refusals: {},
    events: () => ({ "project.registered": processes })
  },
  {
    name: "init, status and task create, in one repository",
    prepare: (_, place) => inOne(place),
    words: (number) => [["init"], ["status"], ["task", "create", `SPEC-${number}`, "A task"]][number % 3] ?? [],
    refusals: tooEarly,
    events: (done) => ({ "project.registered": 1, "task.created": done("task") })
  },
  {
    name: "init, in a repository that another database knows",
    prepare: (program, place) =>
      Effect.as(Command.run(program, { ...place, home: Path.join(place.base, "other") }, ["init"]), () => place),
    words: () => ["init"],
    refusals: {},
    events: () => ({ "project.registered": 1 })
  },
  {
    name: "init, in a copy of a repository",
    prepare: (program, place) =>
      Effect.map(Command.run(program, place, ["init"]), () => {
        const repo = `${place.repo}-copy`
        Fs.cpSync(place.repo, repo, { recursive: true })
        return () => ({ ...place, repo })
      }),
    words: () => ["init"],
    refusals: {},
    events: () => ({ "project.registered": 2 })
  },
  {
    name: "status, in a repository that was moved",
    prepare: (program, place) =>
      Effect.map(Command.run(program, place, ["init"]), () => {
        const repo = `${place.repo}-moved`
        Fs.renameSync(place.repo, repo)
        return () => ({ ...place, repo })
      }),
    words: () => ["status"],
    refusals: {},
    events: () => ({ "project.registered": 1, "project.moved": 1 })
  }
]

const Registered = Schema.Struct({ project: Schema.Struct({ id: Schema.String, path: Schema.String }) })

/** Everything that is wrong after processes began together. */
const losses = Effect.fnUntraced(function* (program: string, beginning: Beginning) {
  const base = yield* World.folder
  const place = { base, home: Path.join(base, "calm"), repo: World.repository(Path.join(base, "repo")) }
  const placeOf = yield* beginning.prepare(program, place)
  const all = yield* Effect.forEach(
    Array.from({ length: processes }, (_, number) => ({ words: beginning.words(number), place: placeOf(number) })),
    ({ place: at, words }) =>
      Effect.map(Command.json(program, at, words), (answer) => ({ ...answer, words, repo: at.repo })),
    { concurrency: "unbounded" }
  )
  const unexplained = all
    .filter(({ error }) => error !== undefined && beginning.refusals[error.code] === undefined)
    .map(({ error, words }) => `${words.join(" ")}: ${error?.code}: ${error?.message}`)
  const done = all.filter(({ error }) => error === undefined)

  const ids = done.flatMap(({ data, repo, words }) => {
    if (words[0] !== "init") return []
    const { project } = Schema.decodeUnknownSync(Registered)(data)
    return [{ at: `${repo} is the project ${project.id} at ${project.path}`, repo }]
  })
  const projects = new Map(ids.map(({ at, repo }) => [repo, at]))

  const { events } = ledgerOf(placeOf(0))
  const counts = Object.fromEntries(
    [...new Set(events.map(({ kind }) => kind))].map((kind) => [
      kind,
      events.filter((each) => each.kind === kind).length
    ])
  )
  const wanted = beginning.events((word) => done.filter(({ words }) => words[0] === word).length)
  const told = (kinds: Readonly<Record<string, number>>) =>
    Object.keys(kinds)
      .filter((kind) => kinds[kind] !== 0)
      .toSorted()
      .map((kind) => `${kind} ${kinds[kind]}`)
      .join(", ")
  const damage = damaged(Path.join(place.home, "metadata.db"))
  const left = Fs.readdirSync(Path.join(placeOf(0).repo, ".git"), { recursive: true })
    .map(String)
    .filter((name) => name.startsWith("calm/project."))
  return [
    ...unexplained,
    ...ids.filter(({ at, repo }) => projects.get(repo) !== at).map(({ at }) => `${at}, and not only that`),
    ...(told(counts) === told(wanted) ? [] : [`there are ${told(counts)} instead of ${told(wanted)}`]),
    ...(damage === "" ? [] : [damage]),
    ...left.map((name) => `${name} was left`)
  ]
})

it.scopedLive.each(beginnings)(
  `${processes} processes begin together: $name`,
  (beginning) =>
    Effect.gen(function* () {
      const program = yield* Command.bundle()
      const found = yield* losses(program, beginning)
      report({
        suite: "concurrency",
        what: `processes begin with ${beginning.name}`,
        tried: processes,
        losses: found.length
      })
      assert.deepStrictEqual(found, [])
    }),
  600_000
)
