import * as Doctor from "@calm/core/Doctor"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Path from "node:path"
import { faultOfHint } from "../../fixtures/hints.ts"
import { document } from "../../fixtures/run.ts"
import type { Surroundings } from "../../fixtures/world.ts"
import { damaged } from "../support/checkout.ts"
import { report } from "../support/report.ts"
import { full, sample } from "../support/scale.ts"
import { differing, look, lost } from "../worlds/look.ts"
import * as Ready from "../worlds/ready.ts"
import { type Answer, misfits, untrue } from "./fitting.ts"
import { kinds, layer, type Point } from "./garbledGit.ts"
import { type Operation, operations } from "./operations.ts"

const stdin = "Where we are."

/** The document of a command line, with what people would have seen beside it. */
const answer = Effect.fnUntraced(function* (ready: Ready.Ready, line: string, surroundings: Surroundings = {}) {
  const { exitCode, stderr, stdout } = yield* ready.world.calm(["--json", ...line.split(" ")], {
    stdin,
    ...surroundings
  })
  return { ...(yield* document(stdout)), exitCode, stderr }
})

const begin = Effect.fnUntraced(function* (ready: Ready.Ready, operation: Operation) {
  yield* ready.reset(operation.from)
  operation.make?.(ready.place)
  const tree = operation.before === undefined ? null : look(ready.place).tree
  for (const line of operation.before ?? []) assert.strictEqual((yield* answer(ready, line)).exitCode, 0, line)
  return tree
})

/** Codes of refusals that a second attempt may meet because the first one has done it. */
const done = new Set([0, 3, 6, 7])

/** Everything that is wrong after one operation with one lie. */
const faultsAt = Effect.fnUntraced(function* (ready: Ready.Ready, operation: Operation, point: Point, honest: Answer) {
  const { place } = ready
  const tree = yield* begin(ready, operation)
  const before = look(place)
  const wrong: Array<string> = []
  const first = yield* answer(ready, operation.line, { system: layer(point, []) })
  const { error, exitCode, stderr } = first
  wrong.push(...(yield* misfits(operation, first)))
  if (/\n\s+at |_tag/.test(stderr)) wrong.push(`stderr shows the inside: ${stderr}`)
  if (error !== undefined) {
    if (error.category === "internal") wrong.push(`internal: ${error.message}`)
    if (error.message.includes("\n") || error.message.length > 1000)
      wrong.push(`no clear line: ${error.message.slice(0, 300)}`)
    const fault = yield* faultOfHint(error.hint ?? "")
    if (fault !== undefined) wrong.push(`the hint ${error.hint}: ${fault}`)
  }
  if (operation.never === true && exitCode === 0) wrong.push("it was done, and must not be")
  const after = look(place)
  wrong.push(...(yield* untrue({ operation, place, answer: first, honest, before, after, tree })))
  wrong.push(...lost(place, before, after))
  if (operation.line.startsWith("worktree merge")) {
    // As it was, or as after the merge, which adds and changes no more than the task does.
    const other = differing(before.main.files, after.main.files)
    if (other.length > 0 && other.length !== 4) wrong.push(`the main checkout is neither: ${other.join(", ")}`)
  } else if (differing(before.main.files, after.main.files).length > 0) wrong.push("files of the main checkout changed")
  if (damaged(Path.join(place.home, "metadata.db")) !== "") wrong.push("the database is damaged")

  const status = yield* answer(ready, "status")
  if (status.exitCode !== 0) wrong.push(`status: ${status.error?.message}`)
  yield* answer(ready, "doctor --fix")
  const second = yield* answer(ready, "doctor --fix")
  if (second.data === undefined) wrong.push(`doctor --fix: ${second.error?.message}`)
  else {
    const { applied, plan } = yield* Schema.decodeUnknown(Doctor.CheckUp)(second.data)
    if (applied.length > 0 || plan.length > 0)
      wrong.push(`a second doctor --fix finds ${JSON.stringify([plan, applied])}`)
  }
  const again = yield* answer(ready, operation.line)
  if (!done.has(again.exitCode) && operation.never !== true)
    wrong.push(`tried again: ${again.exitCode} ${again.error?.message}`)
  if (!operation.holds(place)) wrong.push(`tried again, it is not as it should be: ${exitCode}, then ${again.exitCode}`)
  wrong.push(...lost(place, before, look(place)))
  return wrong
})

it.scopedLive(
  "a git that answers with garbage costs a typed error with its exit code at most: nothing is lost, nothing passes, and it can be done again",
  () =>
    Effect.gen(function* () {
      const ready = yield* Ready.make
      const all: Array<{
        readonly operation: Operation
        readonly asked: string
        readonly point: Point
        readonly honest: Answer
      }> = []
      for (const operation of operations) {
        yield* begin(ready, operation)
        const asked: Array<string> = []
        const honest = yield* answer(ready, operation.line, { system: layer(null, asked) })
        assert.deepStrictEqual(yield* misfits(operation, honest), [], operation.name)
        assert.strictEqual(honest.exitCode === 0, operation.never !== true, operation.name)
        assert.isAbove(asked.length, 0, operation.name)
        for (const [at, name] of asked.entries()) {
          // Of many questions of one kind the first two.
          if (asked.slice(0, at).filter((other) => other === name).length > 1) continue
          const turn = all.length
          all.push({
            operation,
            honest,
            asked: name,
            point: {
              at,
              garbage: kinds[(turn + Math.floor(turn / kinds.length)) % kinds.length] ?? "nothing",
              acts: turn % 3 !== 0
            }
          })
        }
      }
      const points = sample(all, 5)
      const losses: Array<string> = []
      for (const { asked, honest, operation, point } of points) {
        const wrong = yield* faultsAt(ready, operation, point, honest)
        const where = `${operation.name}, git ${asked} (${point.at}): ${point.garbage}${point.acts ? " after acting" : ""}`
        losses.push(...wrong.map((each) => `${where}: ${each}`))
      }
      report({
        suite: "programs",
        what: "lies of git",
        tried: points.length,
        losses: losses.length,
        note: full ? undefined : `of ${all.length}`
      })
      assert.deepStrictEqual(losses, [])
    }),
  1_800_000
)
