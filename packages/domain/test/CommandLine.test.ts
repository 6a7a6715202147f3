import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { it } from "@effect/vitest"
import * as CommandLine from "@calm/domain/CommandLine"
import { spawnSync } from "node:child_process"

it("a hint can be pasted into a shell, whatever its words hold", () => {
  const words = ["/a b/c", "it's", "$(id)", "`id`", 'say "hi"', "*", "~", "", "a\nb", "main..origin/main", "-x"]
  const line = CommandLine.commandLine("printf", "%s\\0", ...words)
  const { stdout } = spawnSync("sh", ["-c", line], { encoding: "utf8" })
  deepStrictEqual(stdout.split("\0").slice(0, -1), words)
})

it("words that mean nothing to a shell stay as they are", () => {
  strictEqual(
    CommandLine.commandLine("git", "-C", "/repo/.worktrees/SPEC-1", "merge", "main"),
    "git -C /repo/.worktrees/SPEC-1 merge main"
  )
})
