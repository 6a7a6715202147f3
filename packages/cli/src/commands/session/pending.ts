import * as Traced from "@calm/domain/Traced"
import * as Sessions from "@calm/core/Sessions"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

export const leaf = Leaf.make({
  description:
    "The newest session that was saved with --continue and that nobody has resumed. Without one it exits 0 as well, and session is null.",
  examples: ["calm session pending", "calm session pending --json"],
  args: {},
  options: {},
  output: Sessions.Pending,
  layer: Session.project(Sessions.layer),
  run: Traced.fn("session.pending")(function* () {
    return yield* (yield* Sessions.Sessions).pending
  }),
  quiet: ({ session }) => session?.id ?? "",
  render: ({ count, session }, style) =>
    session === null
      ? "Nothing is pending"
      : [
          `${Style.bold(style, session.id)} saved ${Wording.when(style, session.savedAt)} by ${Style.line(session.savedBy)}`,
          `  ${Style.line(session.summary)}`,
          ...(count === 1 ? [] : [`  and ${count - 1} older: calm session list`]),
          Wording.hint(style, `calm session resume ${session.id}`, "")
        ].join("\n")
})
