/** Whether a refusal can be right: what it says of a thing must have been so at a moment between question and answer. */

/** From when to when somebody waited for an answer, on the clock of `work.ts`. */
export interface Span {
  readonly began: number
  readonly ended: number
}

/** What a success leaves a thing in that others want, too: a task in a phase, a name that is taken. */
export interface State {
  readonly thing: string
  readonly state: string
}

/** A success that left a thing in a state. */
export type Change = State & Span

/** What a refusal says of a thing. */
export interface Claim {
  readonly thing: string
  /** The states in which the refusal is right; `null` where it only says that somebody changed the thing meanwhile. */
  readonly states: ((state: string) => boolean) | null
}

/** A refusal that can come of others doing the same. */
export interface Refusal {
  /** Why it is right. */
  readonly why: string
  /** What it says, by its key, its words and its reasons; `undefined` where the rules explain it by none of these. */
  readonly claim: (key: string, said: string, reasons: ReadonlyArray<string>) => Claim | undefined
}

/** The end of all work: what is claimed then has to be so for good. */
export const end: Span = { began: Infinity, ended: Infinity }

/**
 * Can the claim have been right while its answer was waited for, when the thing was in the state `first` before all
 * changes? Each change came at a moment of its span that nobody knows: the answer is no only where no moments fit.
 */
export const canHold = ({ states, thing }: Claim, asked: Span, first: string, changes: ReadonlyArray<Change>) => {
  const own = changes.filter((change) => change.thing === thing)
  if (states === null) return own.some(({ began, ended }) => began < asked.ended && ended > asked.began)
  const all = [{ thing, state: first, began: -Infinity, ended: -Infinity }, ...own]
  const right = all.filter(({ state }) => states(state))
  // What had made it wrong before the question must have been made right again before the answer.
  return all.every(
    (last) =>
      states(last.state) ||
      last.ended >= asked.began ||
      right.some(({ began, ended }) => ended > last.began && began < asked.ended)
  )
}
