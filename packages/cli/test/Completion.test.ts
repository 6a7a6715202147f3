import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import { run } from "./fixtures/run.ts"

/** What bash offers after these words; the last of them is being typed. */
const offered = Effect.fnUntraced(function* (script: string, words: ReadonlyArray<string>) {
  const question = `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _calm; printf '%s\\n' "\${COMPREPLY[@]}"`
  return yield* Effect.async<string>((resume) => {
    ChildProcess.execFile("bash", ["--norc", "-uc", question, "bash", "calm", ...words], (_, stdout, stderr) =>
      resume(Effect.succeed(stdout + stderr))
    )
  })
})

const lines = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

describe("bash", () => {
  const offers: ReadonlyArray<readonly [words: string, expected: ReadonlyArray<string>]> = [
    ["ta", ["task"]],
    ["task c", ["create", "cancel", "check"]],
    ["task create --b", ["--blocked-by"]],
    ["--json task create --blocked-by X --l", ["--limit", "--log-level"]],
    ["task create --type ", ["feature", "bug"]],
    ["task check ", ["yes", "no", "--json", "--project", "--log-level", "--help"]],
    ["status h", ["health"]],
    ["status --w", ["--wide"]],
    ["--v", ["--version"]]
  ]
  for (const [words, expected] of offers) {
    it.live(`calm ${words}`, () =>
      Effect.gen(function* () {
        const { stdout } = yield* run(["completions", "bash"])
        assert.deepStrictEqual(lines(yield* offered(stdout, words.split(" "))), expected)
      })
    )
  }
})

it.effect("zsh and fish are told commands with their summaries, options and choices", () =>
  Effect.gen(function* () {
    const { stdout: zsh } = yield* run(["completions", "zsh"])
    assert.isTrue(zsh.startsWith("#compdef calm\n"))
    assert.include(zsh, "'create:Create a task'")
    assert.include(zsh, "' task create --type') compadd -- 'feature' 'bug'; return ;;")
    const { stdout: fish } = yield* run(["completions", "fish"])
    assert.include(fish, `= " task"' -f -a 'create' -d 'Create a task'`)
    assert.include(fish, `= " task create"' -l type -x -a 'feature bug' -d 'Kind of task'`)
  })
)
