import * as Traced from "@calm/domain/Traced"
import * as Sessions from "@calm/core/Sessions"
import { SessionLine } from "@calm/domain/Session"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as Words from "../../Words.ts"

/** What is to become of a session, or became of it. */
const stateOf = ({ continues, resumedBy }: SessionLine): Style.Cell =>
  resumedBy !== null ? `resumed by ${resumedBy}` : continues ? { text: "pending", paint: Style.yellow } : "ended"

export const leaf = Leaf.make({
  examples: ["calm session list", "calm session list --limit 50 --json"],
  args: {},
  options: { limit: Parameter.option("limit", "n", "At most so many (10)", Words.Limit) },
  output: Schema.Struct({ sessions: Schema.Array(SessionLine) }),
  layer: Session.project(Sessions.layer),
  run: Traced.fn("session.list")(function* ({ limit }) {
    return { sessions: yield* (yield* Sessions.Sessions).list(limit ?? 10) }
  }),
  list: "sessions",
  quiet: ({ sessions }) => sessions.map(({ id }) => id).join("\n"),
  render: ({ sessions }, style) =>
    Wording.list(
      style,
      ["ID", "SAVED", "BY", "STATE", "SUMMARY"],
      sessions.map((session) => [
        { text: session.id, paint: Style.bold },
        Wording.when(style, session.savedAt),
        session.savedBy,
        stateOf(session),
        session.summary
      ]),
      "No sessions"
    )
})
