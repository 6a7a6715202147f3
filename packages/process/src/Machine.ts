/** The machine that calm runs on: what a check-up asks about it. */
import * as Traced from "@calm/domain/Traced"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { statfs } from "node:fs/promises"

/** What a check-up asks about the machine. */
export class Machine extends Context.Tag("@calm/process/Machine")<
  Machine,
  {
    /** The version of Node that runs this program, such as `20.19.5`. */
    readonly nodeVersion: string
    /** Bytes that this user may still write on the file system of a folder; none where the system does not tell. */
    readonly freeSpace: (folder: string) => Effect.Effect<Option.Option<number>>
  }
>() {}

/** This machine. */
export const layer: Layer.Layer<Machine> = Layer.sync(Machine, () => ({
  nodeVersion: process.versions.node,
  freeSpace: Traced.fn("Machine.freeSpace")((folder: string) =>
    Effect.tryPromise(() => statfs(folder)).pipe(
      Effect.map(({ bavail, bsize }) => bavail * bsize),
      Effect.option
    )
  )
}))

/** What the in-memory layer answers. */
export class MachineControl extends Context.Tag("@calm/process/MachineControl")<
  MachineControl,
  {
    /** From now on this much is free below this folder; none: the system does not tell. */
    readonly setFreeSpace: (folder: string, bytes: Option.Option<number>) => Effect.Effect<void>
  }
>() {}

const plenty = 100 * 1024 ** 3

/** A machine with room enough, until it is told otherwise. */
export const layerMemory = (nodeVersion = "20.19.5"): Layer.Layer<Machine | MachineControl> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const told = yield* Ref.make<ReadonlyMap<string, Option.Option<number>>>(new Map())
      return Context.make(Machine, {
        nodeVersion,
        freeSpace: Traced.fn("Machine.freeSpace")((folder: string) =>
          Effect.map(Ref.get(told), (known) => known.get(folder) ?? Option.some(plenty))
        )
      }).pipe(
        Context.add(MachineControl, {
          setFreeSpace: (folder, bytes) => Ref.update(told, (known) => new Map(known).set(folder, bytes))
        })
      )
    })
  )
