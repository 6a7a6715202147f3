/**
 * Copies of the database: whole files, made while others read and write, and put back while they do.
 *
 * A copy is one file without a log beside it. It counts once it is complete, found sound and on disk: before that it has
 * no name. The layers of `Sql` give it with the client.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { StoreError } from "./StoreError.ts"

/** A copy as its file tells of it. */
export interface Copy {
  /** The name of the file without `.db`. */
  readonly name: string
  readonly sizeBytes: number
  /** When the file was written, in milliseconds since 1970. */
  readonly madeAt: number
  /** The version of its schema; `null` where there is a fault. */
  readonly version: number | null
  /** Why it cannot be a copy of ours, as far as its beginning and its length show. */
  readonly fault: StoreError | null
}

/** What the whole of a copy was found to be. */
export interface Soundness {
  readonly version: number
  /** What is wrong with it, in SQLite's words or ours; none in a good one. */
  readonly problems: ReadonlyArray<string>
}

/** How a copy takes the database's place. */
export interface Restoring<E, R> {
  /** Changes the content before anybody sees it; `copy` is its client. One transaction. */
  readonly prepare: (copy: SqlClient.SqlClient) => Effect.Effect<void, E, R>
  /**
   * Asked when nobody can write to the database any more, and before anything is changed. Where it fails, nothing is.
   * It may read the database, and copy it.
   */
  readonly guard: Effect.Effect<void, E, R>
}

/** Makes whole copies of the database, and puts one back. */
export class Copies extends Context.Tag("@calm/sql/Copies")<
  Copies,
  {
    /** The copies in a folder, in no order, the bad ones too; none where there is no such folder. */
    readonly list: (folder: string) => Effect.Effect<ReadonlyArray<Copy>, StoreError>
    /**
     * Copies the database, as it is at one moment, to a file `<name>.db` for its owner alone. `false` where there is one
     * of that name already, which stays as it is. Fails with `corrupt` where the copy is not sound, unless it is wanted
     * `asItIs`.
     */
    readonly create: (
      file: string,
      options?: { readonly asItIs?: boolean | undefined }
    ) => Effect.Effect<boolean, StoreError>
    /** Reads all of a copy. Fails with `corrupt`, `foreign` or `newer` where its beginning shows that it is no copy. */
    readonly check: (file: string) => Effect.Effect<Soundness, StoreError>
    /** Deletes a copy; `false` where there is none. */
    readonly remove: (file: string) => Effect.Effect<boolean, StoreError>
    /**
     * Makes the database what a copy holds, brought up to the present schema. Everybody else sees all of the old content
     * until they see all of the new one, and so it is after a crash at any point; who wants to write waits meanwhile.
     * Fails with `corrupt`, `foreign` or `newer` where the copy is not a good one. The copy stays as it is.
     */
    readonly restore: <E, R>(file: string, how: Restoring<E, R>) => Effect.Effect<void, E | StoreError, R>
  }
>() {}
