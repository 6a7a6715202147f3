import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"
import { root } from "../src/commands.ts"
import * as Reference from "../src/Reference.ts"
import * as Tree from "../src/Tree.ts"
import { root as sample } from "./fixtures/sample.ts"

const clone = Path.resolve(import.meta.dirname, "../../..")

describe("the pages that are made from the sources", () => {
  it.live("are as `node scripts/docs.mjs` makes them, so that no command, service or example is told of wrongly", () =>
    Effect.async<void>((resume) => {
      const script = Path.join(clone, "scripts/docs.mjs")
      ChildProcess.execFile(process.execPath, [script, "--check"], { encoding: "utf8" }, (error, _, stderr) =>
        resume(Effect.sync(() => assert.isNull(error, stderr)))
      )
    })
  )
})

describe("the page of all commands", () => {
  it.effect("has every command, with each of its arguments and options", () =>
    Effect.gen(function* () {
      const page = yield* Reference.page(root)
      for (const { entry, path } of Tree.entries(root)) {
        const command = path.join(" ")
        const [, section = ""] = page.split(new RegExp(`^##+ calm ${command}$`, "m"))
        const own = section.split(/^##+ /m)[0] ?? ""
        assert.include(own, "```sh", command)
        const { leaf } = yield* Effect.promise(entry.load)
        for (const { name } of leaf.args) assert.include(own, `| \`${name}\` |`, command)
        for (const { name } of leaf.options) assert.include(own, `| \`--${name}`, command)
      }
    })
  )

  it.effect("tells what may be left out, what there is to choose from, and which commands are questions", () =>
    Effect.gen(function* () {
      const page = yield* Reference.page(sample)
      assert.include(page, "calm task create <id> <title> [--type <type>]")
      assert.include(page, "calm task cancel <id> --reason <text>")
      assert.include(page, "| `--type <type>` | Kind of task: `feature`, `bug` |")
      const questions = page.split(/^##+ /m).filter((section) => section.includes("\nA question:"))
      assert.deepStrictEqual(
        questions.map((section) => section.split("\n")[0]),
        ["calm big", "calm task check"]
      )
    })
  )
})
