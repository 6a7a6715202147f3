import * as Traced from "@calm/domain/Traced"
import * as Backups from "@calm/core/Backups"
import { Backup } from "@calm/domain/Backup"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"

export const leaf = Leaf.make({
  description: "Looks at the beginning of each only; calm backup verify reads one whole.",
  examples: ["calm backup list"],
  args: {},
  options: {},
  output: Schema.Struct({ backups: Schema.Array(Backup) }),
  layer: Session.project(Backups.layer),
  run: Traced.fn("backup.list")(function* () {
    return { backups: yield* (yield* Backups.Backups).list }
  }),
  list: "backups",
  quiet: ({ backups }) => backups.map(({ name }) => name).join("\n"),
  render: ({ backups }, style) =>
    Wording.list(
      style,
      ["NAME", "KIND", "MADE", "SIZE", "SCHEMA"],
      backups.map(({ kind, madeAt, name, problem, schemaVersion, sizeBytes }) => [
        { text: name, paint: Style.bold },
        kind,
        Wording.when(style, madeAt),
        Wording.size(sizeBytes),
        problem === null ? `version ${schemaVersion}` : { text: `broken: ${problem}`, paint: Style.red }
      ]),
      "No backups",
      true
    )
})
