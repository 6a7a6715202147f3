/** The file system in memory behaves as a disk does: every expectation here also holds for the Node layer. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { describe, it } from "@effect/vitest"
import { assertFalse, assertSome, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as MemoryFileSystem from "../src/MemoryFileSystem.ts"

const test = (
  title: string,
  body: (fs: FileSystem.FileSystem, folder: string) => Effect.Effect<void, PlatformError>
): void =>
  it.scopedLive(title, () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      yield* body(fs, yield* fs.makeTempDirectoryScoped())
    }).pipe(Effect.provide(MemoryFileSystem.layer))
  )

/** Why an operation failed, in one word. */
const reason = (effect: Effect.Effect<unknown, PlatformError>): Effect.Effect<string> =>
  Effect.match(effect, {
    onFailure: (error) => (error._tag === "SystemError" ? error.reason : error._tag),
    onSuccess: () => "it did not fail"
  })

const failing = (
  title: string,
  cases: (
    fs: FileSystem.FileSystem,
    folder: string
  ) => ReadonlyArray<readonly [Effect.Effect<unknown, PlatformError>, string]>
): void =>
  it.scopedLive(title, () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(`${folder}/file`, "text")
      yield* fs.makeDirectory(`${folder}/full/inner`, { recursive: true })
      yield* fs.makeDirectory(`${folder}/empty`)
      const before = (yield* fs.readDirectory(folder, { recursive: true })).toSorted()
      for (const [effect, expected] of cases(fs, folder)) strictEqual(yield* reason(effect), expected)
      deepStrictEqual((yield* fs.readDirectory(folder, { recursive: true })).toSorted(), before)
      strictEqual(yield* fs.readFileString(`${folder}/file`), "text")
    }).pipe(Effect.provide(MemoryFileSystem.layer))
  )

