/** Names of backups as they are typed. */
import { NewBackupName, newNameFault } from "@calm/domain/Backup"
import * as Schema from "effect/Schema"
import * as Words from "./Words.ts"

/** The ending of a backup's file is not part of its name, and may be typed. */
const withoutEnding = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (text) => text.replace(/\.db$/, ""),
  encode: (name) => name
})

/** A backup that there should be. */
export const Backup = Schema.compose(withoutEnding, Words.oneLine("a backup's name", 200))

/** The name of a new backup. */
export const NewBackup = Schema.compose(
  withoutEnding,
  NewBackupName.annotations({
    message: ({ actual }) =>
      (typeof actual === "string" ? newNameFault(actual) : undefined) ?? "it cannot name a backup"
  })
)
