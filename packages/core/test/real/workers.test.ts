/** Workers that several processes start at the same moment, and role files on a real disk. */
import { Roles } from "@calm/core/Roles"
import { Workers } from "@calm/core/Workers"
import { RoleName } from "@calm/domain/Ids"
import * as RealWorld from "@calm/testing/RealWorld"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { edit, put, started, withoutScripts } from "./support/calm.ts"
import { bundle, start } from "./support/children.ts"

it.scopedLive(
  "processes that start workers at the same moment get an id each, and every one is on record",
  () =>
    Effect.gen(function* () {
      const workers = yield* Workers
      const task = "SPEC-001"
      yield* started(task)
      yield* put(task, "IMPLEMENT")
      const child = yield* bundle
      const children = yield* Effect.replicateEffect(start(child, { command: "work", task, stop: null }), 6, {
        concurrency: 6
      })
      yield* Effect.forEach(children, (one) => one.ready)
      yield* Effect.forEach(children, (one) => one.go, { concurrency: 6 })
      const ends = yield* Effect.forEach(children, (one) => one.ended, { concurrency: 6 })
      for (const end of ends) assert.deepStrictEqual(end, { code: 0, signal: null, stderr: "" })
      const ids = (yield* workers.list({})).map(({ id }) => id)
      assert.strictEqual(new Set(ids).size, 6)
      assert.deepStrictEqual([...ids].sort().reverse(), ids)
    }).pipe(Effect.provide(RealWorld.layer({ files: withoutScripts }))),
  60_000
)

it.scopedLive("every role that comes with calm is read, and says what it is for", () =>
  Effect.gen(function* () {
    const roles = yield* Roles
    const names = (yield* roles.list).map(({ name }) => name)
    assert.include(names, RoleName.make("spec-reviewer"))
    for (const name of names) {
      const { frontMatter, prompt, source } = yield* roles.get(name)
      assert.strictEqual(source, "built-in")
      assert.isNotNull(frontMatter, name)
      assert.isAbove(frontMatter?.phases.length ?? 0, 0, name)
      assert.isAbove(prompt.length, 500, name)
    }
    assert.isAbove((yield* roles.base).length, 500)
  }).pipe(Effect.provide(RealWorld.layer()))
)

it.scopedLive(
  "a role file that is a folder, a pipe or a link to nowhere is told or passed over, and never waited for",
  () =>
    Effect.gen(function* () {
      const roles = yield* Roles
      const { repo } = yield* RealWorld.RealWorld
      const fault = (name: string) =>
        Effect.map(Effect.flip(roles.get(name)), (error) => [error._tag, "fault" in error ? error.fault : null])
      edit(repo, ".calm/roles/folder.md/inner.txt", "")
      execFileSync("mkfifo", [`${repo}/.calm/roles/pipe.md`])
      Fs.symlinkSync("/nowhere", `${repo}/.calm/roles/spec-reviewer.md`)
      assert.deepStrictEqual(yield* fault("folder"), ["RoleInvalid", "it is a folder"])
      assert.deepStrictEqual(yield* fault("pipe"), ["RoleInvalid", "it is no plain file"])
      assert.strictEqual((yield* roles.get("spec-reviewer")).source, "built-in")
      // A file where the folder of roles could be says nothing about roles.
      Fs.rmSync(`${repo}/.calm/roles`, { recursive: true })
      edit(repo, ".calm/roles", "no folder")
      assert.strictEqual((yield* roles.get("spec-reviewer")).source, "built-in")
      assert.isAbove((yield* roles.list).length, 0)
    }).pipe(Effect.provide(RealWorld.layer()))
)
