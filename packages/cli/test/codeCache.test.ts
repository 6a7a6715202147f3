/** The code cache makes calm faster and nothing else: whatever is in its place, the answer is the same. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { crc32 } from "node:zlib"
import { assemble } from "../bundle.mjs"
import * as World from "./fixtures/world.ts"
import { install as installDriver } from "./reliability/support/command.ts"

interface Options {
  readonly args?: ReadonlyArray<string>
  readonly variables?: Readonly<Record<string, string>>
  readonly uid?: number
}

/** calm as it is installed, with a home that `calm init` has made. */
const installed = Effect.gen(function* () {
  const base = yield* World.folder
  Fs.chmodSync(base, 0o755)
  const program = yield* Effect.promise(() => assemble(base))
  const home = Path.join(base, "home")
  Fs.mkdirSync(Path.join(home, "cache"), { recursive: true })
  const shared = Path.join(base, "dist/cache")
  const own = Path.join(home, "cache/code")
  const cwd = World.repository(Path.join(base, "repo"))
  return {
    base,
    home,
    bundle: Path.join(base, "dist/calm.cjs"),
    shared,
    own,
    /** The one cache that there is. */
    cache: (folder = shared) => {
      const [name = "", ...more] = Fs.readdirSync(folder)
      assert.deepStrictEqual(more, [])
      return Path.join(folder, name)
    },
    calm: ({ args = ["help", "phases"], uid, variables = {} }: Options = {}) => {
      const { status, stderr, stdout } = ChildProcess.spawnSync(process.execPath, [program, ...args], {
        encoding: "utf8",
        env: { PATH: process.env["PATH"], CALM_HOME: home, ...variables },
        cwd,
        ...(uid === undefined ? {} : { uid, gid: uid })
      })
      return { status, stderr, stdout }
    }
  }
})

const flipped = (path: string, at: number): void => {
  const bytes = Fs.readFileSync(path)
  const place = at < 0 ? bytes.length + at : at
  bytes.writeUInt8(bytes.readUInt8(place) ^ 0x40, place)
  Fs.writeFileSync(path, bytes)
}

/** calm's own header: the digest of the bundle and the checksum of what V8 noted. */
const header = 64 + 8

/** What V8 noted with another byte in it, and calm's checksum of that. V8 alone can refuse it. */
const noted = (path: string, at: number): void => {
  flipped(path, header + at)
  const bytes = Fs.readFileSync(path)
  bytes.write(crc32(bytes.subarray(header)).toString(16).padStart(8, "0"), 64, "latin1")
  Fs.writeFileSync(path, bytes)
}

/** What can be in the place of a good cache; `left` where it must not be replaced. */
const bad: ReadonlyArray<{ readonly name: string; readonly make: (path: string) => void; readonly left?: true }> = [
  { name: "nothing", make: (path) => Fs.rmSync(path) },
  { name: "an empty file", make: (path) => Fs.writeFileSync(path, "") },
  { name: "a text", make: (path) => Fs.writeFileSync(path, "no cache\n".repeat(999)) },
  { name: "one that is cut off in its header", make: (path) => Fs.truncateSync(path, 40) },
  { name: "one that is cut off", make: (path) => Fs.truncateSync(path, Fs.statSync(path).size - 1000) },
  { name: "one that is damaged at its beginning", make: (path) => flipped(path, 100) },
  { name: "one that is damaged in the middle", make: (path) => flipped(path, Fs.statSync(path).size >> 1) },
  { name: "one that is damaged at its end", make: (path) => flipped(path, -1) },
  // V8 begins with a number of its own, its version, the length of the source and its flags, four bytes each.
  { name: "one of another kind of V8", make: (path) => noted(path, 0) },
  { name: "one of another version of V8", make: (path) => noted(path, 4) },
  { name: "one of a source of another length", make: (path) => noted(path, 8) },
  { name: "one of V8 with other flags", make: (path) => noted(path, 12) },
  { name: "one of another bundle", make: (path) => flipped(path, 0) },
  { name: "one that others may write", make: (path) => Fs.chmodSync(path, 0o666) },
  {
    name: "a link",
    make: (path) => {
      Fs.renameSync(path, `${path}.real`)
      Fs.symlinkSync(`${path}.real`, path)
    }
  },
  {
    name: "a folder",
    make: (path) => {
      Fs.rmSync(path)
      Fs.mkdirSync(path)
    },
    left: true
  }
]

