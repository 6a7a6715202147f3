/**
 * A file system in memory, behind the platform's `FileSystem` service.
 *
 * It answers as a disk does: parents must exist, a folder is not a file, a full folder is not removed by accident, and
 * the failures are the ones that the Node layer reports. Modification times come from the Effect clock. What it has not:
 * a working folder (paths are absolute), `watch`, owners.
 *
 * A file's bytes are handed out without a copy; they are not to be written into.
 */
import { Peek, type Peekable } from "@calm/git/MemoryGit"
import * as Error from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { makeHandle, patched, resized } from "./internal/memoryFileSystem/Handle.ts"
import * as Tree from "./internal/memoryFileSystem/Tree.ts"

const failure = (method: string, path: string, fault: Tree.Fault): Error.PlatformError =>
  fault.reason === "BadArgument"
    ? new Error.BadArgument({ module: "FileSystem", method, description: `${fault.description}: ${path}` })
    : new Error.SystemError({
        module: "FileSystem",
        method,
        reason: fault.reason,
        description: fault.description,
        pathOrDescriptor: path
      })

const settled = <A>(method: string, path: string, result: A | Tree.Fault): Effect.Effect<A, Error.PlatformError> =>
  result instanceof Tree.Fault ? Effect.fail(failure(method, path, result)) : Effect.succeed(result)

/** One operation: all of it happens at once, so no other fiber sees half of it. */
const attempt = <A>(
  method: string,
  path: string,
  body: (now: number) => A | Tree.Fault
): Effect.Effect<A, Error.PlatformError> =>
  Effect.clockWith((clock) => settled(method, path, body(clock.unsafeCurrentTimeMillis())))

/** One operation that changes nothing, and so needs no time. */
const ask = <A>(method: string, path: string, body: () => A | Tree.Fault): Effect.Effect<A, Error.PlatformError> =>
  Effect.suspend(() => settled(method, path, body()))

const dateOf = (time: number): Option.Option<Date> => Option.some(DateTime.toDateUtc(DateTime.unsafeMake(time)))

const describe = (node: Tree.Node): FileSystem.File.Info => {
  const type = { File: 0o100000, Directory: 0o040000, SymbolicLink: 0o120000 }[node.kind]
  const size = node.kind === "File" ? node.data.length : node.kind === "Directory" ? 4096 : node.target.length
  const { birth, modified } = node
  return {
    type: node.kind,
    // Few ask, and a date costs more than all the rest.
    get mtime() {
      return dateOf(modified)
    },
    get atime() {
      return dateOf(modified)
    },
    get birthtime() {
      return dateOf(birth)
    },
    dev: 1,
    rdev: Option.some(0),
    ino: Option.some(node.ino),
    mode: type | node.mode,
    nlink: Option.some(1),
    uid: Option.some(0),
    gid: Option.some(0),
    size: FileSystem.Size(size),
    blksize: Option.some(FileSystem.Size(4096)),
    blocks: Option.some(Math.ceil(size / 512))
  }
}

/** The folder that the system keeps temporary things in; it is there from the start. */
const temporaryFolder = "/tmp"

/** A file system of its own, empty but for `/tmp`. */
export const make: Effect.Effect<FileSystem.FileSystem> = Effect.clockWith((clock) =>
  Effect.sync(() => fileSystem(clock.unsafeCurrentTimeMillis()))
)

/** The platform's FileSystem over a tree in memory: a new one with each build of the layer. */
export const layer: Layer.Layer<FileSystem.FileSystem> = Layer.effect(FileSystem.FileSystem, make)

