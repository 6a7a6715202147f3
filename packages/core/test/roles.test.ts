/** Role files: where they are looked for, and what is said of one that cannot be used. */
import * as CalmTest from "@calm/testing/CalmTest"
import * as World from "@calm/testing/World"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { calm, failure, same, told } from "./support/calm.ts"

const home = "/home/me/.calm/roles"
const own = `${CalmTest.repo}/.calm/roles`
const claude = `${CalmTest.repo}/.claude/roles`

const head = `---
title: Ours
summary: Does what we need
phases: [SPEC]
reviews: [spec]
writesCode: false
---
`

/** Writes a role file; gives what comes of reading it. */
const written = Effect.fnUntraced(function* (text: string | Uint8Array, name = "ours") {
  const { files, roles } = yield* calm
  yield* files.makeDirectory(home, { recursive: true })
  yield* typeof text === "string"
    ? files.writeFileString(`${home}/${name}.md`, text)
    : files.writeFile(`${home}/${name}.md`, text)
  return yield* Effect.either(roles.get(name))
})

/** The role that a text is read as. */
const read = (text: string) => Effect.flatMap(written(text), (found) => found)

/** The fault that a file is told to have. */
const faultOf = (text: string | Uint8Array) =>
  Effect.gen(function* () {
    const error = yield* failure(
      Effect.flatMap(written(text), (found) => found),
      "RoleInvalid"
    )
    same([error.category, error.path, error.hint], ["validation", `${home}/ours.md`, `ls -l ${home}/ours.md`])
    assert.include(error.message, error.fault)
    return error.fault
  }).pipe(Effect.provide(CalmTest.layer))