describe("the code cache", () => {
  for (const args of [
    ["help", "phases"],
    ["task", "list"]
  ])
    it.scopedLive(
      `of ${args.join(" ")} is noted down by the first run, and whatever is in its place, the answer is the same`,
      () =>
        Effect.gen(function* () {
          const { base, cache, calm, shared } = yield* installed
          installDriver(base)
          // With flags of its own Node notes nothing down.
          const variables = { NODE_OPTIONS: "--no-deprecation" }
          for (const line of ["init", "task create SPEC-001 Greet"])
            assert.strictEqual(calm({ args: line.split(" "), variables }).status, 0)
          const before = calm({ args })
          assert.deepStrictEqual([before.status, before.stderr], [0, ""])
          const path = cache()
          const size = Fs.statSync(path).size
          for (const { left, make, name } of bad) {
            make(path)
            const inPlace = Fs.lstatSync(path, { throwIfNoEntry: false })?.ino
            assert.deepStrictEqual(calm({ args }), before, name)
            if (left === true) Fs.rmSync(path, { recursive: true })
            else {
              const { ino, mode, size: now } = Fs.lstatSync(path)
              assert.notStrictEqual(ino, inPlace, name)
              assert.strictEqual(mode & 0o777, 0o644, name)
              assert.isAbove(now, size / 2, name)
            }
            for (const other of Fs.readdirSync(shared))
              if (other !== Path.basename(path)) Fs.rmSync(Path.join(shared, other), { recursive: true })
            calm({ args })
          }
          assert.deepStrictEqual(calm({ args }), before)
        }),
      60_000
    )

  it.scopedLive("is not taken for another bundle of the same length", () =>
    Effect.gen(function* () {
      const { bundle, cache, calm } = yield* installed
      const args = ["help", "nonsense"]
      const { stdout } = calm()
      const [word = ""] = /[A-Z][a-z]{6,}/.exec(stdout) ?? []
      assert.isAbove(word.length, 6)
      const noted = Fs.readFileSync(cache())
      const text = Fs.readFileSync(bundle, "utf8")
      const other = text.replaceAll(word, word.toUpperCase())
      assert.notStrictEqual(other, text)
      assert.strictEqual(other.length, text.length)
      Fs.writeFileSync(bundle, other.replace(/^\/\*[0-9a-f]{8}/, "/*00000000"))
      assert.include(calm().stdout, word.toUpperCase())
      assert.notDeepEqual(Fs.readFileSync(cache()), noted)
      // What fails leaves none: the words of a command that there is not are no name for one.
      assert.notStrictEqual(calm({ args }).status, 0)
      cache()
    })
  )

  it.scopedLive(
    "is noted down in calm's own folder where the installation may not be written, and nowhere before init",
    () =>
      Effect.gen(function* () {
        const { cache, calm, home, own, shared } = yield* installed
        const uid = 65_533
        const variables = { CALM_HOME: Path.join(home, "none") }
        const before = calm({ uid, variables })
        assert.strictEqual(before.status, 0)
        assert.isFalse(Fs.existsSync(shared) || Fs.existsSync(own) || Fs.existsSync(variables.CALM_HOME))
        Fs.chownSync(Path.join(home, "cache"), uid, uid)
        assert.deepStrictEqual(calm({ uid }), before)
        assert.isFalse(Fs.existsSync(shared))
        const noted = Fs.statSync(cache(own)).mtimeMs
        assert.deepStrictEqual(calm({ uid }), before)
        assert.strictEqual(Fs.statSync(cache(own)).mtimeMs, noted)
        // What somebody else could have written is nothing that root runs.
        assert.deepStrictEqual(calm(), before)
        assert.strictEqual(Fs.statSync(cache(own)).mtimeMs, noted)
        assert.strictEqual(Fs.statSync(cache()).uid, 0)
      })
  )

  it.scopedLive("is left alone where Node runs with flags of its own", () =>
    Effect.gen(function* () {
      const { cache, calm, shared } = yield* installed
      const variables = { NODE_OPTIONS: "--max-old-space-size=500" }
      const before = calm({ variables })
      assert.isFalse(Fs.existsSync(shared))
      assert.deepStrictEqual(calm(), before)
      const noted = Fs.statSync(cache()).mtimeMs
      assert.deepStrictEqual(calm({ variables }), before)
      assert.strictEqual(Fs.statSync(cache()).mtimeMs, noted)
    })
  )

  it.scopedLive("is kept for so many commands at most", () =>
    Effect.gen(function* () {
      const { calm, shared } = yield* installed
      Fs.mkdirSync(shared)
      // As an earlier Node left them, they come before all others by name.
      const names = Array.from({ length: 120 }, (_, count) => `0.${count}`)
      for (const [count, name] of names.entries()) {
        Fs.writeFileSync(Path.join(shared, name), "")
        Fs.utimesSync(Path.join(shared, name), count, count)
      }
      calm()
      calm({ args: ["help", "gates"] })
      const left = Fs.readdirSync(shared)
      assert.strictEqual(left.length, 96)
      assert.deepStrictEqual(new Set(names.filter((name) => left.includes(name))), new Set(names.slice(-94)))
    })
  )
})