describe("a file system in memory", () => {
  test("a file written is read back, as text and as bytes, and can be overwritten", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${folder}/a`, "grüße")
      strictEqual(yield* fs.readFileString(`${folder}/a`), "grüße")
      const bytes = Uint8Array.from([0, 255, 10])
      yield* fs.writeFile(`${folder}/a`, bytes)
      bytes[0] = 7
      deepStrictEqual(Array.from(yield* fs.readFile(`${folder}/a`)), [0, 255, 10])
      strictEqual(Number((yield* fs.stat(`${folder}/a`)).size), 3)
    }))

  failing("reading and writing fail for the reason that a disk gives", (fs, folder) => [
    [fs.readFile(`${folder}/nope`), "NotFound"],
    [fs.readFile(`${folder}/full`), "BadResource"],
    [fs.readFile(`${folder}/file/below`), "BadResource"],
    [fs.writeFileString(`${folder}/nope/file`, "x"), "NotFound"],
    [fs.writeFileString(`${folder}/full`, "x"), "BadResource"],
    [fs.writeFileString(`${folder}/file`, "x", { flag: "wx" }), "AlreadyExists"],
    [fs.writeFileString(`${folder}/nope`, "x", { flag: "r+" }), "NotFound"],
    [fs.stat(`${folder}/nope`), "NotFound"],
    [fs.access(`${folder}/nope`), "NotFound"],
    [fs.readFile(`${folder}/\u0000`), "BadArgument"],
    [fs.readFile(""), "NotFound"]
  ])

  failing("folders are neither made twice nor removed or replaced while something is in them", (fs, folder) => [
    [fs.makeDirectory(`${folder}/full`), "AlreadyExists"],
    [fs.makeDirectory(`${folder}/file`, { recursive: true }), "AlreadyExists"],
    [fs.makeDirectory(`${folder}/file/x`, { recursive: true }), "BadResource"],
    [fs.makeDirectory(`${folder}/nope/x`), "NotFound"],
    [fs.remove(`${folder}/nope`), "NotFound"],
    [fs.remove(`${folder}/nope`, { recursive: true }), "NotFound"],
    [fs.remove(`${folder}/full`), "Unknown"],
    [fs.readDirectory(`${folder}/nope`), "NotFound"],
    [fs.readDirectory(`${folder}/file`), "BadResource"]
  ])

  failing("rename refuses what it could only do by losing something", (fs, folder) => [
    [fs.rename(`${folder}/nope`, `${folder}/x`), "NotFound"],
    [fs.rename(`${folder}/file`, `${folder}/nope/x`), "NotFound"],
    [fs.rename(`${folder}/file`, `${folder}/empty`), "BadResource"],
    [fs.rename(`${folder}/empty`, `${folder}/file`), "BadResource"],
    [fs.rename(`${folder}/empty`, `${folder}/full`), "Unknown"],
    [fs.rename(`${folder}/full`, `${folder}/full/inner/x`), "Unknown"]
  ])

  failing("links and copies fail for the reason that a disk gives", (fs, folder) => [
    [fs.symlink("x", `${folder}/file`), "AlreadyExists"],
    [fs.link(`${folder}/file`, `${folder}/empty`), "AlreadyExists"],
    [fs.link(`${folder}/nope`, `${folder}/x`), "NotFound"],
    [fs.readLink(`${folder}/file`), "Unknown"],
    [fs.readLink(`${folder}/nope`), "NotFound"],
    [fs.realPath(`${folder}/nope`), "NotFound"],
    [fs.copy(`${folder}/nope`, `${folder}/x`), "NotFound"],
    [fs.copyFile(`${folder}/nope`, `${folder}/x`), "NotFound"],
    [fs.copyFile(`${folder}/file`, `${folder}/nope/x`), "NotFound"]
  ])

  test("append and r+ write into a file, wx makes a new one", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${folder}/log`, "one", { flag: "wx" })
      yield* fs.writeFileString(`${folder}/log`, "two", { flag: "a" })
      yield* fs.writeFileString(`${folder}/log`, "O", { flag: "r+" })
      strictEqual(yield* fs.readFileString(`${folder}/log`), "Onetwo")
      yield* fs.truncate(`${folder}/log`, 2)
      strictEqual(yield* fs.readFileString(`${folder}/log`), "On")
    }))

  test("a folder moves whole, also onto an empty one, and with it what is below", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(`${folder}/a/b/c`, { recursive: true })
      yield* fs.writeFileString(`${folder}/a/b/c/file`, "text")
      yield* fs.makeDirectory(`${folder}/target`)
      yield* fs.rename(`${folder}/a/b`, `${folder}/target`)
      strictEqual(yield* fs.readFileString(`${folder}/target/c/file`), "text")
      deepStrictEqual(yield* fs.readDirectory(`${folder}/a`), [])
      yield* fs.rename(`${folder}/target/c/file`, `${folder}/a/file`)
      deepStrictEqual((yield* fs.readDirectory(folder, { recursive: true })).toSorted(), [
        "a",
        "a/file",
        "target",
        "target/c"
      ])
    }))

  test("remove takes a folder with all in it when told so, and nothing is no fault when forced", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(`${folder}/a/b`, { recursive: true })
      yield* fs.remove(`${folder}/a`, { recursive: true })
      assertFalse(yield* fs.exists(`${folder}/a`))
      yield* fs.remove(`${folder}/a`, { recursive: true, force: true })
      yield* fs.makeDirectory(`${folder}/a/b`, { recursive: true })
      yield* fs.makeDirectory(`${folder}/a/b`, { recursive: true })
      assertTrue(yield* fs.exists(`${folder}/a/b/`))
    }))

  test("a copy is apart from its original, and keeps what is at its place unless told to overwrite", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(`${folder}/from/inner`, { recursive: true })
      yield* fs.writeFileString(`${folder}/from/inner/file`, "1")
      yield* fs.symlink("inner/file", `${folder}/from/link`)
      yield* fs.copy(`${folder}/from`, `${folder}/new/to`)
      yield* fs.writeFileString(`${folder}/from/inner/file`, "2")
      strictEqual(yield* fs.readFileString(`${folder}/new/to/inner/file`), "1")
      strictEqual(yield* fs.readFileString(`${folder}/new/to/link`), "2", "a link leads to where it led before")
      yield* fs.copy(`${folder}/from/inner`, `${folder}/new/to/inner`)
      strictEqual(yield* fs.readFileString(`${folder}/new/to/inner/file`), "1")
      yield* fs.copy(`${folder}/from/inner`, `${folder}/new/to/inner`, { overwrite: true })
      strictEqual(yield* fs.readFileString(`${folder}/new/to/inner/file`), "2")
      yield* fs.copyFile(`${folder}/from/inner/file`, `${folder}/copy`)
      strictEqual(yield* fs.readFileString(`${folder}/copy`), "2")
    }))

  test("symbolic links are followed by reading and by realPath, not by remove and rename", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.makeDirectory(`${folder}/real/deep`, { recursive: true })
      yield* fs.writeFileString(`${folder}/real/deep/file`, "text")
      yield* fs.symlink(`${folder}/real`, `${folder}/absolute`)
      yield* fs.symlink("absolute/deep/../deep", `${folder}/relative`)
      strictEqual(yield* fs.readFileString(`${folder}/relative/file`), "text")
      strictEqual(yield* fs.realPath(`${folder}/relative/file`), `${folder}/real/deep/file`)
      strictEqual((yield* fs.stat(`${folder}/relative`)).type, "Directory")
      strictEqual(yield* fs.readLink(`${folder}/relative`), "absolute/deep/../deep")
      deepStrictEqual((yield* fs.readDirectory(folder)).toSorted(), ["absolute", "real", "relative"])
      yield* fs.rename(`${folder}/relative`, `${folder}/renamed`)
      yield* fs.remove(`${folder}/renamed`)
      yield* fs.remove(`${folder}/absolute`)
      strictEqual(yield* fs.readFileString(`${folder}/real/deep/file`), "text")
    }))

  test("a link that leads nowhere does not exist, and writing through it makes its target", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.symlink("target", `${folder}/link`)
      assertFalse(yield* fs.exists(`${folder}/link`))
      yield* fs.writeFileString(`${folder}/link`, "text")
      strictEqual(yield* fs.readFileString(`${folder}/target`), "text")
      yield* fs.symlink("round", `${folder}/round`)
      strictEqual(yield* reason(fs.stat(`${folder}/round`)), "BadResource")
    }))

  test("two names of one file show the same text", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${folder}/a`, "1")
      yield* fs.link(`${folder}/a`, `${folder}/b`)
      yield* fs.writeFileString(`${folder}/b`, "2")
      strictEqual(yield* fs.readFileString(`${folder}/a`), "2")
    }))

  test("temporary folders and files differ from each other and are gone when their scope closes", (fs, folder) =>
    Effect.gen(function* () {
      const paths = yield* Effect.scoped(
        Effect.gen(function* () {
          const one = yield* fs.makeTempDirectoryScoped({ directory: folder, prefix: "p-" })
          const two = yield* fs.makeTempDirectoryScoped({ directory: folder, prefix: "p-" })
          const file = yield* fs.makeTempFileScoped({ directory: folder, suffix: ".log" })
          assertFalse(one === two)
          assertTrue(one.startsWith(`${folder}/p-`))
          assertTrue(file.endsWith(".log"))
          yield* fs.writeFileString(`${one}/x`, "x")
          return [one, two, file]
        })
      )
      for (const path of paths) assertFalse(yield* fs.exists(path))
      deepStrictEqual(yield* fs.readDirectory(folder), [])
    }))

  test("an open file is read and written at its position; streams read a part", (fs, folder) =>
    Effect.gen(function* () {
      const path = `${folder}/file`
      yield* Effect.scoped(
        Effect.gen(function* () {
          const file = yield* fs.open(path, { flag: "w+" })
          yield* file.writeAll(new TextEncoder().encode("hello world"))
          yield* file.seek(6, "start")
          yield* file.writeAll(new TextEncoder().encode("W"))
          yield* file.seek(0, "start")
          assertSome(
            Option.map(yield* file.readAlloc(7), (bytes) => new TextDecoder().decode(bytes)),
            "hello W"
          )
        })
      )
      const part = yield* Stream.runCollect(fs.stream(path, { offset: 3, bytesToRead: 4, chunkSize: 3 }))
      deepStrictEqual(
        Chunk.toReadonlyArray(part).map((bytes) => new TextDecoder().decode(bytes)),
        ["lo ", "W"]
      )
      yield* Stream.run(Stream.make(new TextEncoder().encode("ab"), new TextEncoder().encode("c")), fs.sink(path))
      strictEqual(yield* fs.readFileString(path), "abc")
    }))

  test("modes are kept, and the executable bit is seen", (fs, folder) =>
    Effect.gen(function* () {
      yield* fs.writeFileString(`${folder}/script`, "#!", { mode: 0o755 })
      yield* fs.writeFileString(`${folder}/plain`, "")
      strictEqual((yield* fs.stat(`${folder}/script`)).mode & 0o111, 0o111)
      strictEqual((yield* fs.stat(`${folder}/plain`)).mode & 0o111, 0)
      yield* fs.chmod(`${folder}/plain`, 0o600)
      strictEqual((yield* fs.stat(`${folder}/plain`)).mode & 0o777, 0o600)
    }))
})

describe("a file system in memory, on its own", () => {
  it.effect("keeps time by the Effect clock", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      yield* TestClock.setTime(60_000)
      yield* fs.writeFileString("/tmp/file", "x")
      assertSome(
        Option.map((yield* fs.stat("/tmp/file")).mtime, (date) => date.getTime()),
        60_000
      )
    }).pipe(Effect.provide(MemoryFileSystem.layer))
  )

  it.effect("is a new one with each build of the layer", () =>
    Effect.gen(function* () {
      const write = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString("/tmp/file", "x"))
      const look = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.exists("/tmp/file"))
      yield* Effect.provide(write, MemoryFileSystem.layer)
      assertFalse(yield* Effect.provide(look, MemoryFileSystem.layer))
    })
  )

  it.effect("refuses a file or folder that its mode protects", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory("/home/me", { recursive: true })
      yield* fs.writeFileString("/home/me/file", "x", { mode: 0o400 })
      strictEqual(yield* reason(fs.writeFileString("/home/me/file", "y")), "PermissionDenied")
      yield* fs.chmod("/home/me", 0o500)
      strictEqual(yield* reason(fs.writeFileString("/home/me/new", "y")), "PermissionDenied")
      strictEqual(yield* reason(fs.remove("/home/me/file")), "PermissionDenied")
    }).pipe(Effect.provide(MemoryFileSystem.layer))
  )

  it.effect("refuses a relative path, for which it has no folder", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      strictEqual(yield* reason(fs.writeFileString("file", "y")), "BadArgument")
    }).pipe(Effect.provide(MemoryFileSystem.layer))
  )
})
