/**
 * Who holds a lock or runs an operation, in a form that lets another process prove later that the holder is dead.
 *
 * Alive, dead and unknown are three answers, and unknown is never to be treated as dead.
 */
import * as Traced from "@calm/domain/Traced"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import * as ProcStat from "./internal/procStat.ts"
import * as Signals from "./internal/signals.ts"

/** A process, named so that a recycled pid, another host or another container is not taken for it. */
export const Owner = Schema.Struct({
  host: Schema.String,
  /** The system's boot id; `null` where it has none. */
  bootId: Schema.NullOr(Schema.String),
  /** The pid namespace (containers); `null` where there are none. */
  pidNamespace: Schema.NullOr(Schema.String),
  pid: Schema.Int,
  /** The process's start time as the system tells it; `null` where it does not. */
  startTime: Schema.NullOr(Schema.String)
})
export type Owner = typeof Owner.Type

/** Unknown is never taken for dead. */
export type Liveness = "alive" | "dead" | "unknown"

/** Who this process is, and whether another owner still lives. */
export class Owners extends Context.Tag("@calm/process/Owners")<
  Owners,
  {
    /** This very process. */
    readonly self: Owner
    /** Does that process still run? An owner on another host or in another pid namespace is unknown. */
    readonly liveness: (owner: Owner) => Effect.Effect<Liveness>
  }
>() {}

/** `null` where the system has no such file. */
const ifThere = (read: () => string): string | null => {
  try {
    return read().trim()
  } catch {
    return null
  }
}

const thisProcess = (): Owner => ({
  host: hostname(),
  bootId: ifThere(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
  pidNamespace: ifThere(() => readlinkSync("/proc/self/ns/pid")),
  pid: process.pid,
  startTime: ProcStat.read("self")?.startTime ?? null
})

/** A pid that names one process: 0 and below name groups, and larger ones do not exist. */
const namesOneProcess = (pid: number): boolean => Number.isInteger(pid) && pid > 0 && pid < 2 ** 31

const isThere = (self: Owner, owner: Owner): Liveness => {
  if (owner.host !== self.host) return "unknown"
  // The same host, started anew since: none of its processes is left.
  if (owner.bootId !== null && self.bootId !== null && owner.bootId !== self.bootId) return "dead"
  if (owner.pidNamespace !== self.pidNamespace || !namesOneProcess(owner.pid)) return "unknown"
  if (Signals.probe(owner.pid) === "gone") return "dead"
  // Without start times a pid says no more than that some process has it now.
  if (self.startTime === null) return owner.pid === self.pid ? "alive" : "unknown"
  const stat = ProcStat.read(owner.pid)
  // It has ended in between, or its state is hidden from this user.
  if (stat === null) return Signals.probe(owner.pid) === "gone" ? "dead" : "unknown"
  if (owner.startTime === null) return "unknown"
  return owner.startTime !== stat.startTime || ProcStat.hasEnded(stat) ? "dead" : "alive"
}

/** Asks the system, without starting a process. */
export const layer: Layer.Layer<Owners> = Layer.sync(Owners, () => {
  const self = thisProcess()
  return {
    self,
    liveness: Traced.fn("Owners.liveness")((owner: Owner) => Effect.sync(() => isThere(self, owner)))
  }
})

/** What the in-memory layer answers. */
export class OwnersTable extends Context.Tag("@calm/process/OwnersTable")<
  OwnersTable,
  {
    /** From now on this owner is said to be so. */
    readonly set: (owner: Owner, liveness: Liveness) => Effect.Effect<void>
  }
>() {}

const keyOf = (owner: Owner): string =>
  JSON.stringify([owner.host, owner.bootId, owner.pidNamespace, owner.pid, owner.startTime])

/** The process of a world in memory. */
export const memorySelf: Owner = { host: "memory", bootId: "boot", pidNamespace: "pid:[1]", pid: 1, startTime: "1" }

/** Asks a table: `self` is alive and everybody else unknown until it says otherwise. */
export const layerMemory = (self: Owner = memorySelf): Layer.Layer<Owners | OwnersTable> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const table = yield* Ref.make(HashMap.make<[[string, Liveness]]>([keyOf(self), "alive"]))
      const liveness = Traced.fn("Owners.liveness")((owner: Owner) =>
        Effect.map(Ref.get(table), (known) =>
          Option.getOrElse(HashMap.get(known, keyOf(owner)), (): Liveness => "unknown")
        )
      )
      return Context.make(Owners, { self, liveness }).pipe(
        Context.add(OwnersTable, {
          set: (owner, answer) => Ref.update(table, HashMap.set(keyOf(owner), answer))
        })
      )
    })
  )
