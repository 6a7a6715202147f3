/** Which answers the rules explain, and what is missing where everything was refused. */
import { canHold, type Change, end } from "./claims.ts"
import { beginningOf, deeds } from "./mix.ts"
import type { Answer } from "./work.ts"

const spanOf = ({ began, milliseconds }: Answer) => ({ began, ended: began + milliseconds })

const isDone = ({ outcome }: Answer): boolean => outcome === "done"

/** What the successes changed of things that others wanted, too. */
const changesOf = (answers: ReadonlyArray<Answer>): ReadonlyArray<Change> =>
  answers
    .filter(isDone)
    .flatMap((answer) =>
      (deeds[answer.deed]?.leaves(answer.key, answer.said) ?? []).map((state) => ({ ...state, ...spanOf(answer) }))
    )

/** Is it a refusal that the rules explain by what others did, at a moment of this time? */
const isExplained = (answer: Answer, changes: ReadonlyArray<Change>, asked = spanOf(answer)): boolean => {
  const claim = deeds[answer.deed]?.refusals[answer.outcome]?.claim(answer.key, answer.said, answer.reasons)
  return claim !== undefined && canHold(claim, asked, beginningOf(claim.thing), changes)
}

const told = ({ by, deed, key, outcome, reasons, said }: Answer): string =>
  [`${by}: ${deed} ${key}: ${outcome}: ${said}`, ...reasons].join("; ")

/** Answers that are neither a success nor a refusal that the rules explain. */
export const unexplained = (answers: ReadonlyArray<Answer>): Array<string> => {
  const changes = changesOf(answers)
  return answers.filter((answer) => !isDone(answer) && !isExplained(answer, changes)).map(told)
}

/** What was never done. Each deed is tried by somebody for whom, or before whom, it can be done. */
export const unmanaged = (answers: ReadonlyArray<Answer>): Array<string> => {
  const done = new Set(answers.filter(isDone).map(({ deed }) => deed))
  return Object.keys(deeds)
    .filter((deed) => !done.has(deed))
    .map((deed) => `nobody has managed to ${deed}`)
}

/** Tasks that were ready to be merged and are not, though nothing that is so for good stands in their way. */
export const unmerged = (
  answers: ReadonlyArray<Answer>,
  ready: ReadonlyArray<string>,
  merged: ReadonlyArray<string>
): Array<string> => {
  const changes = changesOf(answers)
  return ready
    .filter((task) => !merged.includes(task))
    .flatMap((task) => {
      const last = answers
        .filter(({ deed, key }) => deed === "merge" && key === task)
        .toSorted((one, other) => spanOf(one).ended - spanOf(other).ended)
        .at(-1)
      if (last === undefined) return [`nobody tried to merge ${task}`]
      return isExplained(last, changes, end) ? [] : [`${task} was ready and is not merged: ${told(last)}`]
    })
}
