/**
 * Roles: the prompts that workers work by, and what each role may do.
 *
 * A role is a Markdown file. It is looked for in calm's home, then in the project's main checkout (as its files are now),
 * then among the built-in ones; the first that is there counts, also when it is broken.
 */
import { TaggedError } from "@calm/domain/TaggedError"
import { commandLine } from "@calm/domain/CommandLine"
import { RoleName } from "@calm/domain/Ids"
import { nearest } from "@calm/domain/Nearest"
import { Role, type RoleSource } from "@calm/domain/Role"
import * as Traced from "@calm/domain/Traced"
import { inQuotes, Typed } from "@calm/domain/Typed"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Home } from "../home/Home.ts"
import * as Absent from "../internal/absent.ts"
import { type FileFailed, fileFailed } from "../operations/FileFailed.ts"
import { CurrentProject } from "../projects/CurrentProject.ts"
import { BuiltInRoles, type RolesMissing } from "./BuiltInRoles.ts"
import * as RoleFile from "./internal/roleFile.ts"

/** No role file has that name. */
export class RoleNotFound extends TaggedError<RoleNotFound>()("RoleNotFound", {
  name: Typed,
  known: Schema.Array(Schema.String),
  /** The folder of the built-in ones. */
  folder: Schema.String
}) {
  get category() {
    return "not_found" as const
  }
  override get message() {
    const known = this.known.length === 0 ? "there are none" : `there are ${this.known.join(", ")}`
    return `There is no role ${inQuotes(this.name)}; ${known}`
  }
  get hint() {
    if (this.known.length === 0) return commandLine("ls", this.folder)
    return `calm worker prompt ${nearest(this.name.slice(0, 80), this.known) ?? "_base"}`
  }
}

/** A role file is there and cannot be used as one. */
export class RoleInvalid extends TaggedError<RoleInvalid>()("RoleInvalid", {
  path: Schema.String,
  fault: Schema.String
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.path} cannot be read as a role: ${this.fault}`
  }
  get hint() {
    return commandLine("ls", "-l", this.path)
  }
}

/** What can be wrong with the files of roles. */
export type RoleFileError = RoleInvalid | RolesMissing | FileFailed

/** What can be wrong with a role that is asked for. */
export type RoleError = RoleNotFound | RoleFileError

/** Where a role's file lies. */
export interface RoleFileAt {
  readonly name: RoleName
  readonly source: RoleSource
  /** Absolute. */
  readonly path: string
}

/** A prompt by its file's name: a role's, or `_base`, the part that all roles share. */
export const RolePrompt = Schema.Struct({ ...Role.fields, name: Schema.String }).annotations({
  identifier: "RolePrompt"
})
export type RolePrompt = typeof RolePrompt.Type

/** The roles that workers take: their prompts, and what each may do. */
export class Roles extends Context.Tag("@calm/core/workers/Roles")<
  Roles,
  {
    /** The roles there are, by name. Opens none of their files. */
    readonly list: Effect.Effect<ReadonlyArray<RoleFileAt>, RolesMissing | FileFailed, CurrentProject>
    /** A role by its name. */
    readonly get: (name: string) => Effect.Effect<Role, RoleError, CurrentProject>
    /** The part that all roles share (`_base.md`); the empty text where there is none. */
    readonly base: Effect.Effect<string, RoleFileError, CurrentProject>
    /** The prompt of a role, or `_base`. */
    readonly prompt: (name: string) => Effect.Effect<RolePrompt, RoleError, CurrentProject>
  }
>() {}

/** The file of the shared part, without its ending. */
const base = "_base"

/** Nobody writes a prompt of this size: it is some other file. In bytes. */
const largest = 1_000_000

const isRole = Schema.is(RoleName)

export const make = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* Home
  const builtIn = yield* BuiltInRoles

  const places = Effect.gen(function* () {
    const project = yield* CurrentProject
    const found: ReadonlyArray<readonly [source: RoleSource, folder: string]> = [
      ["home", home.roles],
      ["project", path.join(project.path, ".calm", "roles")],
      ["claude", path.join(project.path, ".claude", "roles")],
      ["built-in", yield* builtIn.folder]
    ]
    return found
  })

  /** `at` is what is asked for, or a file of the folder that is. */
  const orAbsent =
    (at: string) =>
    <A>(effect: Effect.Effect<A, PlatformError>): Effect.Effect<Option.Option<A>, FileFailed> =>
      effect.pipe(
        Absent.orAbsent(at),
        Effect.provideService(FileSystem.FileSystem, files),
        Effect.provideService(Path.Path, path),
        fileFailed(at)
      )

  /** The text of a role file; none where there is no file. */
  const read = Effect.fnUntraced(function* (file: string) {
    const invalid = (fault: string) => new RoleInvalid({ path: file, fault })
    const info = yield* files.stat(file).pipe(orAbsent(file))
    if (Option.isNone(info)) return Option.none<string>()
    // A pipe would be waited for.
    if (info.value.type !== "File")
      return yield* invalid(info.value.type === "Directory" ? "it is a folder" : "it is no plain file")
    if (info.value.size > largest) return yield* invalid(`it has more than ${largest / 1_000_000} MB`)
    const bytes = yield* files.readFile(file).pipe(fileFailed(file))
    return Option.some(yield* RoleFile.decode(bytes).pipe(Effect.mapError(invalid)))
  })

  /** The first file of that name. */
  const find = Effect.fnUntraced(function* (name: string) {
    for (const [source, folder] of yield* places) {
      const file = path.join(folder, `${name}.md`)
      const text = yield* read(file)
      if (Option.isNone(text)) continue
      const said = yield* RoleFile.parse(text.value).pipe(
        Effect.mapError((fault) => new RoleInvalid({ path: file, fault }))
      )
      return Option.some({ source, path: file, ...said })
    }
    return Option.none()
  })

  const list = Effect.gen(function* () {
    const found = new Map<RoleName, RoleFileAt>()
    for (const [source, folder] of yield* places) {
      const names = yield* files.readDirectory(folder).pipe(orAbsent(path.join(folder, base)))
      for (const file of Option.getOrElse(names, () => [])) {
        const name = file.endsWith(".md") ? file.slice(0, -".md".length) : ""
        if (isRole(name) && name !== "readme" && !found.has(name))
          found.set(name, { name, source, path: path.join(folder, file) })
      }
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  })

  const notFound = Effect.fnUntraced(function* (name: string) {
    const known = yield* list
    return yield* new RoleNotFound({ name, known: known.map((role) => role.name), folder: yield* builtIn.folder })
  })

  const get = Effect.fnUntraced(function* (name: string) {
    const found = isRole(name) ? yield* find(name) : Option.none()
    return Option.isSome(found) && isRole(name) ? { name, ...found.value } : yield* notFound(name)
  })

  return Roles.of({
    list: list.pipe(Traced.span("Roles.list")),
    get: Traced.fn("Roles.get")(get),
    base: Effect.map(find(base), Option.match({ onNone: () => "", onSome: ({ prompt }) => prompt })).pipe(
      Traced.span("Roles.base")
    ),
    prompt: Traced.fn("Roles.prompt")(function* (name) {
      if (name !== base) return yield* get(name)
      const found = yield* find(base)
      return Option.isSome(found) ? { name, ...found.value } : yield* notFound(name)
    })
  })
})

/** The real one, over files. */
export const layer: Layer.Layer<Roles, never, FileSystem.FileSystem | Path.Path | Home | BuiltInRoles> = Layer.effect(
  Roles,
  make
)
