import * as Events from "@calm/core/Events"
import { Event } from "@calm/domain/Event"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Leaf from "../Leaf.ts"
import * as Parameter from "../Parameter.ts"
import * as Session from "../Session.ts"
import * as Wording from "../Wording.ts"
import * as Words from "../Words.ts"

/** `from=SPEC to=DESIGN`; what is no plain value stays JSON. */
const details = (data: Event["data"]): string =>
  Object.entries(data)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ")

export const leaf = Leaf.make({
  examples: ["calm log", "calm log --task SPEC-001 --since 3d", "calm log --since 2025-01-31T10:00Z --limit 10"],
  args: {},
  options: {
    task: Parameter.option("task", "id", "Only what concerns this task", Words.Id),
    since: Parameter.option("since", "time", "From this time on, in UTC, or how long ago: 2h, 3d", Words.SinceText),
    limit: Parameter.option("limit", "n", "At most so many (50)", Words.Limit)
  },
  output: Schema.Struct({ events: Schema.Array(Event) }),
  layer: Session.layer,
  run: Effect.fn("log")(function* ({ limit, since, task }) {
    const events = yield* Events.Events
    return { events: yield* events.list({ task, since: yield* Words.since(since), limit: limit ?? 50 }) }
  }),
  render: ({ events }, style) =>
    Wording.list(
      style,
      ["TIME (UTC)", "ACTOR", "EVENT", "TASK", "DETAILS"],
      events.map(({ actor, at, data, kind, taskId }) => [Wording.when(at), actor, kind, taskId ?? "-", details(data)]),
      "Nothing has happened"
    )
})
