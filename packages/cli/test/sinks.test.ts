/** Where the process prints, which is no terminal: whole, or not at all where nobody reads it any more. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { Socket } from "node:net"
import { join } from "node:path"
import { sink } from "../src/internal/sinks.ts"
import * as World from "./fixtures/world.ts"

const text = "All of it, to the last line: äöü.\n".repeat(20_000)

const pipe = Effect.map(World.folder, (folder) => {
  const path = join(folder, "pipe")
  execFileSync("mkfifo", [path])
  const open = (flags: number) => Fs.openSync(path, flags | Fs.constants.O_NONBLOCK)
  const reading = open(Fs.constants.O_RDONLY)
  return { reading, writing: open(Fs.constants.O_WRONLY) }
})

describe("a sink", () => {
  it.scopedLive("prints all of a long text into a pipe that is full and is not waited for", () =>
    Effect.gen(function* () {
      const { reading, writing } = yield* pipe
      const { isTTY, write } = sink(writing, () => new Socket({ fd: writing, readable: false }))
      assert.isFalse(isTTY)
      let isWritten = false
      write(text, () => {
        isWritten = true
      })
      write("The end.")
      assert.isFalse(isWritten)
      const parts: Array<Uint8Array> = []
      const wanted = Buffer.byteLength(text) + "The end.".length
      const readSome = Effect.sync(() => {
        const bytes = Buffer.alloc(50_000)
        try {
          parts.push(bytes.subarray(0, Fs.readSync(reading, bytes)))
        } catch (cause) {
          assert.propertyVal(cause, "code", "EAGAIN")
        }
        return parts.reduce((sum, { length }) => sum + length, 0)
      })
      yield* Effect.repeat(Effect.zipLeft(readSome, Effect.sleep("1 millis")), { until: (length) => length >= wanted })
      assert.isTrue(Buffer.concat(parts).toString() === `${text}The end.`)
      assert.isTrue(isWritten)
    })
  )

  it.scopedLive("calls back where nobody reads any more", () =>
    Effect.gen(function* () {
      const { reading, writing } = yield* pipe
      Fs.closeSync(reading)
      const { write } = sink(writing, () => new Socket({ fd: writing, readable: false }))
      yield* Effect.async<void>((resume) => write(text, () => resume(Effect.void)))
      Fs.closeSync(writing)
    })
  )
})
