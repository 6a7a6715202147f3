import * as Traced from "@calm/domain/Traced"
import * as Configuration from "@calm/core/Configuration"
import { Environment } from "@calm/process/Environment"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { keys } from "../../ConfigReference.ts"
import * as Places from "../../internal/places.ts"
import { Invocation } from "../../Invocation.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

type Value = Configuration.ConfigValue

const known = [
  ...new Set(
    ["home", "project", "base", "worker", ...keys("project"), ...keys("home")].map((key) =>
      typeof key === "string" ? key : key.key
    )
  )
]
const groups = [...new Set(known.flatMap((key) => (key.includes(".") ? [key.slice(0, key.indexOf("."))] : [])))]

const Key = Schema.Literal(...known, ...groups)

/** What goes before the files: variables of the environment and options. */
const overrides = Effect.gen(function* () {
  const environment = yield* Environment
  const { project } = yield* Invocation
  const variable = (key: string, name: string, value?: unknown): ReadonlyArray<readonly [string, Partial<Value>]> => {
    if (Places.variable(environment, name) === undefined) return []
    return [[key, { origin: "environment", from: name, ...(value === undefined ? {} : { value }) }]]
  }
  return new Map([
    ...variable("home", "CALM_HOME"),
    ...variable("database", "CALM_DB_PATH"),
    ...variable("project", "CALM_PROJECT"),
    ...variable("color", "NO_COLOR", "never"),
    ...variable("worker", "CALM_WORKER_ID", Places.variable(environment, "CALM_WORKER_ID")),
    ...(project === undefined ? [] : [["project", { origin: "flag", from: "--project" }] as const])
  ])
})

const shown = (value: unknown): string =>
  value === null ? "-" : typeof value === "string" ? value : JSON.stringify(value)

const source = ({ from, origin, value }: Value): string => from ?? (value === null ? "not set" : origin)

export const leaf = Leaf.make({
  description:
    "Of several that say something the later one holds: the default, config.json in calm's home folder, .calm/project.json as it is committed on the base, the environment, the options. Of the gates config.json can only make them stricter.",
  examples: ["calm config", "calm config gates.timeout", "calm config gates --json"],
  args: { key: Parameter.optionalArgument("key", "Only this one, or all below it", Key) },
  options: {},
  output: Configuration.Settings,
  layer: Session.withGit(Configuration.layer),
  run: Traced.fn("config")(function* ({ key }) {
    const settings = yield* (yield* Configuration.Configuration).settings
    const before = yield* overrides
    const all: ReadonlyArray<Value> = [
      ...settings.values,
      { key: "worker", value: null, origin: "default", from: null }
    ]
    const values = all
      .map((value): Value => ({ ...value, ...before.get(value.key) }))
      .toSorted((one, other) => known.indexOf(one.key) - known.indexOf(other.key))
    return {
      ...settings,
      values: values.filter((value) => key === undefined || value.key === key || value.key.startsWith(`${key}.`))
    }
  }),
  notices: ({ draft, ignored }) => [
    ...(draft === null
      ? []
      : [
          `${draft.file} here is not what the base has; only what is committed there holds${draft.fault === null ? "" : `. It has a fault: ${draft.fault}`}`
        ]),
    ...ignored.map(({ file, key, reason }) => `${file}: "${key}" has no effect: ${reason}`)
  ],
  list: "values",
  quiet: ({ values }) =>
    values.length === 1
      ? values.map(({ value }) => shown(value)).join("\n")
      : values.map(({ key, value }) => `${key}=${shown(value)}`).join("\n"),
  render: ({ values }, style) => {
    const [first, ...more] = values
    // One value is wanted as it is: for a script, or to look at.
    if (first !== undefined && more.length === 0) return shown(first.value)
    return Wording.list(
      style,
      ["KEY", "VALUE", "FROM"],
      values.map((value) => [
        { text: value.key, paint: Style.bold },
        shown(value.value),
        { text: source(value), paint: value.origin === "default" ? Style.dim : Style.cyan }
      ]),
      "Nothing is configured"
    )
  }
})
