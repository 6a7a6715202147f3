/** The built-in role prompts, read from their files by the service that workers get them from. */
import * as BuiltInRoles from "@calm/core/BuiltInRoles"
import { CurrentProject } from "@calm/core/CurrentProject"
import * as Home from "@calm/core/Home"
import * as Roles from "@calm/core/Roles"
import { GateTable, nameOf } from "@calm/domain/Gate"
import { ProjectId, Time } from "@calm/domain/Ids"
import { ReviewType } from "@calm/domain/Review"
import table from "@calm/gates/table.json" with { type: "json" }
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

const nowhere = "/nowhere"

/** The roles of a user who has none of their own. */
const layer = Layer.merge(
  Roles.layer.pipe(
    Layer.provide(Layer.merge(BuiltInRoles.layerInstalled, Home.layer({ path: nowhere }))),
    Layer.provide(NodeContext.layer)
  ),
  Layer.succeed(CurrentProject, {
    id: ProjectId.make("p"),
    path: nowhere,
    commonDir: nowhere,
    baseBranch: "main",
    createdAt: Time.make("2025-01-01T00:00:00.000Z")
  })
)

const names = [
  "ai",
  "architect",
  "backend",
  "bug-investigator",
  "doc-writer",
  "e2e-runner",
  "frontend",
  "infra",
  "planning",
  "product",
  "proposal-reviewer",
  "qa",
  "reviewer",
  "spec-reviewer",
  "ux"
]

const roles = Effect.flatMap(Roles.Roles, ({ get }) => Effect.forEach(names, get))

/** All roles with what their front matter says, which each must have. */
const described = Effect.map(roles, (all) =>
  all.map(({ frontMatter, name }) => {
    if (frontMatter === null) throw new Error(`${name} has no front matter, so that nothing would restrict it`)
    return { name, ...frontMatter }
  })
)

/** Tools that only some projects have. A prompt that names one sends the workers of all other projects astray. */
const toolsOfOneLanguage =
  /\b(?:npm|npx|pnpm|yarn|deno|node_modules|package\.json|tsc|eslint|oxlint|biome|prettier|vitest|jest|mocha|playwright|cypress|typescript|javascript|python3?|pip|uv|poetry|tox|pytest|unittest|ruff|flake8|pylint|mypy|pyright|cargo|clippy|rustc|rustfmt|go (?:test|vet|build)|gofmt|staticcheck|mvn|gradle|junit|rspec|rubocop|phpunit|dotnet|make (?:test|check|build|all)|cmake|ctest|shellcheck)\b/gi

describe("the built-in roles", () => {
  it.effect("are these and no others, so that none is lost and none is taken for one by mistake", () =>
    Effect.gen(function* () {
      const { list } = yield* Roles.Roles
      assert.deepStrictEqual(
        (yield* list).map(({ name, source }) => `${source}: ${name}`),
        names.map((name) => `built-in: ${name}`)
      )
    }).pipe(Effect.provide(layer))
  )

  it.effect("say in a title and a line what each is, and the shared part restricts nothing", () =>
    Effect.gen(function* () {
      const all = yield* described
      assert.strictEqual(new Set(all.map(({ title }) => title)).size, names.length)
      for (const { name, summary } of all) assert.match(summary, /^.{20,110}[^.]$/, name)
      const base = yield* Effect.flatMap(Roles.Roles, ({ prompt }) => prompt("_base"))
      assert.isNull(base.frontMatter)
    }).pipe(Effect.provide(layer))
  )

  it.effect("leave no gate without somebody to work towards it", () =>
    Effect.gen(function* () {
      const { gates } = yield* Schema.decodeUnknown(GateTable)(table)
      const all = yield* described
      assert.isAtLeast(gates.length, 10)
      assert.deepStrictEqual(
        gates.filter(({ from }) => !all.some(({ phases }) => phases.includes(from))).map(nameOf),
        []
      )
    }).pipe(Effect.provide(layer))
  )

  it.effect("leave no type of review without a reviewer, who is at work in the phase that asks for it", () =>
    Effect.gen(function* () {
      const { gates } = yield* Schema.decodeUnknown(GateTable)(table)
      const all = yield* described
      for (const type of ReviewType.literals) {
        const asking = gates.filter(({ checks }) =>
          checks.some((check) => check.kind === "reviews" && check.review === type)
        )
        assert.strictEqual(asking.length, 1, type)
        const reviewers = all.filter(({ reviews }) => reviews.includes(type))
        assert.isNotEmpty(reviewers, type)
        for (const { name, phases } of reviewers) assert.include(phases, asking[0]?.from, `${name} for ${type}`)
      }
    }).pipe(Effect.provide(layer))
  )

  it.effect("let nobody who may write code judge code", () =>
    Effect.gen(function* () {
      const all = yield* described
      assert.isAtLeast(all.filter(({ writesCode }) => writesCode).length, 5)
      assert.deepStrictEqual(
        all.filter(({ reviews, writesCode }) => writesCode && reviews.length > 0).map(({ name }) => name),
        []
      )
    }).pipe(Effect.provide(layer))
  )

  it.effect("name no tool of one language, which most projects do not have", () =>
    Effect.gen(function* () {
      const { base } = yield* Roles.Roles
      const prompts = [yield* base, ...(yield* roles).map(({ prompt }) => prompt)]
      assert.deepStrictEqual(
        prompts.flatMap((prompt) => prompt.match(toolsOfOneLanguage) ?? []),
        []
      )
      assert.deepStrictEqual("Run `npm test`.".match(toolsOfOneLanguage), ["npm"])
    }).pipe(Effect.provide(layer))
  )
})
