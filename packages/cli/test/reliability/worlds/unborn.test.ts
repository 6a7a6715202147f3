/** A repository that has no commit yet. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { filesOf, git, refsOf } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { lines } from "./engine.ts"

const none = /The base branch main has no commit/

/** What each command comes to. */
const answers = [
  [lines.again, 8, none],
  [lines.merge, 8, none],
  [lines.remove, 3, /no worktree/],
  [lines.restore, 3, /trash holds no worktree/],
  [lines.save, 0, /"worktrees":\[\]/],
  [lines.health, 0, /"worktrees":\[\]/],
  [lines.doctor, 7, none],
  [lines.mend, 7, none]
] as const

it.scopedLive(
  "a repository without commits stays as it is, is told so, and needs no more than its first commit",
  () =>
    Effect.gen(function* () {
      const world = yield* World.make
      const repo = Path.join(world.base, "empty")
      git(world.base, "init", "--quiet", "--initial-branch=main", repo)
      Fs.writeFileSync(Path.join(repo, "precious.txt"), "precious\n")
      git(repo, "add", "precious.txt")
      const here = { cwd: repo, stdin: "Where we are." }
      for (const line of ["init", "task create SPEC-001 One"])
        assert.strictEqual((yield* world.line(line, here)).exitCode, 0)

      const state = () => [
        refsOf(repo),
        filesOf(repo),
        git(repo, "symbolic-ref", "HEAD"),
        git(repo, "ls-files", "--stage")
      ]
      const before = state()
      const losses: Array<string> = []
      for (const [line, code, says] of answers) {
        const { exitCode, stdout } = yield* world.calm(["--json", ...line.split(" ")], here)
        if (exitCode !== code || !says.test(stdout)) losses.push(`${line}: exit ${exitCode}: ${stdout}`)
        if (JSON.stringify(state()) !== JSON.stringify(before)) losses.push(`${line}: something is not as it was`)
      }
      report({ suite: "worlds", what: "commands without a commit", tried: answers.length, losses: losses.length })
      assert.deepStrictEqual(losses, [])

      git(repo, "commit", "--quiet", "--message", "Start")
      assert.strictEqual((yield* world.line(lines.again, here)).exitCode, 0)
    }),
  120_000
)
