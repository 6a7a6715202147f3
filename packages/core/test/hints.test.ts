/** Hints are run as they stand, by agents too: what a name or a path holds must not become a command of its own. */
import { BaseMissing, UnrelatedHistories } from "@calm/core/FactFinder"
import { FileFailed } from "@calm/core/FileFailed"
import { NotARepository, ProjectNotFound } from "@calm/core/Projects"
import { ScriptNotFound } from "@calm/core/Rulebook"
import { assert, describe, it } from "@effect/vitest"

describe("a hint", () => {
  it("makes a repository only of a folder that was to be a project, and never of the whole disk", () => {
    const hint = (path: string, registering: boolean) => new NotARepository({ path, registering }).hint
    assert.deepStrictEqual(
      [hint("/a b", true), hint("/", true), hint("/a b", false)],
      ["git -C '/a b' init", "calm help recovery", "calm help recovery"]
    )
  })

  it("gives a path or a branch with characters of the shell to it as one word", () => {
    const path = "/tmp/$(touch x) y"
    const branch = "fix;touch`x`"
    assert.deepStrictEqual(
      [
        new FileFailed({ path, reason: "" }).hint,
        new ProjectNotFound({ path }).hint,
        new BaseMissing({ branch, state: "remote" }).hint,
        new UnrelatedHistories({ branch, base: "main" }).hint,
        new ScriptNotFound({ script: ".calm/checks/a b", base: "0123456789abcdef" }).hint
      ],
      [
        `ls -ld '${path}'`,
        `calm init --project '${path}'`,
        `git branch '${branch}' 'origin/${branch}'`,
        `git log --oneline --graph main '${branch}'`,
        "git ls-tree 0123456789ab -- '.calm/checks/a b'"
      ]
    )
  })
})
