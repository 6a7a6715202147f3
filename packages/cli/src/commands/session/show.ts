import * as Traced from "@calm/domain/Traced"
import * as Sessions from "@calm/core/Sessions"
import { Session as SavedSession } from "@calm/domain/Session"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import { keptLine } from "./save.ts"

/** An id as it was typed: which there are, the database says. */
export const id = Parameter.argument("id", "The session, or the beginning of its id", Schema.String, "session")

/** A session's head, what was kept with it, and its hand-over. */
export const sessionText = (session: SavedSession, style: Style.Style): string =>
  [
    `${Style.bold(style, session.id)} saved ${Wording.when(style, session.savedAt)} by ${Style.line(session.savedBy)}${
      session.resumedAt === null
        ? session.continues
          ? ", pending"
          : ""
        : `, resumed ${Wording.when(style, session.resumedAt)} by ${Style.line(session.resumedBy ?? "somebody")}`
    }`,
    ...(session.worktrees.length === 0 ? [] : ["Kept of the worktrees:", ...session.worktrees.map(keptLine)]),
    "",
    session.handoff.replace(/\n+$/, "")
  ].join("\n")

export const leaf = Leaf.make({
  description: "Showing a session does not mark it as resumed. With --quiet the hand-over alone is printed.",
  examples: ["calm session show S-0mh2k4q9x0a1b", "calm session show S-0mh2k --quiet > handoff.md"],
  args: { id },
  options: {},
  output: SavedSession,
  layer: Session.project(Sessions.layer),
  run: Traced.fn("session.show")(function* (input) {
    return yield* (yield* Sessions.Sessions).get(input.id)
  }),
  quiet: ({ handoff }) => handoff,
  render: sessionText
})
