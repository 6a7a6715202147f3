import * as Traced from "@calm/domain/Traced"
import * as Backups from "@calm/core/Backups"
import * as Leaf from "../../Leaf.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Wording from "../../Wording.ts"
import { madeText } from "./create.ts"

export const leaf = Leaf.make({
  description:
    "Makes a backup for schedules and hooks to ask for, and deletes the oldest of its kind but the last ten. One that somebody named, or that was made before data was replaced, is never deleted.",
  examples: ["calm backup auto"],
  args: {},
  options: {},
  output: Backups.Rotation,
  layer: Session.project(Backups.layer),
  run: Traced.fn("backup.auto")(function* () {
    const backups = yield* Backups.Backups
    const { during } = yield* Progress
    return yield* backups.auto().pipe(during("Copying the database …"))
  }),
  quiet: ({ backup }) => backup.name,
  render: ({ backup, removed }, style) =>
    [
      madeText(backup, style),
      ...(removed.length === 0 ? [] : [`deleted ${Wording.count(removed.length, "older one")}: ${removed.join(", ")}`])
    ].join("\n")
})
