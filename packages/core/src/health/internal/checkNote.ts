/**
 * The note of the last check of the whole database, beside its file: `<database>.checked`. It tells of the file that was
 * checked and of no other, such as a copy that was put into its place by hand.
 */
import { Time } from "@calm/domain/Ids"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Home } from "../../home/Home.ts"
import { now } from "../../internal/now.ts"

const Note = Schema.Struct({
  /** Which file it was. */
  file: Schema.String,
  at: Time,
  /** What was wrong with it; none in a good one. */
  problems: Schema.Array(Schema.String)
})
export type Note = typeof Note.Type
const Text = Schema.parseJson(Note)

export const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const { database } = yield* Home
  const place = `${database}.checked`

  /** What tells the file from any other that ever has its name; nothing does for a database in memory. */
  const file = files.stat(database).pipe(
    Effect.map(
      ({ birthtime, ino }) => `${Option.getOrElse(ino, () => 0)} ${Number(Option.getOrElse(birthtime, () => 0))}`
    ),
    Effect.catchAll(() => Effect.succeed(""))
  )

  /** The last check of this file; none where no note can be read. */
  const last = Effect.gen(function* () {
    const text = yield* files.readFileString(place)
    const note = yield* Schema.decode(Text)(text)
    return note.file === (yield* file) ? Option.some(note) : Option.none()
  }).pipe(Effect.catchAll(() => Effect.succeedNone))

  /** Notes what a check has found just now. */
  const write = Effect.fnUntraced(
    function* (problems: ReadonlyArray<string>) {
      const text = yield* Schema.encode(Text)({ file: yield* file, at: yield* now, problems })
      // Where there is no room for the new one, the old one must not stay: it may tell of a good database.
      yield* files.remove(place, { force: true })
      yield* files.writeFileString(place, text, { mode: 0o600 })
    },
    Effect.catchAll((error) => Effect.logDebug(`the check of the database is not noted: ${error.message}`))
  )

  return {
    last,
    write,
    /** Notes that nothing was found just now, unless a deeper check found something: only another one can say that it is gone. */
    writeSound: Effect.flatMap(last, (note) =>
      Option.isSome(note) && note.value.problems.length > 0 ? Effect.void : write([])
    )
  }
})
