/** Does a sequence on the model and on calm's services, step by step, and says where they first disagree. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { isAct, line, type Step } from "./commands.ts"
import type { World } from "./world.ts"
import type { Files } from "./history.ts"
import type { Answer } from "./answers.ts"
import * as Model from "./model.ts"
import * as People from "./people.ts"
import type { Calm } from "./services.ts"
import * as Views from "./views.ts"

const keys = (value: object): ReadonlyArray<readonly [string, unknown]> => Object.entries(value)

/** Values with their keys in order, as text. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(keys(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  )

/** Where two answers differ, in words. */
const differences = (what: string, model: object | null, services: object | null): ReadonlyArray<string> => {
  if (text(model) === text(services)) return []
  if (model === null || services === null)
    return [`${what}: the model says ${text(model)}, calm says ${text(services)}`]
  const there = new Map(keys(services))
  return keys(model).flatMap(([key, value]) =>
    text(value) === text(there.get(key))
      ? []
      : [`${what}, ${key}: the model says ${text(value)}, calm says ${text(there.get(key))}`]
  )
}

/** What was seen on the way. */
export interface Seen {
  /** A step that was done, with the model's world after it and the model's answer (none to what people do). */
  readonly after: (step: Step, world: World, answer: Answer | null) => void
}

/** One sequence: its steps as they were done, and the first disagreement. */
export interface Run {
  readonly steps: ReadonlyArray<Step>
  readonly losses: ReadonlyArray<string>
}

/**
 * Does steps one after the other until model and services disagree.
 *
 * @param next the step at this place, in the world as it is; none at the end
 * @param every so many steps, and at the end, the projects as a whole are asked, too
 */
export const run = Effect.fnUntraced(function* (options: {
  readonly calm: Calm
  readonly files: Files
  readonly next: (index: number, world: World) => Step | undefined
  readonly seen: Seen
  readonly every: number
}) {
  const { calm, every, files, next, seen } = options
  const world = Model.make(files)
  const steps: Array<Step> = []

  const askAll = Effect.gen(function* () {
    const losses: Array<string> = []
    for (const project of [0, 1] as const)
      losses.push(
        ...differences("stored", Views.stored(world.projects[project]), yield* calm.stored(project)),
        ...differences("told", Views.told(world, world.projects[project]), yield* calm.told(project))
      )
    return losses
  })

  /** Asks about the task of a step: where it can go, and by turns how its reviews stand and what a merge lacks. */
  const askOne = Effect.fnUntraced(function* ({ project: at, task: id }: Step) {
    const project = world.projects[at]
    const task = project.tasks.get(id)
    if (task === undefined || task.deleted) return []
    const scene = { world, project, task }
    return [
      ...differences("explain", Views.explained(scene), yield* calm.explained(at, id)),
      ...(steps.length % 3 === 1
        ? differences("reviews", Views.standings(scene), yield* calm.standings(at, id))
        : steps.length % 3 === 2
          ? differences("merge", Views.mergeLacks(scene), yield* calm.mergeLacks(at, id))
          : [])
    ]
  })

  const one = Effect.fnUntraced(function* (step: Step) {
    const losses: Array<string> = []
    let answer: Answer | null = null
    if (isAct(step)) yield* calm.act(step)
    else {
      answer = Model.apply(world, step)
      losses.push(...differences("answer", answer, yield* calm.answer(step)))
    }
    seen.after(step, world, answer)
    losses.push(
      ...differences("stored", Views.stored(world.projects[step.project]), yield* calm.stored(step.project)),
      ...(yield* askOne(step))
    )
    return steps.length % every === 0 ? [...losses, ...(yield* askAll)] : losses
  })

  const guarded = <E, R>(effect: Effect.Effect<ReadonlyArray<string>, E, R>) =>
    Effect.map(Effect.exit(effect), (exit) =>
      Exit.isSuccess(exit) ? exit.value : [`it broke: ${Cause.pretty(exit.cause)}`]
    )

  for (let index = 0; ; index++) {
    const step = next(index, world)
    if (step === undefined) return { steps, losses: yield* guarded(askAll) } satisfies Run
    // What people cannot do they do not do; whether it can be done, the model's world shows.
    if (isAct(step) && !People.act(world, step)) continue
    steps.push(step)
    const losses = yield* guarded(one(step))
    if (losses.length > 0) return { steps, losses } satisfies Run
  }
})

/** A failing sequence without the steps that it does not need, and what it shows. Tries at most so many. */
export const shrunk = Effect.fnUntraced(function* <E, R>(
  failing: Run,
  again: (steps: ReadonlyArray<Step>) => Effect.Effect<Run, E, R>,
  most: number
) {
  let best = failing
  let tries = 0
  for (let size = Math.ceil(best.steps.length / 2); size >= 1 && tries < most;) {
    let smaller = false
    for (let at = 0; at < best.steps.length && tries < most;) {
      const less = yield* again(best.steps.toSpliced(at, size))
      tries += 1
      if (less.losses.length > 0 && less.steps.length < best.steps.length) {
        best = less
        smaller = true
      } else at += size
    }
    if (!smaller) size = size === 1 ? 0 : Math.ceil(size / 2)
  }
  return best
})

/** A failing sequence as a list that can be read. */
export const story = ({ losses, steps }: Run, name: string): string =>
  [
    `${name}:`,
    ...steps.map((step, index) => `  ${index + 1}. ${line(step)}`),
    ...losses.map((loss) => `  => ${loss}`)
  ].join("\n")
