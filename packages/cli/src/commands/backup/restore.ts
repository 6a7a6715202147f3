import * as Traced from "@calm/domain/Traced"
import * as Backups from "@calm/core/Backups"
import { peopleOnly } from "@calm/core/PeopleOnly"
import * as Projects from "@calm/core/Projects"
import { commandLine } from "@calm/domain/CommandLine"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { confirmed } from "../../Confirmation.ts"
import * as Leaf from "../../Leaf.ts"
import * as Parameter from "../../Parameter.ts"
import { Progress } from "../../Progress.ts"
import * as Session from "../../Session.ts"
import * as Style from "../../Style.ts"
import * as Wording from "../../Wording.ts"
import * as BackupWords from "../../BackupWords.ts"

export const leaf = Leaf.make({
  description:
    "Makes the data of all projects what it was when the backup was made, after a safety backup of what it is now. Branches, worktrees and files stay as they are. A backup that is damaged, of another program or of a newer calm is refused. Asks first on a terminal; elsewhere it needs --yes. For people only.",
  examples: ["calm backup restore monday", "calm backup restore monday --yes"],
  args: { name: Parameter.argument("name", "The backup", BackupWords.Backup, "backup") },
  options: { yes: Parameter.flag("yes", "Do not ask") },
  output: Schema.Struct({
    ...Backups.Restoration.fields,
    /** Whether the backup knows the project that this was said in; if not, `calm init` registers it anew. */
    projectKnown: Schema.Boolean
  }),
  layer: Session.anyProject(Layer.merge(Backups.layer, Projects.layer)),
  run: Traced.fn("backup.restore")(function* ({ name, yes }) {
    const backups = yield* Backups.Backups
    const projects = yield* Projects.Projects
    const { folder } = yield* Session.Starting
    const { during, step } = yield* Progress
    yield* peopleOnly("restore a backup")
    const { madeAt } = yield* backups.get(name)
    if (!yes) yield* step("What the data is now is saved first, as a backup of its own.")
    yield* confirmed({
      yes,
      question: `Restore all projects from ${Style.truncate(name, 32)} (${Wording.ago(yield* Clock.currentTimeMillis, madeAt)})?`,
      command: commandLine("calm", "backup", "restore", name, "--yes")
    })
    const restoration = yield* backups.restore(name).pipe(during(`Restoring ${name} …`))
    const projectKnown = yield* projects.find(folder).pipe(
      Effect.as(true),
      Effect.catchTag("ProjectNotFound", () => Effect.succeed(false))
    )
    return { ...restoration, projectKnown }
  }),
  notices: ({ projectKnown }) =>
    projectKnown
      ? ["worktrees and branches stayed as they are; calm doctor shows what does not match"]
      : ["this project was made after the backup and is not in it: calm init"],
  quiet: ({ safety }) => safety.name,
  render: ({ backup, projectKnown, safety }, style) =>
    [
      `${Style.green(style, "Restored")} ${Style.bold(style, Style.line(backup.name))}, made ${Wording.when(style, backup.madeAt)}`,
      `what it was until now: ${Style.line(safety.name)}`,
      Wording.hint(style, projectKnown ? "calm doctor" : "calm init", ""),
      Wording.hint(style, commandLine("calm", "backup", "restore", safety.name), "")
    ].join("\n")
})
