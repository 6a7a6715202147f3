/** What a command knows about how it was called, beside its own arguments. */
import type { System } from "@calm/core/Ports"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Group } from "./Tree.ts"

export class Invocation extends Context.Tag("@calm/cli/Invocation")<
  Invocation,
  {
    /** The words of the command: `["task", "create"]`. */
    readonly path: ReadonlyArray<string>
    /** `--project`, as it was typed. */
    readonly project: string | undefined
    /** Is the answer printed as JSON? */
    readonly json: boolean
    /** The folder of the check scripts that belong to this calm, absolute. */
    readonly gates: string
    /** The folder of its role prompts, absolute. */
    readonly roles: string
    /** The folder of the bundle that runs, absolute; none where calm does not run from one. */
    readonly installed: string | undefined
    /** What it acts on the machine with, if that is not the machine's own. */
    readonly system: Layer.Layer<System> | undefined
    /** Every command there is. */
    readonly tree: Group
    /** Says how to go on with what this run leaves behind: the hint, should it be interrupted. */
    readonly unfinished: (command: string) => Effect.Effect<void>
  }
>() {}
