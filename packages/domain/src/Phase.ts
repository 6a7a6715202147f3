/** The phase table: which phases a task passes through, and which moves between them exist. */
import * as Schema from "effect/Schema"

/** What a task is: work towards something new, or the repair of a defect. */
export const TaskType = Schema.Literal("feature", "bug")
export type TaskType = typeof TaskType.Type

const chains = {
  feature: ["SPEC", "DESIGN", "IMPLEMENT", "CODE_REVIEW", "TEST", "INTEGRATE", "VERIFY", "DONE"],
  bug: ["REPORTED", "INVESTIGATED", "FIXED", "REVIEWED", "TESTED", "MERGED", "DONE"]
} as const

/** Where a task is on its way. */
export const Phase = Schema.Literal(
  "SPEC",
  "DESIGN",
  "IMPLEMENT",
  "CODE_REVIEW",
  "TEST",
  "INTEGRATE",
  "VERIFY",
  "REPORTED",
  "INVESTIGATED",
  "FIXED",
  "REVIEWED",
  "TESTED",
  "MERGED",
  "DONE",
  "CANCELLED"
)
export type Phase = typeof Phase.Type

/** The phases of a type in order, from first to DONE. CANCELLED stands outside of it. */
export const chain = (type: TaskType): ReadonlyArray<Phase> => chains[type]

/** Every phase a task of this type can be in. */
export const phasesOf = (type: TaskType): ReadonlyArray<Phase> => [...chains[type], "CANCELLED"]

/** Where a task of this type starts. */
export const first = (type: TaskType): Phase => chains[type][0]

/** The phase after this one, if there is one. */
export const next = (type: TaskType, phase: Phase): Phase | undefined => {
  const order = chain(type)
  const at = order.indexOf(phase)
  return at < 0 ? undefined : order[at + 1]
}

/** The phases before this one, nearest first: where rework may go. None from DONE, CANCELLED and phases of the other type. */
export const earlier = (type: TaskType, phase: Phase): ReadonlyArray<Phase> =>
  isFinished(phase)
    ? []
    : chain(type)
        .slice(0, Math.max(0, chain(type).indexOf(phase)))
        .reverse()

/** DONE and CANCELLED: left only by the logged override. */
export const isFinished = (phase: Phase): boolean => phase === "DONE" || phase === "CANCELLED"

/** All phases in which there is something left to do. */
export const open: ReadonlyArray<Phase> = Phase.literals.filter((phase) => !isFinished(phase))

/** The phase from which `worktree merge` takes a task into the base branch. */
export const mergesFrom = (type: TaskType): Phase => (type === "feature" ? "INTEGRATE" : "TESTED")

/** The last phase that a task with an unfinished blocker may be moved to. */
export const plannedUpTo = (type: TaskType): Phase => (type === "feature" ? "DESIGN" : "INVESTIGATED")

/** What a wished move from one phase to another is. */
export type Move = "forward" | "rework" | "none"

/** Classifies a move: one step forward, back to an earlier phase, or not a move of this type at all. */
export const move = (type: TaskType, from: Phase, to: Phase): Move => {
  if (next(type, from) === to) return "forward"
  return earlier(type, from).includes(to) ? "rework" : "none"
}

/** Does moving to this phase leave what may be done while a blocker is unfinished? */
export const needsBlockersDone = (type: TaskType, to: Phase): boolean =>
  chain(type).indexOf(to) > chain(type).indexOf(plannedUpTo(type))
