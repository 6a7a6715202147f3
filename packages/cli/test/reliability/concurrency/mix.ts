/**
 * What the processes do, each of it as services and as a command line, and which refusals the rules explain by what.
 *
 * Several processes want the same thing at once, on purpose: the same new id, the same move, worktree, merge and backup.
 */
import { Backups } from "@calm/core/Backups"
import type * as Calm from "@calm/core/Calm"
import { Counters } from "@calm/core/Counters"
import type { CurrentActor } from "@calm/core/CurrentActor"
import type { CurrentProject } from "@calm/core/CurrentProject"
import { Events } from "@calm/core/Events"
import { Explain } from "@calm/core/Explain"
import { Merges } from "@calm/core/Merges"
import { Reviews } from "@calm/core/Reviews"
import { Status } from "@calm/core/Status"
import { Tasks } from "@calm/core/Tasks"
import { Transitions } from "@calm/core/Transitions"
import { Worktrees } from "@calm/core/Worktrees"
import { NewBackupName } from "@calm/domain/Backup"
import { CounterName, PersonName, Reason, short, TaskId, Title } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import type * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type { Claim, Refusal, State } from "./claims.ts"

/** One of the processes: its number, and how many tasks there are to be merged. */
export interface Me {
  readonly number: number
  readonly merges: number
}

/** A process of its own choices. */
export interface Choices {
  /** A number from 0 to below this one. */
  readonly below: (end: number) => Effect.Effect<number>
  /** Counts the calls with the same name: 0, 1, 2, … */
  readonly next: (name: string) => Effect.Effect<number>
}

export const choices = (random: Random.Random): Choices => {
  const counts = new Map<string, number>()
  return {
    below: (end) => random.nextIntBetween(0, end),
    next: (name) =>
      Effect.sync(() => {
        const count = counts.get(name) ?? 0
        counts.set(name, count + 1)
        return count
      })
  }
}

/** Something that a process does. */
export interface Deed {
  /** How often it is done, compared with the others. */
  readonly share: number
  readonly writes: boolean
  /** What it is done to. */
  readonly key: (choices: Choices, me: Me) => Effect.Effect<string>
  readonly words: (key: string, me: Me) => ReadonlyArray<string>
  readonly run: (key: string, me: Me) => Effect.Effect<unknown, unknown, Calm.Services | CurrentProject | CurrentActor>
  /** What of the answer is held against what is found afterwards. */
  readonly tells: (answer: unknown) => string
  /** The events that one success writes, and nothing else does. */
  readonly events: ReadonlyArray<string>
  /** What a success changes of that which refusals rest on, by its key and by what it tells. */
  readonly leaves: (key: string, said: string) => ReadonlyArray<State>
  /** The refusals that can come of others doing the same, by their codes. */
  readonly refusals: Readonly<Record<string, Refusal>>
}

/** How many tasks are moved, talked about, and given worktrees. */
export const moved = 4
export const talked = 3
export const trees = 5

/** One more, whose worktree nobody else wants. */
const alone = `TREE-${trees}`

/** The two merges that touch the same file: only one of them goes in. */
const rivals = ["MERGE-0", "MERGE-1"] as const
const rivalOf = (task: string) => (task === rivals[0] ? rivals[1] : task === rivals[1] ? rivals[0] : undefined)

/** The file that a task to be merged brings. */
export const fileOf = (task: string): string => (rivalOf(task) === undefined ? `${task}.txt` : "rivals.txt")

export const counter = "shared"

/** The states of things before anybody has done anything. */
const beginnings: Readonly<Record<string, string>> = {
  NEW: "absent",
  MOVE: "SPEC",
  TREE: "absent",
  MERGE: "open",
  kept: "absent",
  auto: "there"
}
export const beginningOf = (thing: string): string => beginnings[thing.split("-")[0] ?? ""] ?? ""

const one = (name: string, count: number) => (from: Choices) =>
  Effect.map(from.below(count), (number) => `${name}-${number}`)

/** A name that nobody has had yet, in an order that all processes of a group go along side by side. */
const fresh = (name: string) => (from: Choices, me: Me) =>
  Effect.map(from.next(name), (round) => `${name}-${me.number % 4}-${round}`)

const nothing = () => ""
const unchanged = () => []
const always = (): Effect.Effect<string> => Effect.succeed("")
const by = (me: Me) => `reviewer-${me.number}`
const back = "it has to be thought over"

