import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { distance, nearest } from "@calm/domain/Nearest"

describe("distance", () => {
  it("counts a swap of neighbours as one edit", () => {
    assert.strictEqual(distance("craete", "create"), 1)
    assert.strictEqual(distance("crete", "create"), 1)
    assert.strictEqual(distance("creaate", "create"), 1)
    assert.strictEqual(distance("creane", "create"), 1)
    assert.strictEqual(distance("", "create"), 6)
  })

  it("is symmetric, 0 for equal words only, and at most the longer word", () => {
    const word = FastCheck.string({ maxLength: 8 })
    FastCheck.assert(
      FastCheck.property(word, word, (a, b) => {
        const edits = distance(a, b)
        return (
          edits === distance(b, a) &&
          (edits === 0) === (a === b) &&
          edits <= Math.max(Array.from(a).length, Array.from(b).length)
        )
      })
    )
  })
})

describe("nearest", () => {
  const words = ["create", "list", "show", "transition", "--all", "-h"]

  it("finds the mistyped, the begun and the wrongly capitalised word", () => {
    assert.strictEqual(nearest("craete", words), "create")
    assert.strictEqual(nearest("ls", words), "list")
    assert.strictEqual(nearest("trans", words), "transition")
    assert.strictEqual(nearest("CREATE", words), "create")
    assert.strictEqual(nearest("--al", words), "--all")
  })

  it("takes one letter for the only word that begins with it", () => {
    assert.strictEqual(nearest("-q", ["--quiet", "--json", "--help"]), "--quiet")
    assert.isNull(nearest("-h", ["--home", "--help"]))
    assert.isNull(nearest("", ["list"]))
  })

  it("prefers the same first letter among equally close words", () => {
    assert.strictEqual(nearest("tsk", ["ask", "task"]), "task")
  })

  it("finds nothing for a word unlike all of them", () => {
    assert.isNull(nearest("frobnicate", words))
    assert.isNull(nearest("-x", words))
    assert.isNull(nearest("", words))
    assert.isNull(nearest("x".repeat(100_000), words))
  })
})
