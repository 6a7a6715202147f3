import { personKey, WorkerId } from "@calm/domain/Ids"
import * as Review from "@calm/domain/Review"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as FastCheck from "effect/FastCheck"
import type { ReviewLine } from "./support/facts.ts"
import { digest, reviews } from "./support/facts.ts"

const objects = "changes_requested" as const
const now = digest("now")

/** How these reviews stand for what there is to judge now. */
const stand = (lines: ReadonlyArray<ReviewLine>, implementers: ReadonlyArray<string> = []) => {
  const standing = Review.standing(
    reviews(
      "code",
      lines.map((line) => ({ digest: "now", ...line }))
    ),
    now,
    implementers
  )
  return {
    approvals: standing.approvals,
    objections: standing.objections.map((objection): string => objection.reviewer),
    weights: lines.map((_, seq) => standing.weights.get(seq))
  }
}

describe("Review.standing", () => {
  it("counts two approvals by two people", () => {
    deepStrictEqual(stand([{ by: "Ann" }, { by: "Bob" }]), {
      approvals: ["Ann", "Bob"],
      objections: [],
      weights: ["counts", "counts"]
    })
  })

  it("counts one person who approves twice once", () => {
    deepStrictEqual(stand([{ by: "Ann" }, { by: "Ann" }]), {
      approvals: ["Ann"],
      objections: [],
      weights: ["repeated", "counts"]
    })
  })

  it("counts one person under several spellings once", () => {
    for (const spelling of ["ann lee", "ANN  LEE", " Ann Lee ", "Ａｎｎ Lee"])
      strictEqual(stand([{ by: "Ann Lee" }, { by: spelling }]).approvals.length, 1, spelling)
  })

  it("takes a worker and a person of that name for one", () => {
    strictEqual(stand([{ by: "backend-1", worker: true }, { by: "Backend-1" }]).approvals.length, 1)
  })

  it("takes one worker under two names for one", () => {
    const both = reviews("code", [
      { by: "Ann", digest: "now" },
      { by: "Bob", digest: "now" }
    ]).map((review) => ({ ...review, workerId: WorkerId.make("w-1") }))
    deepStrictEqual(Review.standing(both, now, []).approvals, ["Bob"])
    deepStrictEqual(Review.standing(both, now, ["w-1"]).approvals, [])
  })

  it("lets an objection after two approvals be recorded, block, and supersede them for good", () => {
    const history: ReadonlyArray<ReviewLine> = [{ by: "Ann" }, { by: "Bob" }, { by: "Cat", verdict: objects }]
    deepStrictEqual(stand(history), {
      approvals: [],
      objections: ["Cat"],
      weights: ["superseded", "superseded", "blocks"]
    })
    deepStrictEqual(stand([...history, { by: "Cat" }]).approvals, ["Cat"])
  })

  it("unblocks when the objector approves, which counts as the first of two fresh approvals", () => {
    const history: ReadonlyArray<ReviewLine> = [{ by: "Ann" }, { by: "Bob", verdict: objects }, { by: "Bob" }]
    deepStrictEqual(stand(history), {
      approvals: ["Bob"],
      objections: [],
      weights: ["superseded", "repeated", "counts"]
    })
    deepStrictEqual(stand([...history, { by: "Ann" }]).approvals, ["Bob", "Ann"])
  })

  it("stays blocked when somebody else approves after an objection", () => {
    deepStrictEqual(stand([{ by: "Ann", verdict: objects }, { by: "Bob" }, { by: "Cat" }]).objections, ["Ann"])
  })

  it("asks for two fresh approvals after a clearing", () => {
    const history: ReadonlyArray<ReviewLine> = [
      { by: "Ann" },
      { by: "Bob", verdict: objects },
      { by: "Cat" },
      { by: "Me", verdict: "cleared" }
    ]
    deepStrictEqual(stand(history), {
      approvals: [],
      objections: [],
      weights: ["superseded", "cleared", "cleared", undefined]
    })
    deepStrictEqual(stand([...history, { by: "Ann" }, { by: "Cat" }]).approvals, ["Ann", "Cat"])
  })

  it("does not count what was judged before it changed, be it praise or blame", () => {
    deepStrictEqual(
      stand([
        { by: "Ann", digest: "then" },
        { by: "Bob", verdict: objects, digest: "then" }
      ]),
      {
        approvals: [],
        objections: [],
        weights: ["superseded", "outdated"]
      }
    )
  })

  it("does not count an approval of what it was again, once its author judged something later", () => {
    deepStrictEqual(stand([{ by: "Ann" }, { by: "Ann", digest: "then" }]).approvals, [])
  })

  it("never brings a superseded approval back when the code is what it was again", () => {
    deepStrictEqual(stand([{ by: "Ann" }, { by: "Bob", verdict: objects, digest: "then" }]), {
      approvals: [],
      objections: [],
      weights: ["superseded", "outdated"]
    })
  })

  it("counts nothing where there is nothing to judge", () => {
    const standing = Review.standing(reviews("code", [{ by: "Ann" }, { by: "Bob", verdict: objects }]), null, [])
    deepStrictEqual([standing.approvals, standing.objections], [[], []])
  })

  it("never counts the approval of who implemented the task, and hears their objection", () => {
    deepStrictEqual(stand([{ by: "w-1", worker: true }, { by: "Bob" }], ["W-1"]), {
      approvals: ["Bob"],
      objections: [],
      weights: ["implementer", "counts"]
    })
    deepStrictEqual(stand([{ by: "w-1", worker: true, verdict: objects }], ["w-1"]).objections, ["w-1"])
  })

  it("stays blocked until both of two objectors are content", () => {
    const history: ReadonlyArray<ReviewLine> = [
      { by: "Ann", verdict: objects },
      { by: "Bob", verdict: objects }
    ]
    deepStrictEqual(stand(history).objections, ["Ann", "Bob"])
    deepStrictEqual(stand([...history, { by: "Bob" }]).objections, ["Ann"])
    deepStrictEqual(stand([...history, { by: "Bob" }, { by: "Ann" }]), {
      approvals: ["Bob", "Ann"],
      objections: [],
      weights: ["repeated", "repeated", "counts", "counts"]
    })
  })

  const people = ["Ann", "bob", "Cat Lee", "w-1"]
  const history = FastCheck.array(
    FastCheck.record({
      by: FastCheck.constantFrom(...people, "ANN", "Bob ", "cat  lee", "W-1"),
      verdict: FastCheck.constantFrom<Review.Review["verdict"]>("approved", "approved", "approved", objects, "cleared"),
      digest: FastCheck.constantFrom("now", "now", "then")
    }),
    { maxLength: 12 }
  )
  const builders = FastCheck.subarray(people)
  const runs = { fastCheck: { numRuns: 1000 } }

  /** The rules told anew, person by person instead of along the history. */
  const told = (lines: ReadonlyArray<ReviewLine>, implementers: ReadonlyArray<string>) => {
    const verdicts = [...new Set(lines.map((line) => personKey(line.by)))].flatMap((person) => {
      const last = lines.findLastIndex((line) => line.verdict !== "cleared" && personKey(line.by) === person)
      const line = lines[last]
      const after = lines.slice(last + 1).map((other) => other.verdict)
      return line === undefined || line.digest !== "now" || after.includes("cleared") ? [] : [{ person, line, after }]
    })
    const names = (verdict: Review.Verdict) => verdicts.filter((each) => each.line.verdict === verdict)
    return {
      approvals: names("approved")
        .filter(({ after }) => !after.includes(objects))
        .map(({ person }) => person)
        .filter((person) => !implementers.map(personKey).includes(person))
        .sort(),
      objections: names(objects)
        .map(({ person }) => person)
        .sort()
    }
  }

  it.prop(
    "counts for any history whose latest word is praise that no objection and no clearing followed",
    { lines: history, implementers: builders },
    ({ implementers, lines }) => {
      const standing = stand(lines, implementers)
      deepStrictEqual(
        { approvals: standing.approvals.map(personKey).sort(), objections: standing.objections.map(personKey).sort() },
        told(lines, implementers)
      )
    },
    runs
  )

  it.prop(
    "counts different people only, and none who implemented the task",
    { lines: history, implementers: builders },
    ({ implementers, lines }) => {
      const keys = stand(lines, implementers).approvals.map(personKey)
      strictEqual(new Set(keys).size, keys.length)
      for (const key of implementers.map(personKey)) assertFalse(keys.includes(key))
    },
    runs
  )

  it.prop(
    "gives each verdict one weight, and as many count and block as are named",
    { lines: history, implementers: builders },
    ({ implementers, lines }) => {
      const { approvals, objections, weights } = stand(lines, implementers)
      deepStrictEqual(
        weights.map((weight) => weight === undefined),
        lines.map((line) => line.verdict === "cleared")
      )
      strictEqual(weights.filter((weight) => weight === "counts").length, approvals.length)
      strictEqual(weights.filter((weight) => weight === "blocks").length, objections.length)
    },
    runs
  )

  it.prop(
    "is moved by an approval of something else only where its author had spoken before",
    { lines: history, by: FastCheck.constantFrom("Dan", "Eve") },
    ({ by, lines }) => {
      const before = stand(lines)
      const after = stand([...lines, { by, digest: "then" }])
      deepStrictEqual([after.approvals, after.objections], [before.approvals, before.objections])
    },
    runs
  )

  it.prop(
    "voids every approval by an objection, whatever it was about, and none of the objections",
    { lines: history, about: FastCheck.constantFrom("now", "then") },
    ({ about, lines }) => {
      const after = stand([...lines, { by: "Eve", verdict: objects, digest: about }])
      deepStrictEqual(after.approvals, [])
      deepStrictEqual(after.objections, [...stand(lines).objections, ...(about === "now" ? ["Eve"] : [])])
    },
    runs
  )

  it.prop(
    "goes by the order in which reviews were recorded, not by that in which they are given",
    { lines: history, by: FastCheck.infiniteStream(FastCheck.nat()) },
    ({ by, lines }) => {
      const given = reviews("code", lines)
      const shuffled = given
        .map((review) => ({ review, rank: by.next().value ?? 0 }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ review }) => review)
      deepStrictEqual(Review.standing(shuffled, now, []), Review.standing(given, now, []))
    }
  )
})

describe("typesOf", () => {
  it("has every review type for one type of task and no other", () => {
    deepStrictEqual(Review.typesOf("feature"), ["spec", "proposal", "code"])
    deepStrictEqual(Review.typesOf("bug"), ["bugfix"])
    assertTrue(
      Review.ReviewType.literals.every((type) =>
        (["feature", "bug"] as const).some((task) => Review.typesOf(task).includes(type))
      )
    )
  })
})
