/**
 * The engine of the worlds: each is made out of the same small project, and every command is tried in it.
 *
 * A world is data (`World` below): a name, how it is made, and what is expected where it is not the ordinary thing. `tried`
 * runs a list of them and gives, as texts, everything that was lost or wrong; a test asserts that there is nothing:
 *
 *     it.scopedLive("…", () => Effect.gen(function* () {
 *       const { count, faults } = yield* tried(worlds)
 *       report({ suite: "worlds", what: "worlds of files", tried: count, losses: faults.length })
 *       assert.deepStrictEqual(faults, [])
 *     }), 600_000)
 *
 * What is there (`ready.ts`): SPEC-001 has a worktree and only has to be merged, SPEC-002 is a task without one; `make`
 * bends the repository, the worktree or what is around them, and `work` commits in the worktree before the checks and the
 * reviews of SPEC-001 are recorded, so that what it commits can be merged. `trashed` bends what is there while the
 * worktree lies in the trash, before it is restored; a removal that is refused is followed by a restoring, too, and the
 * world says what that answers. Each command gets a fresh copy unless the one before changed nothing.
 *
 * What must hold (`judge.ts`, `look.ts`): a command that fails changes nothing and says typed what to do; one that
 * succeeds did what it promises, and nothing that was uncommitted is lost. The exit code must be the expected one, so that
 * no world passes by everything being refused.
 */
import * as Effect from "effect/Effect"
import { full } from "../support/scale.ts"
import { document } from "../../fixtures/run.ts"
import type { Surroundings } from "../../fixtures/world.ts"
import { faultOfHint } from "../../fixtures/hints.ts"
import { faultsOf } from "./judge.ts"
import { changed, look, type Seen } from "./look.ts"
import * as Ready from "./ready.ts"

/** What is tried, in this order; `again` makes the worktree that is there. */
export const lines = {
  health: "worktree health",
  status: "status health",
  doctor: "doctor",
  again: "worktree create SPEC-001 --no-setup",
  create: "worktree create SPEC-002 --no-setup",
  save: "session save --continue",
  merge: "worktree merge SPEC-001 --skip-sync",
  remove: "worktree remove SPEC-001",
  restore: "worktree restore SPEC-001",
  fix: "worktree health --fix",
  mend: "doctor --fix",
  mended: "doctor --fix"
} as const
export type Command = keyof typeof lines
/** Tried right after another one. */
const sequel: Partial<Readonly<Record<Command, Command>>> = { restore: "remove", mended: "mend" }
/** Also where that was refused: then there is nothing to bring back, and what is there must not be touched. */
const regardless: ReadonlySet<Command> = new Set<Command>(["restore"])
const commands = Object.keys(lines).filter((name): name is Command => name in lines)

/** What is always tried, in the small size too: what takes away, brings back, moves and saves. */
const risky: ReadonlyArray<Command> = ["save", "merge", "remove", "restore"]
/** In the small size each world tries that, and one more in turn. */
const triedIn = ({ only }: World, turn: number): ReadonlyArray<Command> => {
  if (only !== undefined) return only
  const rest = commands.filter((command) => !risky.includes(command) && !(command in sequel))
  const few = [...risky, rest[turn % rest.length]]
  return commands.filter((command) => full || few.includes(command) || few.includes(sequel[command]))
}

/** An exit code, and what the answer must say, whole or in part. */
export type Expected = number | readonly [code: number, says: RegExp]

/** Where nothing else is said: everything succeeds, but making what is there. */
const ordinary: Readonly<Record<Command, Expected>> = {
  health: 0,
  status: 0,
  doctor: 0,
  again: [6, /worktree already/],
  create: 0,
  save: 0,
  merge: 0,
  remove: 0,
  restore: 0,
  fix: 0,
  mend: 0,
  mended: 0
}

export interface World {
  readonly name: string
  /** Commits in the worktree, before the checks and the reviews are recorded. */
  readonly work?: ((place: Ready.Place) => void) | undefined
  /** Bends what is there. */
  readonly make?: ((place: Ready.Place) => void) | undefined
  /** The same, while the worktree is in the trash. */
  readonly trashed?: ((place: Ready.Place) => void) | undefined
  /** What is expected where it is not the ordinary thing. */
  readonly expected?: Partial<Readonly<Record<Command, Expected>>> | undefined
  /** The commands that are tried; all where it is not said. */
  readonly only?: ReadonlyArray<Command> | undefined
  /** Where and with what calm is called. */
  readonly surroundings?: ((place: Ready.Place) => Surroundings) | undefined
  /** Short name of the base, where it is not `main`. */
  readonly base?: string | undefined
  /** It is never left out: it was lost in once, and no other world is like it. */
  readonly always?: boolean | undefined
  /** What cannot hold in this world: a pattern of what the engine would say, each with its reason beside it. */
  readonly except?: ReadonlyArray<RegExp> | undefined
}

