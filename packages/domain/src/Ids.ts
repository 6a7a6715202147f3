/** Names and identifiers: each a branded string, decoded once at the edge. */
import * as Schema from "effect/Schema"

/** Full object name of a git commit, tree or blob: 40 or 64 lower-case hex digits. */
export const Sha = Schema.String.pipe(Schema.pattern(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/), Schema.brand("Sha"))
export type Sha = typeof Sha.Type

/** Seven digits of a commit, for people. */
export const short = (commit: string): string => commit.slice(0, 7)

/** SHA-256 in lower-case hex, of something that calm digests itself. */
export const Digest = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{64}$/), Schema.brand("Digest"))
export type Digest = typeof Digest.Type

/** Identity of a project in the database. */
export const ProjectId = Schema.String.pipe(Schema.minLength(1), Schema.brand("ProjectId"))
export type ProjectId = typeof ProjectId.Type

/** Why a text cannot be a task id, or `undefined` when it can. An id names a branch and a folder, so it must be safe as both. */
export const taskIdFault = (text: string): string | undefined => {
  if (text.length === 0) return "it is empty"
  if (text.length > 64) return "it is longer than 64 characters"
  if (!/^[A-Za-z0-9]/.test(text)) return "it does not start with a letter or digit"
  if (!/^[A-Za-z0-9._-]*$/.test(text)) return "it has characters other than letters, digits, '.', '_' and '-'"
  if (text.includes("..")) return "it contains '..'"
  if (text.endsWith(".")) return "it ends with '.'"
  if (/\.lock$/i.test(text)) return "it ends with '.lock'"
  if (/^(?:[a-z]+_)?head$/i.test(text)) return "it is a name of git's own"
  if (/^[0-9a-f]{40}$|^[0-9a-f]{64}$/i.test(text)) return "it looks like a commit"
  if (/^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(text)) return "some file systems reserve the name"
  return undefined
}

/** Identity of a task within its project; also the name of its branch and of its worktree's folder. */
export const TaskId = Schema.String.pipe(
  Schema.filter((text) => {
    const fault = taskIdFault(text)
    return fault === undefined ? undefined : `${JSON.stringify(text.slice(0, 80))} cannot be a task id: ${fault}`
  }),
  Schema.brand("TaskId")
)
export type TaskId = typeof TaskId.Type

/** Identity of a worker, or of any program in whose name commands run. */
export const WorkerId = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  Schema.brand("WorkerId")
)
export type WorkerId = typeof WorkerId.Type

/** Identity of a saved session: `S-` and a text that sorts by time. */
export const SessionId = Schema.String.pipe(
  Schema.pattern(/^S-[0-9a-z]{6,32}$/, { message: () => "a session's id is S- and lower-case letters and digits" }),
  Schema.brand("SessionId")
)
export type SessionId = typeof SessionId.Type

/** Name of a role, which is also the name of its file. */
export const RoleName = Schema.String.pipe(
  Schema.pattern(/^[a-z0-9][a-z0-9-]{0,63}$/, {
    message: () => "a role's name is lower-case letters, digits and '-', at most 64 characters"
  }),
  Schema.brand("RoleName")
)
export type RoleName = typeof RoleName.Type

/** Name of a project's counter. */
export const CounterName = Schema.String.pipe(
  Schema.pattern(/^[a-z][a-z0-9_]{0,63}$/, {
    message: () => "a counter's name is lower-case letters, digits and '_', starts with a letter, at most 64 characters"
  }),
  Schema.brand("CounterName")
)
export type CounterName = typeof CounterName.Type

/** Half of a character is none either: the database would store another one in its place. */
const printable = (text: string): boolean => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Surrogate}]/u.test(text)

/** The name of a person or worker who reviews or approves: one line, at most 200 characters. */
export const PersonName = Schema.String.pipe(
  Schema.filter((text) =>
    text.trim() === ""
      ? "a name must not be empty"
      : text.length > 200
        ? "a name has at most 200 characters"
        : printable(text)
          ? undefined
          : "a name is one line without control characters"
  ),
  Schema.brand("PersonName")
)
export type PersonName = typeof PersonName.Type

/** Two names are the same person when they differ only in case, spacing or Unicode form. */
export const samePerson = (a: string, b: string): boolean => personKey(a) === personKey(b)

/** The form in which names of people are compared. */
export const personKey = (name: string): string => name.normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase()

/** A task's title: one line, at most 500 characters. */
export const Title = Schema.String.pipe(
  Schema.filter((text) =>
    text.trim() === ""
      ? "a title must not be empty"
      : text.length > 500
        ? "a title has at most 500 characters; put the rest into notes (calm task update <id> --notes)"
        : printable(text)
          ? undefined
          : "a title is one line without control characters"
  ),
  Schema.brand("Title")
)
export type Title = typeof Title.Type

/** Free text (notes, reasons, details): at most 100,000 characters, any but NUL. */
export const Note = Schema.String.pipe(
  Schema.filter((text) =>
    text.length > 100_000
      ? "a note has at most 100,000 characters"
      : text.includes("\u0000")
        ? "a note must not contain the NUL character"
        : /\p{Surrogate}/u.test(text)
          ? "a note is text, and half of a character is none"
          : undefined
  ),
  Schema.brand("Note")
)
export type Note = typeof Note.Type

/** A reason that is recorded: a note that says something. */
export const Reason = Note.pipe(
  Schema.filter((text) => (text.trim() === "" ? "a reason must not be empty" : undefined)),
  Schema.brand("Reason")
)
export type Reason = typeof Reason.Type

/** A moment: ISO 8601 in UTC with milliseconds, which also sorts as text. */
export const Time = Schema.String.pipe(Schema.pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/), Schema.brand("Time"))
export type Time = typeof Time.Type
