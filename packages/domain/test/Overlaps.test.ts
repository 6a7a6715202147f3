import * as Overlaps from "@calm/domain/Overlaps"
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"

const claim = (paths: ReadonlyArray<string>, patterns: ReadonlyArray<string> = []): Overlaps.Claim => ({
  paths,
  patterns
})

describe("a pattern", () => {
  it("means the paths that people mean by it", () => {
    for (const [pattern, path, expected] of [
      ["src/a.js", "src/a.js", true],
      ["src/a.js", "src/a.jsx", false],
      ["src", "src/deep/a.js", true],
      ["src/", "src/a.js", true],
      ["./src", "src/a.js", true],
      ["src", "source/a.js", false],
      ["src/*", "src/a.js", true],
      ["src/*", "src/deep/a.js", false],
      ["src/**", "src/deep/er/a.js", true],
      ["**/a.js", "a.js", true],
      ["**/a.js", "src/deep/a.js", true],
      ["src/**/test/*.ts", "src/test/a.ts", true],
      ["src/**/test/*.ts", "src/x/y/test/a.ts", true],
      ["src/**/test/*.ts", "src/x/y/a.ts", false],
      ["*.{md,txt}", "a.txt", true],
      ["*.{md,txt}", "a.js", false],
      ["{src,lib}/{a,b}.js", "lib/b.js", true],
      ["{src,lib}/{a,b{1,2}}.js", "lib/b2.js", true],
      ["a?.js", "ab.js", true],
      ["a?.js", "a.js", false],
      ["[a-c].js", "b.js", true],
      ["[!a-c].js", "b.js", false],
      ["[a.js", "[a.js", true],
      ["a\\*.js", "a*.js", true],
      ["a\\*.js", "ab.js", false],
      ["**", "anything/at/all", true],
      ["*", "a*b{c,d}[e]\\", true],
      ["a{b,c}", "a{b,c}", false]
    ] as const)
      assert.strictEqual(Overlaps.matches(pattern, path), expected, `${pattern} ${path}`)
  })

  it("meets another where a path could be meant by both, though there is none yet", () => {
    for (const [a, b, expected] of [
      ["src/**", "src/api/*.ts", true],
      ["src/*.ts", "src/*.js", false],
      ["src/a*", "src/*b", true],
      ["src/a*c", "src/ab*", true],
      ["src/a*c", "src/b*", false],
      ["src", "src/api", true],
      ["src/api", "src/web", false],
      ["**/test/**", "src/**", true],
      ["docs/**", "src/**", false],
      ["*.{md,txt}", "*.{js,txt}", true],
      ["*.{md,txt}", "*.{js,ts}", false],
      ["a?c", "a[xyz]c", true],
      ["[ab]", "c", false],
      ["src/*", "src/a/b", false],
      ["a/**/b/**/c", "a/**/c", true]
    ] as const) {
      assert.strictEqual(Overlaps.patternsMeet(a, b), expected, `${a} ${b}`)
      assert.strictEqual(Overlaps.patternsMeet(b, a), expected, `${b} ${a}`)
    }
  })

  it("takes no endless time, however it is built", () => {
    const stars = `${"*a".repeat(60)}/${"**/".repeat(40)}*`
    assert.isFalse(Overlaps.patternsMeet(`${stars}b`, `${stars}c`))
    assert.isTrue(Overlaps.matches("{a,b}".repeat(30), "anything"))
  })

  const name = FastCheck.string({ unit: FastCheck.constantFrom("a", "b", "*", "?"), minLength: 1, maxLength: 4 })
  const pattern = FastCheck.array(FastCheck.oneof(name, FastCheck.constant("**")), { minLength: 1, maxLength: 4 }).map(
    (names) => names.join("/")
  )
  const path = FastCheck.array(
    FastCheck.string({ unit: FastCheck.constantFrom("a", "b"), minLength: 1, maxLength: 4 }),
    {
      minLength: 1,
      maxLength: 4
    }
  ).map((names) => names.join("/"))

  it.prop(
    "that means the same path as another meets it: no overlap is missed",
    { a: pattern, b: pattern, path },
    (all) => {
      if (Overlaps.matches(all.a, all.path) && Overlaps.matches(all.b, all.path))
        assert.isTrue(Overlaps.patternsMeet(all.a, all.b))
    }
  )
})

describe("two tasks", () => {
  it("meet in paths that both changed, and in what one changed and the other means to change", () => {
    const own = claim(["src/a.js", "src/b.js"], ["docs/**"])
    assert.deepStrictEqual(
      Overlaps.overlap(own, claim(["src/b.js", "docs/x.md", "other.txt"], ["src/*.js", "web/**"])),
      ["docs/x.md", "src/*.js", "src/b.js"]
    )
  })

  it("do not meet where neither touches what the other does", () => {
    assert.deepStrictEqual(Overlaps.overlap(claim(["a"], ["src/**"]), claim(["b"], ["docs/**"])), [])
    assert.deepStrictEqual(Overlaps.overlap(claim([]), claim(["b"], ["**"])), [])
  })
})
