/** calm's services over the real things, as a program that embeds them has them. */
import * as Calm from "@calm/core/Calm"
import { CurrentActor } from "@calm/core/CurrentActor"
import { CurrentProject } from "@calm/core/CurrentProject"
import { Projects } from "@calm/core/Projects"
import * as Environment from "@calm/process/Environment"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"

/** All services and the project of a repository, which is registered where it is none yet; `beside` holds gates and roles. */
export const layer = (home: string, repo: string, beside: string) =>
  Layer.effect(
    CurrentProject,
    Effect.flatMap(Projects, (projects) => Effect.map(projects.register(repo), ({ project }) => project))
  ).pipe(
    Layer.provideMerge(Calm.layer({ home, gates: Path.join(beside, "gates"), roles: Path.join(beside, "roles") })),
    Layer.provide(Environment.layer),
    Layer.provideMerge(Layer.succeed(CurrentActor, { name: "me", workerId: null }))
  )