describe("a role file", () => {
  it.effect("is looked for in the home, .calm/roles, .claude/roles and among the built-in ones, in this order", () =>
    Effect.gen(function* () {
      const { files, roles } = yield* calm
      const found = Effect.map(roles.get("backend"), ({ path, prompt, source }) => [source, path, prompt])
      same(yield* found, ["built-in", "/roles/backend.md", "# Backend engineer"])
      for (const [source, folder] of [
        ["claude", claude],
        ["project", own],
        ["home", home]
      ] as const) {
        yield* files.makeDirectory(folder, { recursive: true })
        yield* files.writeFileString(`${folder}/backend.md`, `${head}\nBackend of ${source}\n`)
        same(yield* found, [source, `${folder}/backend.md`, `Backend of ${source}`])
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("of the project is that of the main checkout as it lies there, and not of a worktree or a commit", () =>
    Effect.gen(function* () {
      const { roles, worktrees } = yield* calm
      yield* World.featureIn("SPEC")
      const { path } = yield* worktrees.get("SPEC-001")
      yield* World.write(path, { ".calm/roles/theirs.md": "from the worktree" })
      same((yield* told(roles.get("theirs"))).tag, "RoleNotFound")
      yield* World.write(CalmTest.repo, { ".calm/roles/theirs.md": "uncommitted" })
      same((yield* roles.get("theirs")).prompt, "uncommitted")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("without front matter is a role that nothing restricts", () =>
    Effect.gen(function* () {
      const { frontMatter, prompt } = yield* read("\n# Do it\n\n---\n\nNot front matter.\n")
      same([frontMatter, prompt], [null, "# Do it\n\n---\n\nNot front matter."])
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("with the line ends of Windows, a byte order mark and keys of other tools is read all the same", () =>
    Effect.gen(function* () {
      const text = `\ufeff${head.replace("title", "model: opus\ntitle")}\n# Ours\nSecond line\n`.replaceAll(
        "\n",
        "\r\n"
      )
      const { frontMatter, prompt } = yield* read(text)
      same(prompt, "# Ours\nSecond line")
      same(frontMatter, {
        title: "Ours",
        summary: "Does what we need",
        phases: ["SPEC"],
        reviews: ["spec"],
        writesCode: false
      })
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("with a broken front matter is an error that names the file and the fault", () =>
    Effect.gen(function* () {
      same(
        yield* faultOf("---\ntitle: Ours\n# Ours\n"),
        "it begins with ---, and no later line closes the front matter"
      )
      same(yield* faultOf("---\n---\n# Ours\n"), "its front matter is empty")
      assert.match(yield* faultOf("---\ntitle: Ours\nphases: [SPEC\n---\n"), /^line 3: /)
      same(yield* faultOf(head.replace("title: Ours\n", "")), "the front matter has no title")
      assert.match(yield* faultOf(head.replace("[SPEC]", "[BUILD]")), /^phases\.0: .*"SPEC".*"BUILD"/)
      assert.match(yield* faultOf(head.replace("false", "perhaps")), /^writesCode: /)
      assert.match(yield* faultOf("---\njust words\n---\n"), /just words/)
    })
  )

  it.effect("whose front matter would keep the parser busy for hours is refused at once", () =>
    Effect.gen(function* () {
      same(yield* faultOf(`---\n${"? ".repeat(400)}\n---\n`), "line 2: a key is no text")
      same(yield* faultOf("---\ntitle: Ours\n? [a, b]\n: c\n---\n"), "line 3: a key is no text")
      const keys = Array.from({ length: 50_000 }, (_, at) => `key${at}: x`).join("\n")
      same(yield* faultOf(`---\n${keys}\n---\n`), "its front matter has more than 20,000 characters")
    })
  )

  it.effect("that is no text, is too big or is a folder is an error and not a prompt", () =>
    Effect.gen(function* () {
      same(yield* faultOf(new Uint8Array([0x23, 0xff, 0xfe])), "it is not UTF-8")
      same(yield* faultOf("a\u0000b"), "it is no text")
      same(yield* faultOf("x".repeat(1_000_001)), "it has more than 1 MB")
      const folder = Effect.gen(function* () {
        const { files, roles } = yield* calm
        yield* files.makeDirectory(`${home}/backend.md`, { recursive: true })
        return (yield* failure(roles.get("backend"), "RoleInvalid")).fault
      }).pipe(Effect.provide(CalmTest.layer))
      same(yield* folder, "it is a folder")
    })
  )

  it.effect("that may not be read is an error, and the next one of that name is not taken in its place", () =>
    Effect.gen(function* () {
      const { files, roles } = yield* calm
      yield* files.makeDirectory(home, { recursive: true })
      yield* files.writeFileString(`${home}/backend.md`, head)
      yield* files.chmod(`${home}/backend.md`, 0)
      const error = yield* failure(roles.get("backend"), "FileFailed")
      same([error.category, error.path], ["permission", `${home}/backend.md`])
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("a looped link in the place of", () => {
  it.effect("a role file or of the folder is an error: what it restricts must not get lost in silence", () =>
    Effect.gen(function* () {
      const { files, roles } = yield* calm
      const file = `${home}/backend.md`
      yield* files.makeDirectory(home, { recursive: true })
      yield* files.symlink(file, file)
      same((yield* failure(roles.get("backend"), "FileFailed")).path, file)
      yield* files.remove(home, { recursive: true })
      yield* files.symlink(home, home)
      yield* failure(roles.get("backend"), "FileFailed")
      yield* failure(roles.list, "FileFailed")
    }).pipe(Effect.provide(CalmTest.layer))
  )
})

describe("the roles", () => {
  it.effect("are listed by name, each where it counts, without their files being opened", () =>
    Effect.gen(function* () {
      const { files, roles } = yield* calm
      yield* World.write(CalmTest.repo, {
        ".claude/roles/tester.md": "---\nbroken",
        ".claude/roles/README.md": "no role",
        ".claude/roles/readme.md": "no role",
        ".claude/roles/Upper.md": "no role",
        ".claude/roles/notes.txt": "no role",
        ".calm/roles": "a file where a folder should be"
      })
      yield* files.makeDirectory(home, { recursive: true })
      yield* files.writeFileString(`${home}/backend.md`, "mine")
      same(
        (yield* roles.list).map(({ name, source }) => `${name} ${source}`),
        [
          "backend home",
          "proposal-reviewer built-in",
          "qa built-in",
          "reviewer built-in",
          "spec-reviewer built-in",
          "tester claude"
        ]
      )
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("share a part that is a page of its own, and no role", () =>
    Effect.gen(function* () {
      const { files, roles } = yield* calm
      same(yield* roles.base, "# How every worker works")
      same((yield* roles.prompt("_base")).prompt, "# How every worker works")
      same((yield* told(roles.get("_base"))).tag, "RoleNotFound")
      yield* files.remove("/roles/_base.md")
      same(yield* roles.base, "")
      same((yield* told(roles.prompt("_base"))).tag, "RoleNotFound")
    }).pipe(Effect.provide(CalmTest.layer))
  )

  it.effect("are no way to read other files, and a name that means none says what can be looked at", () =>
    Effect.gen(function* () {
      const { roles } = yield* calm
      yield* World.write(CalmTest.repo, { "secret.md": "secret" })
      for (const name of ["../../secret", "/repo/secret", "", "Backend", "x".repeat(10_000), "zzz"]) {
        const error = yield* failure(roles.get(name), "RoleNotFound")
        same(error.hint, name === "Backend" ? "calm worker prompt backend" : "calm worker prompt _base")
        assert.isBelow(error.message.length, 300)
      }
    }).pipe(Effect.provide(CalmTest.layer))
  )
})
