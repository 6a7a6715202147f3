import { TaskId, Title } from "@calm/domain/Ids"
import * as CalmTest from "@calm/testing/CalmTest"
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import { calm } from "./support/calm.ts"

it.effect("a program that gives a tracer sees each call of a service, and within it what the call does", () =>
  Effect.gen(function* () {
    const { tasks } = yield* calm
    const spans: Array<string> = []
    const usual = Context.get(DefaultServices.liveServices, Tracer.Tracer)
    const tracer = Tracer.make({
      ...usual,
      span: (name, parent, ...rest) => {
        spans.push(parent._tag === "Some" && parent.value._tag === "Span" ? `${parent.value.name} > ${name}` : name)
        return usual.span(name, parent, ...rest)
      }
    })
    const made = tasks.create({
      id: TaskId.make("SPEC-001"),
      title: Title.make("One"),
      type: "feature",
      specId: null,
      blockedBy: []
    })
    yield* Effect.withTracer(made, tracer)
    assert.deepStrictEqual(
      [...new Set(spans)],
      [
        "Tasks.create",
        "Tasks.create > sql.transaction",
        "sql.transaction > sql.execute",
        "sql.transaction > Events.append",
        "Events.append > sql.execute"
      ]
    )
  }).pipe(Effect.provide(CalmTest.layer))
)
