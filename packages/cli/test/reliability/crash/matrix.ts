/**
 * The engine of the crash matrix: runs a command to its end to learn its steps, then kills it at one step after the other,
 * each time in the same world, and has it judged.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Case } from "./cases.ts"
import { bystanderOf, contentsOf, findingsOf, isUsers, judge, type Prepared, type Recovery } from "./judgement.ts"
import * as Keeping from "./keeping.ts"
import * as Portrait from "./portrait.ts"
import * as Program from "./program.ts"
import * as Stage from "./stage.ts"

/** Where the cases of a test file are played: a furnished stage, and the program that is killed on it. */
export class Theatre extends Context.Tag("@calm/cli/test/reliability/crash/Theatre")<
  Theatre,
  { readonly stage: Stage.Stage; readonly program: string }
>() {}

export const theatre = Layer.scoped(
  Theatre,
  Effect.gen(function* () {
    const program = yield* Program.bundle
    const stage = yield* Stage.make
    yield* Stage.furnish(stage)
    yield* stage.save("common")
    return { stage, program }
  })
)

const doctor: Program.Call = { argv: ["doctor", "--fix"] }

/** Makes the world of a case, and runs its command to the end. */
export const prepare = Effect.fnUntraced(function* (one: Case) {
  const { program, stage } = yield* Theatre
  yield* stage.load("common")
  yield* one.world(stage)
  yield* stage.save("before")
  const known = Portrait.commitsOf(stage.repo)
  const before = Portrait.portrait(stage, known)
  const contents = new Map([...contentsOf(stage.repo)].filter(([name]) => isUsers(name)))
  const works = Keeping.worksOf(stage.repo)
  const bystander = bystanderOf(stage)
  const foundBefore = (yield* findingsOf(stage)).findings
  yield* stage.load("before")
  const ended = yield* Program.run(program, stage, one.call)
  if (ended.exitCode !== 0) return yield* Effect.die(new Error(`${one.name}: ${ended.stdout}${ended.stderr}`))
  const after = Portrait.portrait(stage, known)
  const stores = Keeping.storedIn(stage)
  const main = [before, after].map((lines) => lines.filter((line) => line.startsWith("main ")))
  const findings = new Set([...foundBefore, ...(yield* findingsOf(stage)).findings])
  const prepared: Prepared = {
    one,
    stage,
    program,
    known,
    before,
    after,
    contents,
    works,
    stores,
    bystander,
    main,
    findings,
    steps: ended.steps
  }
  return prepared
})

/** What came of the points that were tried: how many there were, and what was wrong at some of them. */
export interface Tried {
  readonly points: number
  readonly wrong: ReadonlyArray<string>
}

export const recoveries: ReadonlyArray<Recovery> = ["the same command", "doctor --fix"]

/** Kills the command of a case at each of these steps in turn, and has it put right in one way after the other. */
export const crashAt = Effect.fnUntraced(function* (prepared: Prepared, steps: ReadonlyArray<number>) {
  const { one, program, stage } = prepared
  let points = 0
  const wrong: Array<string> = []
  for (const [index, at] of steps.entries()) {
    yield* stage.load("before")
    const ended = yield* Program.run(program, stage, one.call, at)
    // The number of steps may differ by one or two from run to run.
    if (!ended.killed) continue
    points += 1
    const recovery = recoveries[index % 2] ?? "doctor --fix"
    const found = yield* judge(prepared, recovery, ended.steps)
    wrong.push(
      ...found.map((text) => `${one.name}, killed at ${at} (${ended.steps.at(-1)}), then ${recovery}: ${text}`)
    )
  }
  const tried: Tried = { points, wrong }
  return tried
})

/** The steps of a command at which something is left open. */
export const openSteps = ({ steps }: Prepared): ReadonlyArray<number> => {
  const begun = steps.findIndex((step) => step.includes("INSERT INTO operations"))
  const ended = steps.findLastIndex((step) => step.includes("UPDATE operations"))
  const all = steps.map((_, index) => index + 1)
  return begun < 0 ? all.slice(1, -1) : all.slice(begun + 2, ended + 2)
}

/** Kills the command at a step, then what puts it right at each step that `chosen` picks, then has that put right. */
export const crashTwice = Effect.fnUntraced(function* (
  prepared: Prepared,
  at: number,
  recovery: Recovery,
  chosen: (steps: ReadonlyArray<number>) => ReadonlyArray<number>
) {
  const { one, program, stage } = prepared
  const call = recovery === "doctor --fix" ? doctor : one.call
  yield* stage.load("before")
  const first = yield* Program.run(program, stage, one.call, at)
  yield* stage.save("crashed")
  const whole = yield* Program.run(program, stage, call)
  let points = 0
  const wrong: Array<string> = []
  for (const [index, step] of chosen(whole.steps.map((_, each) => each + 1)).entries()) {
    yield* stage.load("crashed")
    const second = yield* Program.run(program, stage, call, step)
    if (!second.killed) continue
    points += 1
    const then = recoveries[index % 2] ?? "doctor --fix"
    const found = yield* judge(prepared, then, first.steps, second.steps)
    const where = `killed at ${at} (${first.steps.at(-1)}), ${recovery} killed at ${step} (${second.steps.at(-1)})`
    wrong.push(...found.map((text) => `${one.name}, ${where}, then ${then}: ${text}`))
  }
  const tried: Tried = { points, wrong }
  return tried
})
