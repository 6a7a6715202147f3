/** The grounds on which sequences are done: all of calm in memory, and all of it for real with check scripts that cost little. */
import { CurrentProject } from "@calm/core/CurrentProject"
import { Projects } from "@calm/core/Projects"
import { Git } from "@calm/git/Git"
import { MemoryGitControl } from "@calm/git/MemoryGit"
import * as CalmTest from "@calm/testing/CalmTest"
import * as RealWorld from "@calm/testing/RealWorld"
import * as World from "@calm/testing/World"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import type * as TestServices from "effect/TestServices"
import { type Outcome, scripts } from "./world.ts"
import type { Files } from "./history.ts"
import * as Services from "./services.ts"

/** The first commit of every project. */
export const files: Files = { "README.md": "# A project\n" }

/** What a check script does to come out so, when it is run and when it is asked whether the base has such a tool. */
const scripted = (outcome: Outcome) => {
  const runs = { exitCode: 0, stdout: CalmTest.counts(3, 0, outcome === "passed, one test skipped" ? 1 : 0) }
  const ends = (exitCode: number) => ({ exitCode, stdout: "" })
  switch (outcome) {
    case "passed":
    case "passed, one test skipped":
      return { run: runs, detect: ends(0) }
    case "failed":
      return { run: ends(1), detect: ends(0) }
    case "skipped":
      return { run: ends(3), detect: ends(3) }
    case "gone":
      return { run: ends(3), detect: ends(0) }
    case "unavailable":
      return { run: ends(2), detect: ends(2) }
  }
}

/** A second project beside the one of the world. */
const secondProject = Effect.fnUntraced(function* (at: string) {
  const fs = yield* FileSystem.FileSystem
  const git = yield* Git
  const projects = yield* Projects
  yield* fs.makeDirectory(at)
  yield* git.init(at, "main")
  yield* World.commitIn(at, files, "Start")
  const { project } = yield* projects.register(at)
  return project
})

/** Does something on services that are wholly in memory. A second passes between two commands. */
export const inMemory = <A, E, R>(effect: (calm: Services.Calm) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const checks = yield* CalmTest.ScriptedChecks
    const control = yield* MemoryGitControl
    const git = yield* Git
    const clock = yield* Effect.context<TestServices.TestServices>()
    const ref = "refs/heads/main"
    const calm = yield* Services.make({
      projects: [yield* CurrentProject, yield* secondProject("/second")],
      letComeOut: (script, outcome) =>
        checks.answer(script, ({ env }) => scripted(outcome)[env?.["CALM_MODE"] === "detect" ? "detect" : "run"]),
      rewind: Effect.fnUntraced(function* (repo, to) {
        const from = yield* git.resolve(repo, ref)
        yield* control.switchTo(repo, { commit: to })
        yield* git.updateRef({ repo, ref, from, to: Option.some(to), reason: "rewound" })
        yield* control.switchTo(repo, { branch: ref })
      }),
      wait: Effect.provide(TestClock.adjust("1 second"), clock)
    })
    return yield* effect(calm)
  }).pipe(Effect.withTracerEnabled(false), Effect.provide(CalmTest.layer))

/** A check script that comes out as a file beside it says. */
const script = `import { readFileSync } from "node:fs"
import { basename } from "node:path"
const outcomes = JSON.parse(readFileSync(new URL("outcomes.json", import.meta.url), "utf8"))
const { exitCode, stdout } = outcomes[basename(process.argv[1], ".mjs")][process.env.CALM_MODE ?? "run"]
process.stdout.write(stdout)
process.exitCode = exitCode
`

/** Nothing of the world's usual first commit. */
const bare = Object.fromEntries(Object.keys(RealWorld.files).map((name) => [name, files[name] ?? null]))

/** Does something on services over the real git, SQLite in a file, and real processes. */
export const forReal = <A, E, R>(effect: (calm: Services.Calm) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "calm-model-" })
    const outcomes = new Map(scripts.map((name) => [name, scripted("passed")]))
    const write = Effect.suspend(() =>
      fs.writeFileString(`${folder}/outcomes.json`, JSON.stringify(Object.fromEntries(outcomes)))
    )
    for (const name of scripts) yield* fs.writeFileString(`${folder}/${name}.mjs`, script)
    yield* write
    return yield* Effect.gen(function* () {
      const world = yield* RealWorld.RealWorld
      const calm = yield* Services.make({
        projects: [yield* CurrentProject, yield* secondProject(`${world.folder}/second`)],
        letComeOut: (name, outcome) =>
          Effect.zipRight(
            Effect.sync(() => outcomes.set(name, scripted(outcome))),
            write
          ),
        rewind: (repo, to) => world.git(repo, "reset", "--hard", "--quiet", to),
        wait: Effect.void
      })
      return yield* effect(calm)
    }).pipe(Effect.provide(RealWorld.layer({ scripts: folder, files: bare })))
  }).pipe(Effect.scoped, Effect.provide(NodeContext.layer))