/** What is wrong with how a command answered. */
const answered = Effect.fnUntraced(function* (
  { error }: Effect.Effect.Success<ReturnType<typeof document>>,
  stderr: string
) {
  const wrong: Array<string> = []
  if (/\n\s+at |\bCause\b|_tag/.test(stderr)) wrong.push(`stderr shows the inside: ${stderr}`)
  if (error === undefined) return wrong
  if (error.code.startsWith("internal") || error.category === "internal") wrong.push(`internal: ${error.message}`)
  if (error.message.trim() === "" || /\n\s+at |_tag/.test(error.message)) wrong.push(`unclear: ${error.message}`)
  const fault = error.hint === null ? "there is none" : yield* faultOfHint(error.hint)
  if (fault !== undefined) wrong.push(`the hint ${error.hint}: ${fault}`)
  return wrong
})

/** What an answer says, without what is well. */
const told = (stdout: string): string => stdout.replaceAll(/\{[^{}]*"status":"ok"[^{}]*\},?/g, "").trim()

/** What came of one attempt. */
interface Attempted {
  readonly command: Command
  readonly before: Seen
  readonly now: Seen
  readonly succeeded: boolean
  readonly wrong: ReadonlyArray<string>
}

/** Runs one command where a world was made. */
const attempt = Effect.fnUntraced(function* (ready: Ready.Ready, world: World, command: Command, before: Seen) {
  const { place } = ready
  const outcome = yield* ready.world.calm(["--json", ...lines[command].split(" ")], {
    stdin: "Where we are.",
    ...world.surroundings?.(place)
  })
  const now = look(place)
  const answer = yield* document(outcome.stdout)
  const expected = world.expected?.[command] ?? ordinary[command]
  const [code, says] = typeof expected === "number" ? [expected, /(?:)/] : expected
  const wrong: Array<string> = [...(yield* answered(answer, outcome.stderr))]
  if (outcome.exitCode !== code) wrong.push(`exit ${outcome.exitCode} instead of ${code}: ${told(outcome.stdout)}`)
  else if (!says.test(told(outcome.stdout))) wrong.push(`does not say ${says}: ${told(outcome.stdout)}`)
  // An answer with `data` was given, whatever its exit code; `error` means that nothing was done.
  const succeeded = answer.error === undefined
  wrong.push(...faultsOf({ command, succeeded, place, base: world.base ?? "main", before, after: now }))
  const attempted: Attempted = { command, before, now, succeeded, wrong }
  return attempted
})

/** Those that only ask, and change nothing even when they succeed. */
const asks: ReadonlySet<Command> = new Set<Command>(["health", "status", "doctor"])

/** Everything that is wrong in one world. */
const faultsIn = Effect.fnUntraced(function* (ready: Ready.Ready, world: World, turn: number) {
  const { place } = ready
  let start = "ready"
  if (world.work !== undefined) {
    yield* ready.reset("begun")
    world.work(place)
    yield* ready.approved
    start = "worked"
    yield* ready.save(start)
  }
  const faults: Array<string> = []
  let count = 0
  let last: Attempted | undefined
  let unchanged = false
  for (const command of triedIn(world, turn)) {
    const follows = sequel[command]
    if (follows !== undefined && (last?.command !== follows || !(last.succeeded || regardless.has(command)))) continue
    if (command === "restore" && last?.succeeded === true) world.trashed?.(place)
    if (follows === undefined && !unchanged) {
      yield* ready.reset(start)
      world.make?.(place)
    }
    const done: Attempted = yield* attempt(
      ready,
      world,
      command,
      unchanged && last !== undefined ? last.now : look(place)
    )
    const back =
      command === "restore" && done.succeeded
        ? changed("restored worktree", last?.before.tree ?? null, done.now.tree)
        : []
    const wrong = [...done.wrong, ...back].filter((each) => !(world.except ?? []).some((one) => one.test(each)))
    faults.push(...wrong.map((fault) => `${world.name}, ${command}: ${fault}`))
    count++
    unchanged = (asks.has(command) || !done.succeeded) && wrong.length === 0
    last = done
  }
  return { count, faults }
})

/** Tries the commands in every world (in the small size some of them), and gives how many attempts there were and all that is wrong. */
export const tried = Effect.fnUntraced(function* (worlds: ReadonlyArray<World>) {
  const ready = yield* Ready.make
  const found = yield* Effect.forEach(worlds, (world, turn) => faultsIn(ready, world, turn))
  return {
    count: found.reduce((sum, { count }) => sum + count, 0),
    faults: found.flatMap(({ faults }) => faults)
  }
})