const fileSystem = (created: number): FileSystem.FileSystem => {
  const root = Tree.makeFolder(created)
  root.entries.set(temporaryFolder.slice(1), Tree.makeFolder(created, 0o777))
  let temporaries = 0
  let descriptors = 2

  /** The file at a path as `flag` asks for it: made, emptied or refused. */
  const openAt = (path: string, flag: FileSystem.OpenFlag, mode: number, now: number): Tree.Document | Tree.Fault => {
    const place = Tree.walk(root, path, !flag.includes("x"))
    if (place instanceof Tree.Fault) return place
    const node = place.node
    if (node === undefined) {
      if (flag.startsWith("r")) return Tree.notFound
      const made = Tree.makeDocument(now, new Uint8Array(0), mode)
      return Tree.put(place.parent, place.name, made, now) ?? made
    }
    if (flag.includes("x")) return Tree.exists
    if (node.kind !== "File") return Tree.isFolder
    if (flag !== "r" && !Tree.mayWrite(node)) return Tree.denied
    if ((flag === "r" || flag.includes("+")) && !Tree.mayRead(node)) return Tree.denied
    if (flag.startsWith("w")) {
      node.data = new Uint8Array(0)
      node.modified = now
    }
    return node
  }

  const makeTemporary = (
    options: FileSystem.MakeTempDirectoryOptions | undefined,
    now: number
  ): string | Tree.Fault => {
    const folder = (options?.directory ?? temporaryFolder).replace(/\/+$/, "")
    const name = `${options?.prefix ?? ""}${(++temporaries).toString(36).padStart(6, "0")}`
    const fault = Tree.makeFolderAt(root, `${folder}/${name}`, false, 0o700, now)
    if (fault === Tree.exists) return makeTemporary(options, now)
    return fault ?? `${folder}/${name}`
  }

  const removeAt = (
    path: string,
    options: FileSystem.RemoveOptions | undefined,
    now: number
  ): Tree.Fault | undefined => {
    const place = Tree.find(root, path, false)
    if (place instanceof Tree.Fault) return place === Tree.notFound && options?.force === true ? undefined : place
    if (place.node === root) return Tree.invalid
    if (place.node.kind === "Directory" && options?.recursive !== true) {
      return new Tree.Fault("Unknown", "Path is a directory")
    }
    return Tree.drop(place.parent, place.name, now)
  }

  const renameTo = (from: string, to: string, now: number): Tree.Fault | undefined => {
    const source = Tree.find(root, from, false)
    if (source instanceof Tree.Fault) return source
    const target = Tree.walk(root, to, false)
    if (target instanceof Tree.Fault) return target
    if (source.node === target.node) return
    if (source.node === root || Tree.within(source.node, target.parent)) return Tree.invalid
    if (target.node !== undefined) {
      if (source.node.kind === "Directory") {
        if (target.node.kind !== "Directory") return Tree.notFolder
        if (target.node.entries.size > 0) return Tree.notEmpty
      } else if (target.node.kind === "Directory") return Tree.isFolder
    }
    return Tree.put(target.parent, target.name, source.node, now) ?? Tree.drop(source.parent, source.name, now)
  }

  const copyTo = (
    from: string,
    to: string,
    options: FileSystem.CopyOptions | undefined,
    now: number
  ): Tree.Fault | undefined => {
    const source = Tree.find(root, from, false)
    if (source instanceof Tree.Fault) return source
    const parents = Tree.makeFolderAt(root, Tree.parentOf(to), true, 0o755, now)
    if (parents instanceof Tree.Fault) return parents
    const target = Tree.walk(root, to, false)
    if (target instanceof Tree.Fault) return target
    if (source.node.kind === "Directory" && Tree.within(source.node, target.parent)) return Tree.invalid
    const { overwrite = false, preserveTimestamps: keepTime = false } = options ?? {}
    return Tree.copyInto(source, target, { overwrite, keepTime }, now)
  }

  const touch = (method: string, path: string, change: (node: Tree.Node, now: number) => Tree.Fault | undefined) =>
    attempt(method, path, (now) => {
      const place = Tree.find(root, path, true)
      return place instanceof Tree.Fault ? place : change(place.node, now)
    })

  const open = (method: string, path: string, options?: FileSystem.OpenFileOptions) =>
    attempt(method, path, (now) => {
      const flag = options?.flag ?? "r"
      const file = openAt(path, flag, options?.mode ?? 0o644, now)
      return file instanceof Tree.Fault
        ? file
        : makeHandle(file, flag, FileSystem.FileDescriptor(++descriptors), describe)
    })

  const makeTempDirectory = (method: string, options?: FileSystem.MakeTempDirectoryOptions) =>
    attempt(method, options?.directory ?? temporaryFolder, (now) => makeTemporary(options, now))

  const makeTempFile = (method: string, options?: FileSystem.MakeTempFileOptions) =>
    attempt(method, options?.directory ?? temporaryFolder, (now) => {
      const folder = makeTemporary(options, now)
      if (folder instanceof Tree.Fault) return folder
      const path = `${folder}/file${options?.suffix ?? ""}`
      const file = openAt(path, "w+", 0o600, now)
      return file instanceof Tree.Fault ? file : path
    })

  /** For finalizers: what a scope made may have been removed meanwhile. */
  const discard = (path: string) =>
    Effect.clockWith((clock) =>
      Effect.sync(() => removeAt(path, { recursive: true, force: true }, clock.unsafeCurrentTimeMillis()))
    )

  const service = FileSystem.make({
    access: (path, options) =>
      touch("access", path, (node) => {
        if (options?.readable === true && !Tree.mayRead(node)) return Tree.denied
        return options?.writable === true && !Tree.mayWrite(node) ? Tree.denied : undefined
      }),
    chmod: (path, mode) =>
      touch("chmod", path, (node) => {
        node.mode = mode & 0o7777
      }),
    chown: (path) => touch("chown", path, () => undefined),
    copy: (from, to, options) => attempt("copy", from, (now) => copyTo(from, to, options, now)),
    copyFile: (from, to) =>
      attempt("copyFile", from, (now) => {
        const source = openAt(from, "r", 0, now)
        if (source instanceof Tree.Fault) return source
        const target = openAt(to, "w", source.mode, now)
        if (target instanceof Tree.Fault) return target
        target.data = source.data
      }),
    link: (from, to) =>
      attempt("link", from, (now) => {
        const source = Tree.find(root, from, false)
        if (source instanceof Tree.Fault) return source
        const target = Tree.walk(root, to, false)
        if (target instanceof Tree.Fault) return target
        if (target.node !== undefined) return Tree.exists
        return source.node.kind === "Directory" ? Tree.denied : Tree.put(target.parent, target.name, source.node, now)
      }),
    makeDirectory: (path, options) =>
      attempt("makeDirectory", path, (now) =>
        Tree.makeFolderAt(root, path, options?.recursive === true, options?.mode ?? 0o755, now)
      ),
    makeTempDirectory: (options) => makeTempDirectory("makeTempDirectory", options),
    makeTempDirectoryScoped: (options) =>
      Effect.acquireRelease(makeTempDirectory("makeTempDirectoryScoped", options), discard),
    makeTempFile: (options) => makeTempFile("makeTempFile", options),
    makeTempFileScoped: (options) =>
      Effect.acquireRelease(makeTempFile("makeTempFileScoped", options), (path) =>
        discard(path.slice(0, path.lastIndexOf("/")))
      ),
    open: (path, options) => Effect.acquireRelease(open("open", path, options), () => Effect.void),
    readDirectory: (path, options) =>
      ask("readDirectory", path, () => {
        const place = Tree.find(root, path, true)
        if (place instanceof Tree.Fault) return place
        if (place.node.kind !== "Directory") return Tree.notFolder
        return Tree.mayRead(place.node) ? Tree.list(place.node, options?.recursive === true) : Tree.denied
      }),
    readFile: (path) =>
      ask("readFile", path, () => {
        const file = openAt(path, "r", 0, 0)
        return file instanceof Tree.Fault ? file : file.data
      }),
    readLink: (path) =>
      ask("readLink", path, () => {
        const place = Tree.find(root, path, false)
        if (place instanceof Tree.Fault) return place
        return place.node.kind === "SymbolicLink" ? place.node.target : Tree.invalid
      }),
    realPath: (path) =>
      ask("realPath", path, () => {
        const place = Tree.find(root, path, true)
        return place instanceof Tree.Fault ? place : place.path
      }),
    remove: (path, options) => attempt("remove", path, (now) => removeAt(path, options, now)),
    rename: (from, to) => attempt("rename", from, (now) => renameTo(from, to, now)),
    stat: (path) =>
      ask("stat", path, () => {
        const place = Tree.find(root, path, true)
        return place instanceof Tree.Fault ? place : describe(place.node)
      }),
    symlink: (target, path) =>
      attempt("symlink", path, (now) => {
        const place = Tree.walk(root, path, false)
        if (place instanceof Tree.Fault) return place
        return place.node === undefined
          ? Tree.put(place.parent, place.name, Tree.makeLink(now, target), now)
          : Tree.exists
      }),
    truncate: (path, length) =>
      attempt("truncate", path, (now) => {
        const file = openAt(path, "r+", 0, now)
        if (file instanceof Tree.Fault) return file
        file.data = resized(file.data, Number(length ?? 0))
        file.modified = now
      }),
    utimes: (path, _atime, mtime) =>
      touch("utimes", path, (node) => {
        node.modified = typeof mtime === "number" ? mtime * 1000 : mtime.getTime()
      }),
    watch: (path) =>
      Stream.fail(failure("watch", path, new Tree.Fault("Unknown", "a file system in memory cannot be watched"))),
    writeFile: (path, data, options) =>
      attempt("writeFile", path, (now) => {
        const flag = options?.flag ?? "w"
        if (flag === "r") return new Tree.Fault("BadArgument", "the flag does not allow writing")
        const file = openAt(path, flag, options?.mode ?? 0o644, now)
        if (file instanceof Tree.Fault) return file
        file.data = flag.startsWith("w")
          ? new Uint8Array(data)
          : patched(file.data, flag.startsWith("a") ? file.data.length : 0, data)
        file.modified = now
      })
  })

  const peekable: Peekable = {
    ...service,
    [Peek]: (path) => {
      const place = Tree.walk(root, path, false)
      return place instanceof Tree.Fault || place.node === undefined || !Tree.mayRead(place.node)
        ? undefined
        : place.node
    },
    // The derived one builds an error for each missing path, and asking is what most callers do.
    exists: (path) =>
      ask("exists", path, () => {
        const place = Tree.walk(root, path, true)
        if (place instanceof Tree.Fault) return place === Tree.notFound ? false : place
        return place.node !== undefined
      })
  }
  return peekable
}
