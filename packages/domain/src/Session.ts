/** Sessions: written hand-overs from one working session to the next. */
import * as Schema from "effect/Schema"
import { SessionId, Sha, TaskId, Time } from "./Ids.ts"

/** What saving a session kept of a task's worktree. */
export const KeptWorktree = Schema.Struct({
  taskId: TaskId,
  /** `null` when HEAD was detached. */
  branch: Schema.NullOr(Schema.String),
  /** The WIP commit made of what was staged; `null` where nothing was. */
  commit: Schema.NullOr(Sha),
  /** Where all else that was not committed is kept; `null` where there was nothing. */
  rescueRef: Schema.NullOr(Schema.String)
}).annotations({ identifier: "KeptWorktree" })
export type KeptWorktree = typeof KeptWorktree.Type

export const Session = Schema.Struct({
  id: SessionId,
  savedAt: Time,
  savedBy: Schema.String,
  /** Is the work to go on? Such a session is pending until it is resumed. */
  continues: Schema.Boolean,
  resumedAt: Schema.NullOr(Time),
  resumedBy: Schema.NullOr(Schema.String),
  /** The hand-over as it was written: Markdown. */
  handoff: Schema.String,
  worktrees: Schema.Array(KeptWorktree)
}).annotations({ identifier: "Session" })
export type Session = typeof Session.Type

/** A session without its hand-over: what a list shows. */
export const SessionLine = Schema.Struct({
  ...Session.omit("handoff", "worktrees").fields,
  /** The first line of the hand-over that says something, without the marks of Markdown. */
  summary: Schema.String
}).annotations({ identifier: "SessionLine" })
export type SessionLine = typeof SessionLine.Type

/** The largest hand-over, in bytes of UTF-8. */
export const maxHandoff = 1_000_000

/** Why a text cannot be a hand-over, or `undefined` when it can. */
export const handoffFault = (text: string): "empty" | "too large" | "not text" | undefined => {
  if (text.length > maxHandoff || new TextEncoder().encode(text).length > maxHandoff) return "too large"
  if (text.includes("\u0000") || /\p{Surrogate}/u.test(text)) return "not text"
  return text.trim() === "" ? "empty" : undefined
}

const longestSummary = 120

/** The first line that says something: a heading's words, without the marks around them; at most 120 characters. */
export const summaryOf = (handoff: string): string => {
  const line = handoff.split(/[\r\n]+/).find((each) => /[\p{L}\p{N}]/u.test(each)) ?? ""
  const words = line
    .replace(/^[\s#>*+_~`-]+/, "")
    .replace(/[\s#*_~`]+$/, "")
    .replace(/\s+/g, " ")
  const characters = Array.from(words)
  return characters.length > longestSummary ? `${characters.slice(0, longestSummary - 1).join("")}…` : words
}

/** What a typed id may begin with, so that it is compared as ids are written; `undefined` for what begins none. */
export const idPrefix = (typed: string): string | undefined => {
  const found = /^s-([0-9a-z]{0,32})$/i.exec(typed.trim())
  return found?.[1] === undefined ? undefined : `S-${found[1].toLowerCase()}`
}
