import * as Traced from "@calm/domain/Traced"
import * as Backups from "@calm/core/Backups"
import { peopleOnly } from "@calm/core/PeopleOnly"
import { Backup } from "@calm/domain/Backup"
import { commandLine } from "@calm/domain/CommandLine"
import * as Clock from "effect/Clock"
import * as Schema from "effect/Schema"
import { confirmed } from "../../Confirmation.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as BackupWords from "../../BackupWords.ts"

export const leaf = Leaf.make({
  description: "It cannot be brought back. Asks first on a terminal; elsewhere it needs --yes. For people only.",
  examples: ["calm backup delete monday", "calm backup delete monday --yes"],
  args: { name: Parameter.argument("name", "The backup", BackupWords.Backup, "backup") },
  options: { yes: Parameter.flag("yes", "Do not ask") },
  output: Schema.Struct({ backup: Backup }),
  layer: Session.project(Backups.layer),
  run: Traced.fn("backup.delete")(function* ({ name, yes }) {
    const backups = yield* Backups.Backups
    yield* peopleOnly("delete a backup")
    const { madeAt, sizeBytes } = yield* backups.get(name)
    const ago = Wording.ago(yield* Clock.currentTimeMillis, madeAt)
    yield* confirmed({
      yes,
      question: `Delete ${Style.truncate(name, 32)} (${ago}, ${Wording.size(sizeBytes)}) for good?`,
      command: commandLine("calm", "backup", "delete", name, "--yes")
    })
    return { backup: yield* backups.delete(name) }
  }),
  render: ({ backup }, style) => `${Style.green(style, "Deleted")} ${Style.line(backup.name)}`
})
