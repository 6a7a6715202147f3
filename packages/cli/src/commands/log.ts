import * as Traced from "@calm/domain/Traced"
import * as Events from "@calm/core/Events"
import { Event } from "@calm/domain/Event"
import { Sha, short } from "@calm/domain/Ids"
import * as Schema from "effect/Schema"
import * as Leaf from "../Leaf.ts"
import * as Parameter from "../Parameter.ts"
import * as Session from "../Session.ts"
import type * as Style from "../Style.ts"
import * as Wording from "../Wording.ts"
import * as TimeWords from "../TimeWords.ts"
import * as Words from "../Words.ts"

const isSha = Schema.is(Sha)
const isRecord = Schema.is(Event.fields.data)

/** `from=SPEC to=DESIGN`. For a person commits are short and what is inside of a value stands beside the rest. */
const details = (style: Style.Style, data: Event["data"]): string =>
  Object.entries(data)
    .map(([key, value]) => {
      if (style.terminal && isSha(value)) return `${key}=${short(value)}`
      if (style.terminal && isRecord(value)) return details(style, value)
      return `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
    })
    .join(" ")

export const leaf = Leaf.make({
  examples: ["calm log", "calm log --task SPEC-001 --since 3d", "calm log --since 2025-01-31T10:00Z --limit 10"],
  args: {},
  options: {
    task: Parameter.option("task", "id", "Only what concerns this task", Words.Id, "task"),
    since: Parameter.option("since", "time", "From this time on, in UTC, or how long ago: 2h, 3d", TimeWords.SinceText),
    limit: Parameter.option("limit", "n", "At most so many (50)", Words.Limit)
  },
  output: Schema.Struct({ events: Schema.Array(Event) }),
  layer: Session.project(Events.layer),
  run: Traced.fn("log")(function* ({ limit, since, task }) {
    const events = yield* Events.Events
    return { events: yield* events.list({ task, since: yield* TimeWords.since(since), limit: limit ?? 50 }) }
  }),
  list: "events",
  render: ({ events }, style) =>
    Wording.list(
      style,
      ["WHEN", "ACTOR", "EVENT", "TASK", "DETAILS"],
      events.map(({ actor, at, data, kind, taskId }) => [
        Wording.when(style, at),
        actor,
        kind,
        taskId ?? "-",
        details(style, data)
      ]),
      "Nothing has happened",
      true
    )
})
