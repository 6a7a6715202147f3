/** An open file of the file system in memory. */
import * as Error from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Document } from "./Tree.ts"

/** `data` with `bytes` written at `offset`; a gap is filled with zeros. */
export const patched = (data: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array => {
  const whole = new Uint8Array(Math.max(data.length, offset + bytes.length))
  whole.set(data)
  whole.set(bytes, offset)
  return whole
}

/** `data` cut or padded with zeros to a length. */
export const resized = (data: Uint8Array, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  whole.set(data.subarray(0, length))
  return whole
}

const notOpenFor = (method: string, what: string, fd: number) =>
  new Error.SystemError({
    module: "FileSystem",
    method,
    reason: "Unknown",
    description: `the file is not open for ${what}`,
    pathOrDescriptor: fd
  })

/** A handle with a position of its own. It stays on its file when that is renamed or removed, as on a disk. */
export const makeHandle = (
  file: Document,
  flag: FileSystem.OpenFlag,
  fd: FileSystem.File.Descriptor,
  describe: (file: Document) => FileSystem.File.Info
): FileSystem.File => {
  const reads = flag === "r" || flag.includes("+")
  const writes = flag !== "r"
  const appends = flag.startsWith("a")
  let position = 0

  const take = (method: string, size: number): Effect.Effect<Uint8Array, Error.PlatformError> =>
    Effect.suspend(() => {
      if (!reads) return Effect.fail(notOpenFor(method, "reading", fd))
      const bytes = file.data.slice(position, position + size)
      position += bytes.length
      return Effect.succeed(bytes)
    })

  const store = (method: string, bytes: Uint8Array): Effect.Effect<FileSystem.Size, Error.PlatformError> =>
    Effect.clockWith((clock) => {
      if (!writes) return Effect.fail(notOpenFor(method, "writing", fd))
      const offset = appends ? file.data.length : position
      file.data = patched(file.data, offset, bytes)
      file.modified = clock.unsafeCurrentTimeMillis()
      if (!appends) position += bytes.length
      return Effect.succeed(FileSystem.Size(bytes.length))
    })

  return {
    [FileSystem.FileTypeId]: FileSystem.FileTypeId,
    fd,
    stat: Effect.sync(() => describe(file)),
    sync: Effect.void,
    seek: (offset, from) =>
      Effect.sync(() => {
        position = from === "start" ? Number(offset) : position + Number(offset)
      }),
    read: (buffer) =>
      Effect.map(take("read", buffer.length), (bytes) => {
        buffer.set(bytes)
        return FileSystem.Size(bytes.length)
      }),
    readAlloc: (size) =>
      Effect.map(take("readAlloc", Number(size)), (bytes) => (bytes.length === 0 ? Option.none() : Option.some(bytes))),
    truncate: (length) =>
      Effect.suspend(() => {
        if (!writes) return Effect.fail(notOpenFor("truncate", "writing", fd))
        file.data = resized(file.data, Number(length ?? 0))
        position = Math.min(position, file.data.length)
        return Effect.void
      }),
    write: (buffer) => store("write", buffer),
    writeAll: (buffer) => Effect.asVoid(store("writeAll", buffer))
  }
}
