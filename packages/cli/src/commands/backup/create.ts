import * as Traced from "@calm/domain/Traced"
import * as Backups from "@calm/core/Backups"
import { Backup } from "@calm/domain/Backup"
import * as Schema from "effect/Schema"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as BackupWords from "../../BackupWords.ts"

/** The lines that tell of a new backup. */
export const madeText = ({ name, path, sizeBytes }: Backup, style: Style.Style): string =>
  `${Style.green(style, "Backed up")} as ${Style.bold(style, Style.line(name))}, ${Wording.size(sizeBytes)}\nfile: ${Style.line(path)}`

export const leaf = Leaf.make({
  description:
    "Copies the database of all projects while others go on working. The copy has its name once it is proved to be sound. Without a name it is called by the moment.",
  examples: ["calm backup create", "calm backup create monday"],
  args: {
    name: Parameter.optionalArgument("name", "Letters, digits, '.', '_' and '-'", BackupWords.NewBackup)
  },
  options: {},
  output: Schema.Struct({ backup: Backup }),
  layer: Session.project(Backups.layer),
  run: Traced.fn("backup.create")(function* ({ name }) {
    const backups = yield* Backups.Backups
    const { during } = yield* Progress
    return { backup: yield* backups.create(name).pipe(during("Copying the database …")) }
  }),
  quiet: ({ backup }) => backup.name,
  render: ({ backup }, style) => [madeText(backup, style), Wording.hint(style, "calm backup list", "")].join("\n")
})
