/**
 * A short cut: a file system in memory may offer to show what is at a path without an effect. The model reads every
 * file of a checkout for each status, and that is most of what it does. Any other file system works as well, slower.
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Predicate from "effect/Predicate"

export const Peek: unique symbol = Symbol.for("@calm/git/MemoryGit/Peek")

/** What is at a path itself: a link there is not followed, links before it are. */
export type Peeked =
  | { readonly kind: "Directory" }
  | { readonly kind: "File"; readonly mode: number; readonly data: Uint8Array }
  | { readonly kind: "SymbolicLink"; readonly target: string }

/** A FileSystem service that has the short cut. */
export interface Peekable extends FileSystem.FileSystem {
  /** Undefined for what is not there or cannot be read: then the file system's own methods are asked. */
  readonly [Peek]: (path: string) => Peeked | undefined
}

export const isPeekable = (fs: FileSystem.FileSystem): fs is Peekable =>
  Predicate.hasProperty(fs, Peek) && Predicate.isFunction(fs[Peek])
