import * as Traced from "@calm/domain/Traced"
import * as Backups from "@calm/core/Backups"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as BackupWords from "../../BackupWords.ts"

export const leaf = Leaf.make({
  description:
    "Reads all of it: damage, tables that should be there, rows that refer to rows, a schema that this calm knows. Exits 7 when it is not good.",
  examples: ["calm backup verify monday"],
  args: { name: Parameter.argument("name", "The backup", BackupWords.Backup, "backup") },
  options: {},
  output: Backups.Verification,
  layer: Session.project(Backups.layer),
  run: Traced.fn("backup.verify")(function* ({ name }) {
    const backups = yield* Backups.Backups
    const { during } = yield* Progress
    return yield* backups.verify(name).pipe(during(`Reading ${name} …`))
  }),
  exit: ({ good }) => (good ? undefined : "refused"),
  render: ({ backup, good, problems }, style) =>
    [
      `${Style.bold(style, Style.line(backup.name))}: ${good ? `${Style.green(style, "good")}, schema version ${backup.schemaVersion}` : Style.red(style, "not good")}`,
      ...problems.map((problem) => `  ${Style.red(style, "✗")} ${Style.line(problem)}`)
    ].join("\n")
})
