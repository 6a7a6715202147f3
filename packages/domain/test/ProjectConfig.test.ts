import * as ProjectConfig from "@calm/domain/ProjectConfig"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

/** As a project's file is read: what is not known is an error. */
const decode = (value: unknown) =>
  Schema.decodeUnknownEither(ProjectConfig.ProjectConfig)(value, { onExcessProperty: "error" })

const full = {
  $schema: "https://example.com/project.schema.json",
  kind: "python",
  kinds: { ".": "javascript", "services/api": "go" },
  setup: ["pnpm", "install"],
  docFolders: ["docs", "planning_docs"],
  testPatterns: ["^checks/", "\\.cy\\.ts$"],
  gates: {
    requireAll: true,
    noTests: false,
    allowedSkips: 2,
    timeout: 30,
    tests: ["make", "test"],
    linter: ["make", "lint"],
    types: ["make", "types"],
    fullTests: ["make", "e2e"]
  }
}

describe("ProjectConfig", () => {
  it("takes a project that says nothing and one that says everything", () => {
    assertTrue(Either.isRight(decode({})))
    deepStrictEqual<unknown>(Either.getOrThrow(decode(full)), full)
  })

  for (const [what, value] of [
    ["an unknown key", { setUp: ["a"] }],
    ["an unknown key of gates", { gates: { requireall: true } }],
    ["an unknown kind", { kind: "cobol" }],
    ["an unknown kind of a folder", { kinds: { a: "cobol" } }],
    ["a command as one string", { setup: "pnpm install" }],
    ["an empty command", { gates: { tests: [] } }],
    ["an empty argument", { gates: { tests: ["make", ""] } }],
    ["a negative number of skips", { gates: { allowedSkips: -1 } }],
    ["half a skip", { gates: { allowedSkips: 0.5 } }],
    ["a timeout of nothing", { gates: { timeout: 0 } }],
    ["a timeout of more than a day", { gates: { timeout: 86_401 } }],
    ["a timeout in words", { gates: { timeout: "10m" } }],
    ["a pattern that is no regular expression", { testPatterns: ["("] }],
    ["an empty pattern, which everything matches", { testPatterns: [""] }],
    ["null", null],
    ["a list", []]
  ] as const)
    it(`refuses ${what}`, () => assertTrue(Either.isLeft(decode(value))))

  for (const folder of [
    "..",
    "../a",
    "a/..",
    "a/../b",
    "./a",
    "a/./b",
    "/a",
    "a/",
    "a//b",
    "",
    "\\a",
    "a\\..\\b",
    "C:\\a",
    "a\nb",
    "a\u0000b"
  ])
    it(`refuses the folder ${JSON.stringify(folder)}, wherever a folder is named`, () => {
      assertTrue(Either.isLeft(decode({ docFolders: [folder] })))
      assertTrue(Either.isLeft(decode({ kinds: { [folder]: "go" } })))
    })

  for (const folder of ["a", "a/b", "a..b", "..a", ".github", "a b", "für"])
    it(`takes the folder ${JSON.stringify(folder)}`, () => {
      assertTrue(Either.isRight(decode({ docFolders: [folder], kinds: { [folder]: "go" } })))
    })

  it("leaves the usual folders out of the digests unless the project names its own", () => {
    deepStrictEqual(ProjectConfig.docFolders({}), ["planning_docs", "bug_reports", "changelog.d"])
    deepStrictEqual(ProjectConfig.docFolders({ docFolders: ["docs"] }), ["docs"])
    deepStrictEqual(ProjectConfig.docFolders({ docFolders: [] }), [])
  })
})

describe("isTest", () => {
  const tests = {
    JavaScript: [
      "test/a.js",
      "tests/deep/a.mjs",
      "src/__tests__/a.tsx",
      "packages/a/test/a.ts",
      "src/a.test.ts",
      "src/a.spec.tsx",
      "a-test.js",
      "test.js"
    ],
    Python: ["tests/test_a.py", "test_a.py", "pkg/test_a.py", "pkg/a_test.py", "app/tests.py", "tests/conftest.py"],
    Go: ["a_test.go", "pkg/a_test.go"],
    Rust: ["tests/a.rs", "crates/a/tests/b/main.rs", "src/parser/tests.rs", "src/a_test.rs"],
    Ruby: ["spec/models/a_spec.rb", "test/models/a_test.rb", "spec/spec_helper.rb", "lib/a_test.rb"]
  }
  for (const [language, paths] of Object.entries(tests))
    it(`knows the common names of tests in ${language}`, () => {
      for (const path of paths) assertTrue(ProjectConfig.isTest({}, path), path)
    })

  it("takes no other file for a test", () => {
    for (const path of [
      "src/a.ts",
      "src/latest.ts",
      "src/contest/a.py",
      "src/attest.go",
      "src/test_helper.ts",
      "src/testing.rs",
      "src/inspect.rb",
      "src/latest/a.js",
      "testament.py",
      "README.md",
      "protests.py",
      ""
    ])
      assertFalse(ProjectConfig.isTest({}, path), path)
  })

  it("goes by the project's patterns alone where it has some", () => {
    const config = { testPatterns: ["^checks/", "\\.cy\\.ts$"] }
    for (const path of ["checks/a.sh", "src/login.cy.ts"]) assertTrue(ProjectConfig.isTest(config, path), path)
    for (const path of ["test/a.js", "src/checks/a.sh"]) assertFalse(ProjectConfig.isTest(config, path), path)
    assertFalse(ProjectConfig.isTest({ testPatterns: [] }, "test/a.js"))
  })
})
