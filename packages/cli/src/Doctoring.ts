/**
 * The services of `calm doctor`: like Session's, for a place where something of what a session needs may be broken. What
 * would keep a session from beginning is a finding here, and no failure.
 */
import * as Calm from "@calm/core/Calm"
import { CurrentActor } from "@calm/core/CurrentActor"
import * as Doctor from "@calm/core/Doctor"
import * as Home from "@calm/core/Home"
import type { HomeFileError } from "@calm/core/HomeFile"
import * as HomeFile from "@calm/core/HomeFile"
import { empty } from "@calm/domain/HomeSettings"
import * as Git from "@calm/git/Git"
import { Environment } from "@calm/process/Environment"
import * as Machine from "@calm/process/Machine"
import * as Owner from "@calm/process/Owner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Invocation } from "./Invocation.ts"
import type { Base } from "./Leaf.ts"
import { around, type FolderNotFound, type InvalidVariable, system } from "./Session.ts"

/** The doctor of the folder that the command is about. */
export const layer: Layer.Layer<Doctor.Doctor, InvalidVariable | FolderNotFound | HomeFileError, Base> =
  Layer.unwrapEffect(
    Effect.gen(function* () {
      // A file of settings that cannot be read is told of by the doctor; what it would have set stays as it is.
      const { actor, folder, options } = yield* around((home) =>
        HomeFile.read(home).pipe(Effect.catchAll(() => Effect.succeed(empty)))
      )
      const environment = yield* Environment
      const { installed, system: own } = yield* Invocation
      const nodeOptions = environment.variables["NODE_OPTIONS"]
      const installation = installed === undefined ? undefined : { folder: installed, nodeOptions }
      const services = Calm.layer({ ...options, system: own }).pipe(
        Layer.provide(Layer.succeed(Environment, environment))
      )
      const machine = Layer.mergeAll(
        Git.layer,
        Machine.layer,
        Owner.layer,
        Home.layer({ path: options.home, database: options.database, config: options.config }),
        Layer.succeed(CurrentActor, actor)
      )
      return Doctor.layer({ folder, services, installation }).pipe(
        Layer.provide(machine.pipe(Layer.provideMerge(system)))
      )
    })
  ).pipe(Layer.provide(system))
