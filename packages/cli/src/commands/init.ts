import * as Traced from "@calm/domain/Traced"
import * as Projects from "@calm/core/Projects"
import * as Leaf from "../Leaf.ts"
import * as Session from "../Session.ts"
import * as Style from "../Style.ts"
import * as Wording from "../Wording.ts"

export const leaf = Leaf.make({
  description:
    "Makes calm's home folder (~/.calm, or CALM_HOME) and registers the repository with its standard counters. Doing it again changes nothing.",
  examples: ["calm init", "calm init --project ../other"],
  args: {},
  options: {},
  output: Projects.Registration,
  layer: Session.first(Projects.layer),
  run: Traced.fn("init")(function* () {
    const { folder } = yield* Session.Starting
    return yield* (yield* Projects.Projects).register(folder)
  }),
  render: ({ counters, created, home, project }, style) =>
    [
      `${created ? Style.green(style, "Registered") : "Already registered:"} ${Style.line(project.path)}`,
      `base branch  ${Style.line(project.baseBranch)}`,
      `home         ${Style.line(home)}`,
      `counters     ${counters.join(", ")}`,
      // A project that was there may have that task already.
      Wording.hint(style, created ? 'calm task create SPEC-001 "Add a greeting"' : "calm status", "")
    ].join("\n")
})
