import * as Traced from "@calm/domain/Traced"
import type { Health } from "@calm/domain/Health"
import { Health as HealthSchema } from "@calm/domain/Health"
import * as Status from "@calm/core/Status"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

const paints: Readonly<Record<Health["level"], Style.Paint>> = {
  HEALTHY: Style.green,
  ATTENTION: Style.yellow,
  DEGRADED: Style.red
}

/** What the level rests on where the database is too large to be checked each time. */
const checkedText = ({ at }: Health["databaseCheck"], style: Style.Style): string =>
  at === null ? "" : Style.dim(style, ` (database last checked for damage ${Wording.when(style, at)})`)

/** The level and its first reasons, each with what helps; and how many more there are. */
export const healthText = ({ databaseCheck, level, reasons }: Health, style: Style.Style, most = Infinity): string =>
  [
    `Health: ${paints[level](style, level)}${checkedText(databaseCheck, style)}`,
    ...reasons
      .slice(0, most)
      .flatMap((reason) => [
        `  ${paints[reason.level](style, "!")} ${Style.line(reason.summary)}`,
        ...(reason.hint === null ? [] : [Wording.hint(style, reason.hint)])
      ]),
    ...(reasons.length > most
      ? [Style.dim(style, `  and ${reasons.length - most} more: ${Style.command(style, "calm status health")}`)]
      : [])
  ].join("\n")

export const leaf = Leaf.make({
  description:
    "DEGRADED: something is broken or held back; exits 7. ATTENTION: something is due or stuck; exits 0. Checks a database of up to 4 MB for damage as a whole; of a larger one it says what the last calm doctor or backup found, and asks for another after a week. Starts no program; calm doctor looks deeper.",
  examples: ["calm status health", "calm status health --quiet || calm doctor"],
  args: {},
  options: {},
  output: HealthSchema,
  layer: Session.project(Status.layer),
  run: Traced.fn("status.health")(function* () {
    return yield* (yield* Status.Status).health
  }),
  list: "reasons",
  quiet: ({ level }) => level,
  exit: ({ level }) => (level === "DEGRADED" ? "refused" : undefined),
  render: (health, style) => healthText(health, style)
})