const told =
  <A, I>(schema: Schema.Schema<A, I>, text: (answer: A) => string) =>
  (answer: unknown) =>
    text(Schema.decodeUnknownSync(schema)(answer))

const Counted = Schema.Struct({ value: Schema.Int })
const Merged = Schema.Struct({ merge: Schema.Struct({ commit: Schema.String }) })
const Rotated = Schema.Struct({ backup: Schema.Struct({ name: Schema.String }), removed: Schema.Array(Schema.String) })

/** It leaves the thing that it was done to in this state. */
const left = (state: string) => (thing: string) => [{ thing, state }]

/** The thing that it was to be done to is in one of these states, for this reason. */
const since = (why: string, ...states: ReadonlyArray<string>): Refusal => ({
  why,
  claim: (thing) => ({ thing, states: (state) => states.includes(state) })
})

const mergedAs = "merged as "

/** What a refused merge says: the only reasons that can come of what is done here, each as the only one. */
const mergeClaim: Refusal["claim"] = (id, _, reasons): Claim | undefined => {
  const [reason = "", ...others] = reasons
  if (others.length > 0) return undefined
  const [, commit] = /^phase: the task is VERIFY: it was merged as ([0-9a-f]{7})$/.exec(reason) ?? []
  if (commit !== undefined) return { thing: id, states: (state) => state === `${mergedAs}${commit}` }
  const rival = rivalOf(id)
  return rival !== undefined && reason === `conflicts: conflicts with main in ${fileOf(id)}`
    ? { thing: rival, states: (state) => state.startsWith(mergedAs) }
    : undefined
}

const reading = (
  words: ReadonlyArray<string>,
  run: Effect.Effect<unknown, unknown, Calm.Services | CurrentProject | CurrentActor>
): Deed => ({
  share: 1,
  writes: false,
  key: always,
  words: () => words,
  run: () => run,
  tells: nothing,
  events: [],
  leaves: unchanged,
  refusals: {}
})

