import { assert, describe, it } from "@effect/vitest"
import * as Phase from "@calm/domain/Phase"
import { exitCodes } from "@calm/domain/Problem"
import * as Effect from "effect/Effect"
import * as JSONSchema from "effect/JSONSchema"
import { root as calm } from "../src/commands.ts"
import * as Help from "../src/Help.ts"
import * as Style from "../src/Style.ts"
import * as Tree from "../src/Tree.ts"
import * as Usage from "../src/Usage.ts"
import { json, jsonOf, run, runOf, terminal } from "./fixtures/run.ts"
import { root } from "./fixtures/sample.ts"
import { callsIn } from "./fixtures/commandLines.ts"
import { wordsOf } from "./fixtures/world.ts"

const screens = [Style.plain, { terminal: true, color: false, width: 80 }]

/** Every group of a tree with its path, the tree itself first. */
const groups = (
  node: Tree.Group,
  path: ReadonlyArray<string> = []
): ReadonlyArray<readonly [path: ReadonlyArray<string>, group: Tree.Group]> => [
  [path, node],
  ...Object.entries(node.commands).flatMap(([name, below]) =>
    below._tag === "Group" ? groups(below, [...path, name]) : []
  )
]

const page = (argv: ReadonlyArray<string>) => Effect.map(run(argv), (outcome) => outcome.stdout)

describe("the page of a command", () => {
  it.effect("has its whole path, its arguments, its options and an example", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* page(["task", "create", "--help"]),
        `Create a task

The id names the branch.

Usage: calm task create <id> <title> [options]

Arguments
  <id>     The id of the new task
  <title>  What is to be done

Options
  --type <type>       Kind of task: feature, bug
  --blocked-by <ids>  Ids it waits for
  --limit <n>         How many
  --all               All of them

Options of every command
  --json               Print one JSON document
  --quiet              Print the bare answer, and no notes or progress
  --project <path>     Act on the project at this path
  --log-level <level>  Log to stderr: none, fatal, error, warning, info, debug, trace, all
  -h, --help           Show help (-h)

Example
  calm task create SPEC-001 "Add a greeting"
`
      )
    })
  )

  it.effect("shows what must and what may be given in the usage line", () =>
    Effect.gen(function* () {
      assert.include(yield* page(["task", "cancel", "-h"]), "Usage: calm task cancel <id> --reason <text> [options]\n")
      assert.include(yield* page(["task", "add", "-h"]), "Usage: calm task add [<value>] [options]\n")
      assert.include(yield* page(["schema", "-h"]), "Usage: calm schema [<command>...] [options]\n")
    })
  )
})

