/** What is offered while somebody types must be what the rules allow: completions read the gate table and not the rules. */
import { type Candidate, find, type Kind, type Sources } from "@calm/core/Completions"
import * as Phase from "@calm/domain/Phase"
import * as Review from "@calm/domain/Review"
import { assert, describe, it } from "@effect/vitest"

/** A project whose only task is of this type and in this phase. */
const sources = (type: string, phase: string, names: ReadonlyArray<Candidate> = []): Sources => ({
  rows: () => [[type, phase]],
  project: "p",
  roles: () => names,
  backups: () => names
})

const offered = (kind: Kind, from: Sources): ReadonlyArray<string> =>
  find({ kind, word: "", task: "SPEC-001" }, from).map(({ word }) => word)

describe("what is offered for a task", () => {
  for (const type of Phase.TaskType.literals)
    for (const phase of Phase.phasesOf(type))
      it(`a ${type} in ${phase} may move where the rules let it, and to VERIFY or MERGED by a merge alone`, () => {
        const task = sources(type, phase)
        const next = Phase.next(type, phase)
        const ahead = next === undefined || phase === Phase.mergesFrom(type) ? [] : [next]
        assert.deepStrictEqual(offered("move", task), [...ahead, ...Phase.earlier(type, phase)])
        assert.sameMembers([...offered("phase", task), phase], [...Phase.phasesOf(type)])
        assert.deepStrictEqual(offered("review-type", task), [...Review.typesOf(type)])
        assert.strictEqual(offered("transition", task).length, Phase.chain(type).length - 1)
      })
})

it("a name that would need quotes in a shell, or mean something there, is not offered", () => {
  const bad = ["$(id)", "a b", "a;b", "-rf", "a'b", "a`b", "a*", "", "~a", "a\nb", "a$b", "#a", "a/b", "a:b", "ä"]
  const names = [...bad, "good-1.2_x"].map((word) => ({ word, about: "" }))
  for (const kind of ["role", "backup"] as const)
    assert.deepStrictEqual(offered(kind, sources("feature", "SPEC", names)), ["good-1.2_x"])
})
