import { TaggedError } from "@calm/domain/TaggedError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const fields = { path: Schema.String, fresh: Schema.optionalWith(Schema.Boolean, { default: () => false }) }

/** The same failure declared in both ways. */
class Lost extends TaggedError<Lost>()("Lost", fields) {
  get hint() {
    return `ls ${this.path}`
  }
}
class Reference extends Schema.TaggedError<Reference>()("Lost", fields) {
  get hint() {
    return `ls ${this.path}`
  }
}

const shown = (error: Lost | Reference) => ({
  tag: error._tag,
  name: error.name,
  message: error.message,
  hint: error.hint,
  path: error.path,
  fresh: error.fresh,
  text: String(error),
  json: JSON.stringify(error)
})

describe("a failure whose schema is made when it is first used", () => {
  it("is what Schema.TaggedError makes: an error with its fields, defaults and getters", () => {
    const lost = new Lost({ path: "/a" })
    assert.instanceOf(lost, Lost)
    assert.instanceOf(lost, Error)
    assert.deepStrictEqual(shown(lost), shown(new Reference({ path: "/a" })))
  })

  it("is no instance of another one, and nothing else is an instance of it before the first was made", () => {
    class Other extends TaggedError<Other>()("Other", { path: Schema.String }) {}
    assert.notInstanceOf(new Lost({ path: "/a" }), Other)
    assert.notInstanceOf(new Error("lost"), Other)
    assert.notInstanceOf(new Other({ path: "/a" }), Lost)
  })

  it("refuses fields that it cannot have", () => {
    const fields: { readonly path: string } = JSON.parse('{"path":1}')
    assert.throws(() => new Lost(fields), ParseResult.ParseError)
  })

  it("is a schema, which encodes and decodes it and knows its fields", () => {
    const encoded = Schema.encodeSync(Lost)(new Lost({ path: "/a", fresh: true }))
    assert.deepStrictEqual(encoded, { _tag: "Lost", path: "/a", fresh: true })
    const decoded = Schema.decodeUnknownSync(Lost)({ _tag: "Lost", path: "/a" })
    assert.instanceOf(decoded, Lost)
    assert.strictEqual(decoded.hint, "ls /a")
    assert.isTrue(Schema.is(Lost)(decoded))
    assert.isTrue(Schema.isSchema(Lost))
    assert.deepStrictEqual(Object.keys(Lost.fields), Object.keys(Reference.fields))
    assert.strictEqual(Lost._tag, "Lost")
    assert.strictEqual(String(Lost.ast), String(Reference.ast))
  })

  it.effect("fails an effect that yields it, and is caught by its tag", () =>
    Effect.gen(function* () {
      const failing = Effect.suspend(() => new Lost({ path: "/a" }))
      const caught = yield* Effect.catchTag(failing, "Lost", ({ path }) => Effect.succeed(path))
      assert.strictEqual(caught, "/a")
      assert.isTrue(Either.isLeft(yield* Effect.either(failing)))
    })
  )

  it("is not made where it is only declared", () => {
    let asked = 0
    const counted = {
      get path() {
        asked += 1
        return Schema.String
      }
    }
    class Never extends TaggedError<Never>()("Never", counted) {}
    assert.notInstanceOf(new Error("never"), Never)
    assert.strictEqual(asked, 0)
    assert.instanceOf(new Never({ path: "/a" }), Never)
    assert.isAbove(asked, 0)
  })
})