describe("help is shown", () => {
  it.effect("for calm alone, with exit code 0", () =>
    Effect.gen(function* () {
      const outcome = yield* run([])
      assert.strictEqual(outcome.exitCode, 0)
      assert.include(outcome.stdout, "Usage: calm <command> [options]")
      assert.include(outcome.stdout, "  task         Create and cancel tasks")
    })
  )

  it.effect("for a group, whose own options are on the page when it is a command, too", () =>
    Effect.gen(function* () {
      assert.include(yield* page(["task", "--help"]), "  create    Create a task\n")
      const status = yield* page(["status", "--help"])
      assert.include(status, "Usage: calm status [<command>] [options]")
      assert.include(status, "--wide")
      assert.include(status, "calm status\n")
    })
  )

  it.effect("wherever --help stands, whatever else is wrong", () =>
    Effect.gen(function* () {
      const expected = yield* page(["task", "create", "--help"])
      for (const line of [
        "help task create",
        "--help task create",
        "task --help create",
        "task create --nope --help",
        "task create a b c d -h",
        "--project task task create --help",
        "task create --type --help"
      ]) {
        assert.strictEqual(yield* page(line.split(" ")), expected, line)
      }
    })
  )

  it.effect("as one document with --json", () =>
    Effect.gen(function* () {
      const { data, exitCode } = yield* json(["task", "--help"])
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(data, { help: (yield* page(["task", "--help"])).trimEnd() })
    })
  )

  it.effect("with bold headings on a terminal, within its width", () =>
    Effect.gen(function* () {
      const { stdout } = yield* run(["task", "create", "--help"], terminal)
      assert.include(stdout, "\u001b[1mOptions\u001b[22m")
      for (const line of stdout.replace(/\u001b\[\d+m/g, "").split("\n")) assert.isAtMost(line.length, 60)
    })
  )
})

describe("a topic", () => {
  for (const [name, load] of Object.entries(calm.topics)) {
    it.effect(`${name} is one screen that fits its width, on a terminal and in a pipe`, () =>
      Effect.gen(function* () {
        const { page: topic } = yield* Effect.promise(load)
        for (const style of [...screens, { terminal: true, color: false, width: 200 }]) {
          const lines = topic(style).split("\n")
          assert.isAtMost(lines.length, style.terminal ? 24 : 28)
          for (const line of lines) assert.isAtMost(Style.widthOf(line), style.width)
        }
        assert.strictEqual((yield* runOf(calm, ["help", name])).stdout, `${topic(Style.plain)}\n`)
        assert.isUndefined(Tree.child(calm, name), "a command is called so")
      })
    )

    it.effect(`${name} names commands that there are`, () =>
      Effect.gen(function* () {
        const { page: topic } = yield* Effect.promise(load)
        const text = topic(Style.plain).replace(/(\S)\n(?=\S)/g, "$1 ")
        const named = Array.from(text.matchAll(/\bcalm((?: [a-z][a-z-]*)+)/g), ([, words = ""]) => words.trim())
        for (const words of named) {
          const [first = "", second = ""] = words.split(" ")
          const group = first === "help" ? calm : Tree.find(calm, [first])
          assert.isDefined(group, words)
          if (group?._tag !== "Group" || (second === "" && group.self !== undefined)) continue
          assert.isTrue(Tree.child(group, second) !== undefined || Object.hasOwn(group.topics, second), words)
        }
      })
    )
  }

  it.effect("that is data is told from the data", () =>
    Effect.gen(function* () {
      const phases = (yield* runOf(calm, ["help", "phases"])).stdout
      for (const type of ["feature", "bug"] as const) {
        for (const phase of Phase.phasesOf(type)) assert.include(phases, phase)
      }
      const codes = (yield* runOf(calm, ["help", "exit-codes"])).stdout
      for (const [category, code] of Object.entries(exitCodes))
        assert.match(codes, new RegExp(`^ +${code} +${category}:`, "m"))
      assert.match((yield* runOf(calm, ["help", "gates"])).stdout, /^ +CODE_REVIEW-TEST +code reviews$/m)
    })
  )

  it.effect("is listed by calm help, and a mistyped one names the nearest topic or command", () =>
    Effect.gen(function* () {
      assert.include((yield* runOf(calm, ["help"])).stdout, Object.keys(calm.topics).join(", "))
      for (const [typed, meant] of [
        ["phase", "phases"],
        ["exitcodes", "exit-codes"],
        ["evidnce", "evidence"],
        ["taks", "task"]
      ] as const) {
        const { error, exitCode } = yield* jsonOf(calm, ["help", typed])
        assert.strictEqual(exitCode, 1)
        assert.strictEqual(error?.code, "unknown_topic")
        assert.include(error?.message, `did you mean '${meant}'?`)
      }
      assert.include((yield* runOf(calm, ["help", "task", "creat"])).stderr, "did you mean 'create'?")
    })
  )
})

it.effect("the version is printed alone", () =>
  Effect.gen(function* () {
    assert.match(yield* page(["--version", "--project", "x"]), /^calm \d+\.\d+\.\d+\n$/)
  })
)

// The tree's summaries, the names of files and the examples are written by hand: this keeps them honest.
for (const [name, tree] of Object.entries({ calm, sample: root })) {
  describe(`every command of ${name}`, () => {
    for (const { entry, path } of Tree.entries(tree)) {
      const command = path.join(" ")

      it.effect(`${command}: help is one screen with an example, and declares nothing twice`, () =>
        Effect.gen(function* () {
          const { leaf } = yield* Effect.promise(entry.load)
          for (const style of screens) {
            const page = Help.leaf(path, entry, leaf, style)
            assert.isAtMost(page.split("\n").length, 45)
            assert.include(page, `\n  ${leaf.examples[0]}`)
          }
          assert.notMatch(entry.summary, /\.$|\n/)
          const names = [...leaf.options.map((option) => option.name), "json", "quiet", "project", "log-level", "help"]
          assert.strictEqual(new Set(names).size, names.length, "an option of all commands is declared again")
          const optional = leaf.args.findIndex((argument) => !argument.required)
          const late = leaf.args.findLastIndex((argument) => argument.required)
          assert.isTrue(optional === -1 || late < optional, "a required argument follows an optional one")
        })
      )

      it.effect(`${command}: its examples are command lines that it understands`, () =>
        Effect.gen(function* () {
          const { leaf } = yield* Effect.promise(entry.load)
          assert.isNotEmpty(leaf.examples)
          for (const example of leaf.examples) {
            const called: Array<string> = []
            for (const words of callsIn(example)) {
              const request = yield* Usage.parse(tree, words)
              assert.strictEqual(request._tag, "Run", example)
              if (request._tag !== "Run") continue
              called.push(request.given.path.join(" "))
              const named = <P extends { readonly name: string }>(list: ReadonlyArray<P>) =>
                Object.fromEntries(list.map((parameter) => [parameter.name, parameter]))
              yield* Usage.values(request.given, named(request.leaf.args), named(request.leaf.options))
            }
            assert.include(called, command, example)
          }
        })
      )

      it.effect(`${command}: its answer has a JSON Schema, which calm schema prints`, () =>
        Effect.gen(function* () {
          const { leaf } = yield* Effect.promise(entry.load)
          const schema = JSONSchema.make(leaf.output)
          if (tree !== calm) return
          const { data } = yield* jsonOf(tree, ["schema", ...path])
          assert.deepStrictEqual(data, JSON.parse(JSON.stringify(schema)))
        })
      )
    }

    for (const [path, group] of groups(tree)) {
      it.effect(`${path.join(" ") || name}: its help is one screen, and its examples are understood`, () =>
        Effect.gen(function* () {
          for (const style of screens) assert.isAtMost(Help.group(path, group, style).split("\n").length, 45)
          for (const example of group.examples) {
            assert.strictEqual((yield* Usage.parse(tree, wordsOf(example)))._tag, "Run", example)
          }
        })
      )
    }
  })
}