export const deeds: Readonly<Record<string, Deed>> = {
  "create a task": {
    share: 6,
    writes: true,
    key: fresh("NEW"),
    words: (id, me) => ["task", "create", id, `Made by ${me.number}`],
    run: (id, me) =>
      Effect.flatMap(Tasks, (tasks) =>
        tasks.create({
          id: TaskId.make(id),
          title: Title.make(`Made by ${me.number}`),
          type: "feature",
          specId: null,
          blockedBy: []
        })
      ),
    tells: nothing,
    events: ["task.created"],
    leaves: left("there"),
    refusals: { task_exists: since("another process was first to take the id", "there") }
  },
  "move a task": {
    share: 5,
    writes: true,
    key: (from) =>
      Effect.zipWith(from.below(moved), from.below(2), (task, to) => `MOVE-${task} ${to === 0 ? "SPEC" : "DESIGN"}`),
    words: (key) => ["task", "transition", ...key.split(" "), "--reason", back],
    run: (key) =>
      Effect.flatMap(Transitions, (transitions) => {
        const [id = "", to = ""] = key.split(" ")
        return transitions.transition(id, { to, reason: Reason.make(back) })
      }),
    tells: nothing,
    events: ["task.transitioned"],
    leaves: (key) => {
      const [thing = "", state = ""] = key.split(" ")
      return [{ thing, state }]
    },
    refusals: {
      no_such_transition: {
        why: "it is in that phase already",
        claim: (key) => {
          const [thing = "", phase = ""] = key.split(" ")
          return { thing, states: (state) => state === phase }
        }
      },
      task_changed: {
        why: "another process moved it while its gate was judged",
        claim: (key) => ({ thing: key.split(" ")[0] ?? "", states: null })
      }
    }
  },
  "increment a counter": {
    share: 8,
    writes: true,
    key: always,
    words: () => ["counter", "increment", counter],
    run: () => Effect.flatMap(Counters, (counters) => counters.increment(CounterName.make(counter))),
    tells: told(Counted, ({ value }) => `${value}`),
    events: ["counter.changed"],
    leaves: unchanged,
    refusals: {}
  },
  "record a review": {
    share: 4,
    writes: true,
    key: one("TALK", talked),
    words: (id, me) => ["review", "record", id, "spec", "approved", "--by", by(me)],
    run: (id, me) =>
      Effect.flatMap(Reviews, (reviews) =>
        reviews.record(id, { type: "spec", verdict: "approved", by: PersonName.make(by(me)) })
      ),
    tells: nothing,
    events: ["review.recorded"],
    leaves: unchanged,
    refusals: {}
  },
  "create a worktree": {
    share: 3,
    writes: true,
    key: one("TREE", trees),
    words: (id) => ["worktree", "create", id, "--no-setup"],
    run: (id) => Effect.flatMap(Worktrees, (worktrees) => worktrees.create(id, { setup: false })),
    tells: nothing,
    events: ["worktree.created"],
    leaves: left("open"),
    refusals: { worktree_exists: since("another process made it", "open") }
  },
  "remove a worktree": {
    share: 2,
    writes: true,
    key: one("TREE", trees),
    words: (id) => ["worktree", "remove", id],
    run: (id) => Effect.flatMap(Worktrees, (worktrees) => worktrees.remove(id, "removed")),
    tells: nothing,
    events: ["worktree.removed"],
    leaves: left("in the trash"),
    refusals: {
      worktree_not_found: since("there is none, or another process took it away", "absent", "in the trash")
    }
  },
  "restore a worktree": {
    share: 1,
    writes: true,
    key: one("TREE", trees),
    words: (id) => ["worktree", "restore", id],
    run: (id) => Effect.flatMap(Worktrees, (worktrees) => worktrees.restore(id)),
    tells: nothing,
    events: ["worktree.restored"],
    leaves: left("open"),
    refusals: {
      nothing_to_restore: since("there never was one", "absent"),
      worktree_exists: since("it was not taken away, brought back, or another one was made since", "open")
    }
  },
  merge: {
    share: 1,
    writes: true,
    key: (from, me) => one("MERGE", me.merges)(from),
    words: (id) => ["worktree", "merge", id],
    run: (id) => Effect.flatMap(Merges, (merges) => merges.merge(id)),
    tells: told(Merged, ({ merge }) => merge.commit),
    events: ["task.merged", "worktree.removed"],
    leaves: (thing, commit) => [{ thing, state: `${mergedAs}${short(commit)}` }],
    refusals: {
      move_refused: { why: "another process merged it, or the branch in conflict with it", claim: mergeClaim }
    }
  },
  "make a backup": {
    share: 1,
    writes: false,
    key: fresh("kept"),
    words: (name) => ["backup", "create", name],
    run: (name) => Effect.flatMap(Backups, (backups) => backups.create(NewBackupName.make(name))),
    tells: nothing,
    events: [],
    leaves: left("there"),
    refusals: { backup_exists: since("another process was first to take the name", "there") }
  },
  "make an automatic backup": {
    share: 1,
    writes: false,
    key: always,
    words: () => ["backup", "auto"],
    run: () => Effect.flatMap(Backups, (backups) => backups.auto()),
    tells: told(Rotated, ({ backup, removed }) => [backup.name, ...removed].join(" ")),
    events: [],
    leaves: (_, said) =>
      said
        .split(" ")
        .slice(1)
        .map((thing) => ({ thing, state: "gone" })),
    refusals: {
      backup_gone: {
        why: "other processes made so many since that it was one too many",
        claim: (_, said) => ({ thing: /auto-[\d_-]+/.exec(said)?.[0] ?? "", states: null })
      }
    }
  },
  "list tasks": reading(
    ["task", "list", "--all"],
    Effect.flatMap(Tasks, (tasks) => tasks.list({ all: true }))
  ),
  "list worktrees": reading(
    ["worktree", "list"],
    Effect.flatMap(Worktrees, (worktrees) => worktrees.list)
  ),
  "list events": reading(
    ["log", "--limit", "50"],
    Effect.flatMap(Events, (events) => events.list({ limit: 50 }))
  ),
  "show the status": reading(
    ["status"],
    Effect.flatMap(Status, (status) => status.overview)
  ),
  "explain a task": reading(
    ["explain", "MOVE-0"],
    Effect.flatMap(Explain, (explain) => explain.explain("MOVE-0"))
  )
}

/**
 * What somebody has to do at the end, whatever was done before: each of the merges is tried, and one worktree goes all
 * its way, so that each of these deeds can be done however slow the machine is. Each is one process's, in its order.
 */
export const duties = (merges: number): ReadonlyArray<ReadonlyArray<readonly [deed: string, key: string]>> => [
  ...Array.from({ length: merges }, (_, number) => [["merge", `MERGE-${number}`] as const]),
  ["create a worktree", "remove a worktree", "restore a worktree"].map((deed) => [deed, alone] as const)
]
