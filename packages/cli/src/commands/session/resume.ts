import * as Traced from "@calm/domain/Traced"
import * as Sessions from "@calm/core/Sessions"
import { Session as SavedSession } from "@calm/domain/Session"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Wording from "../../Wording.ts"
import { id, sessionText } from "./show.ts"

export const leaf = Leaf.make({
  description:
    "Marks the session as resumed, so that nobody else takes it up: a second time is refused with who was first. With --quiet the hand-over alone is printed.",
  examples: ["calm session resume S-0mh2k4q9x0a1b", 'calm session resume "$(calm session pending --quiet)"'],
  args: { id: { ...id, completes: "pending-session" } },
  options: {},
  output: SavedSession,
  layer: Session.project(Sessions.layer),
  run: Traced.fn("session.resume")(function* (input) {
    return yield* (yield* Sessions.Sessions).resume(input.id)
  }),
  quiet: ({ handoff }) => handoff,
  render: (session, style) => `${sessionText(session, style)}\n\n${Wording.hint(style, "calm session next", "")}`
})
