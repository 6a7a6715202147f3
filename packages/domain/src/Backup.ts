/** Backups: whole copies of the database, by name. Pure. */
import * as Schema from "effect/Schema"
import { Time } from "./Ids.ts"

/** Why a text cannot be a backup's name, or `undefined` when it can. A name is also that of a file. */
const nameFault = (text: string): string | undefined => {
  if (text.length === 0) return "it is empty"
  if (text.length > 100) return "it is longer than 100 characters"
  if (!/^[A-Za-z0-9]/.test(text)) return "it does not start with a letter or digit"
  if (!/^[A-Za-z0-9._-]*$/.test(text)) return "it has characters other than letters, digits, '.', '_' and '-'"
  if (text.endsWith(".")) return "it ends with '.'"
  return undefined
}

/** Who made a backup: somebody who named it or wanted it, `calm backup auto`, or calm before it replaced the data. */
export const BackupKind = Schema.Literal("manual", "auto", "safety")
export type BackupKind = typeof BackupKind.Type

/** How the names of those that calm names begin. In any case: some file systems do not tell them apart. */
const reserved = { auto: "auto-", safety: "before-" } as const

/** The kind of a backup, which its name tells. */
export const kindOf = (name: string): BackupKind => {
  const lower = name.toLowerCase()
  return lower.startsWith(reserved.auto) ? "auto" : lower.startsWith(reserved.safety) ? "safety" : "manual"
}

/** Why a text cannot be the name of a new backup. */
export const newNameFault = (text: string): string | undefined => {
  const kind = kindOf(text)
  return nameFault(text) ?? (kind === "manual" ? undefined : `names with ${reserved[kind]} are calm's own`)
}

/** Name that somebody gives to a new backup. */
export const NewBackupName = Schema.String.pipe(
  Schema.filter((text) => {
    const fault = newNameFault(text)
    return fault === undefined ? undefined : `${JSON.stringify(text.slice(0, 120))} cannot name a backup: ${fault}`
  }),
  Schema.brand("NewBackupName")
)
export type NewBackupName = typeof NewBackupName.Type

/** `2025-01-31_10-00-00`: a moment as a part of a name, in UTC. */
const stamp = (at: Time): string => at.slice(0, 19).replace("T", "_").replaceAll(":", "-")

/** What calm is about to do when it makes a safety backup. */
export type Occasion = "restore" | "fix"

/** The name of a backup that nobody named, made at this moment; of a safety backup, before what. */
export const nameAt = (kind: BackupKind, at: Time, before: Occasion = "restore"): string => {
  switch (kind) {
    case "manual":
      return stamp(at)
    case "auto":
      return `${reserved.auto}${stamp(at)}`
    case "safety":
      return `${reserved.safety}${before}-${stamp(at)}`
  }
}

/** Is it what somebody wanted gone, put aside before a restore? */
export const isReplaced = (name: string): boolean => name.toLowerCase().startsWith(`${reserved.safety}restore-`)

/** The same for the `count`th of that name. */
export const numbered = (name: string, count: number): string => (count === 1 ? name : `${name}-${count}`)

/** A backup as its file tells of it. */
export const Backup = Schema.Struct({
  name: Schema.String,
  kind: BackupKind,
  path: Schema.String,
  sizeBytes: Schema.Int,
  madeAt: Time,
  /** The version of its schema; `null` where it has a problem. */
  schemaVersion: Schema.NullOr(Schema.Int),
  /** Why it cannot be restored, as far as its beginning and its length show; `null` where they show nothing. */
  problem: Schema.NullOr(Schema.String)
}).annotations({ identifier: "Backup" })
export type Backup = typeof Backup.Type

/** Newest first. */
export const newestFirst = (a: Backup, b: Backup): number =>
  a.madeAt === b.madeAt ? b.name.localeCompare(a.name, "en", { numeric: true }) : a.madeAt < b.madeAt ? 1 : -1

/**
 * The automatic ones that are too many, where the newest `keep` of them stay, and `made` among them: it was made just now,
 * also where the clock was set back and others seem to be newer. All others stay anyway.
 */
export const surplus = (backups: ReadonlyArray<Backup>, made: string, keep: number): ReadonlyArray<Backup> =>
  backups
    .filter(({ kind, name }) => kind === "auto" && name !== made)
    .toSorted(newestFirst)
    .slice(Math.max(0, keep - 1))
