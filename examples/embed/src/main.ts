/** calm's services in a program of our own: the real database, files and processes, and a git of our own. */
import * as Calm from "@calm/core/Calm"
import * as Ports from "@calm/core/Ports"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { Projects } from "@calm/core/Projects"
import { Tasks } from "@calm/core/Tasks"
import { Git } from "@calm/git/Git"
import * as Environment from "@calm/process/Environment"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as planning from "./planning.js"
import * as RecordingGit from "./RecordingGit.js"

/** All services of calm over the real things, with our git in front of the real one. */
const calm = (home: string) => {
  const ports = RecordingGit.layer.pipe(Layer.provideMerge(Ports.layer({ home })))
  return Calm.services.pipe(Layer.provideMerge(ports), Layer.provideMerge(Environment.layer))
}

/** A repository with one commit. A program that serves real ones asks `Projects` for them in the same way. */
const repositoryIn = Effect.fn("repositoryIn")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const git = yield* Git
  const repository = `${folder}/greetings`
  yield* files.makeDirectory(repository)
  yield* git.init(repository, "main")
  yield* files.writeFileString(`${repository}/README.md`, "# Greetings\n")
  yield* git.commit({ checkout: repository, message: "Start", include: "all" })
  return repository
})

const story = Effect.gen(function* () {
  yield* planning.plan("SPEC-001", "Add a greeting")
  yield* Console.log(yield* planning.move("SPEC-404", "DESIGN"))
  yield* Console.log(yield* planning.move("SPEC-001", "DESIGN"))
  yield* planning.agreeOnSpec("SPEC-001", "Greet people by name.\n")
  yield* Console.log(yield* planning.move("SPEC-001", "DESIGN"))

  const { task, transitions } = yield* Effect.flatMap(Tasks, (tasks) => tasks.details("SPEC-001"))
  yield* Console.log(`${task.id} is in ${task.phase} after ${transitions.length} move`)
  const { lines } = yield* RecordingGit.GitJournal
  for (const line of yield* lines) yield* Console.log(`git: ${line}`)
})

const program = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const folder = yield* Effect.flatMap(files.makeTempDirectoryScoped({ prefix: "embed-calm-" }), files.realPath)
  const inProject = Effect.gen(function* () {
    const repository = yield* repositoryIn(folder)
    const { project } = yield* Effect.flatMap(Projects, (projects) => projects.register(repository))
    yield* Effect.provideService(story, CurrentProject, project)
  })
  yield* inProject.pipe(
    Effect.provideService(CurrentActor, { name: "embed-calm", workerId: null }),
    Effect.provide(calm(`${folder}/home`))
  )
}).pipe(Effect.scoped, Effect.provide(NodeContext.layer))

NodeRuntime.runMain(program)
