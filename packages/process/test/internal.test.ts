import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import { join } from "node:path"
import { Readable } from "node:stream"
import * as Drain from "../src/internal/drain.ts"
import * as Kept from "../src/internal/kept.ts"
import * as Lines from "../src/internal/lines.ts"
import * as Output from "../src/internal/output.ts"
import * as ProcStat from "../src/internal/procStat.ts"
import { folder, read } from "./fixtures.ts"

const chunks = FastCheck.array(FastCheck.uint8Array({ maxLength: 40 }), { maxLength: 20 })

const encoder = new TextEncoder()

describe("Kept", () => {
  it("keeps the first and the last half however the output is cut into chunks", () =>
    FastCheck.assert(
      FastCheck.property(chunks, FastCheck.integer({ min: 0, max: 120 }), (parts, cap) => {
        const kept = Kept.halves(cap)
        for (const part of parts) kept.push(part)
        const all = Buffer.concat(parts)
        const head = Math.ceil(cap / 2)
        const expected =
          all.length <= cap ? all : Buffer.concat([all.subarray(0, head), all.subarray(all.length - (cap - head))])
        assert.deepStrictEqual(Buffer.from(kept.bytes()), Buffer.from(expected))
        assert.strictEqual(kept.truncated(), all.length > cap)
      })
    ))
})

describe("Lines", () => {
  it("hands out the same lines wherever the chunks end, also within a character", () => {
    const text = "é✓𝄞\r\n\n\ufeffzwei\nlast"
    const bytes = encoder.encode(text)
    for (let at = 0; at <= bytes.length; at++) {
      const lines = Lines.make()
      const found = [...lines.push(bytes.subarray(0, at)), ...lines.push(bytes.subarray(at)), ...lines.end()]
      assert.deepStrictEqual(found, ["é✓𝄞", "", "\ufeffzwei", "last"])
    }
  })

  it("bounds a line that never ends, and goes on after it", () => {
    const lines = Lines.make()
    const chunk = encoder.encode("x".repeat(1024 * 1024))
    for (let i = 0; i < 64; i++) assert.deepStrictEqual(lines.push(chunk), [])
    const [long, next] = lines.push(encoder.encode("\nnext\n"))
    assert.strictEqual(long, "x".repeat(Lines.maxLine))
    assert.strictEqual(next, "next")
  })

  it("cuts a long line between characters", () => {
    const lines = Lines.make()
    const [cut] = lines.push(encoder.encode("✓".repeat(Lines.maxLine) + "\n"))
    assert.strictEqual(cut, "✓".repeat(Math.floor(Lines.maxLine / 3)))
  })
})

describe("The log file", () => {
  it.live("keeps the first and the last of what is too long, and says how much is left out", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "log")
      const written = Effect.fnUntraced(function* (parts: ReadonlyArray<string>) {
        const log = yield* Output.openLog(path, String, { first: 10, last: 4 })
        yield* Effect.forEach(parts, (part) => log.write(encoder.encode(part)))
        yield* log.end
      }, Effect.scoped)
      yield* written(["0123456", "789"])
      assert.strictEqual(yield* read(path), "0123456789")
      yield* written(["0123456", "789ab", "cd"])
      assert.strictEqual(yield* read(path), "0123456789abcd")
      yield* written(["0123456", "789abcde", "fghi"])
      assert.strictEqual(yield* read(path), "0123456789\n[calm: 5 bytes are left out here]\nfghi")
    }).pipe(Effect.scoped)
  )
})

describe("Drain", () => {
  it.live("pauses the pipe when the work falls behind, so that memory stays bounded", () =>
    Effect.gen(function* () {
      const chunk = new Uint8Array(64 * 1024)
      let left = 1024
      const long = new Readable({
        read() {
          this.push(left-- > 0 ? chunk : null)
        }
      })
      const paused = Effect.async<void>((resume) => void long.once("pause", () => resume(Effect.void)))
      let taken = 0
      const drain = Drain.make(long, {
        take: (bytes) => {
          taken += bytes.length
        },
        work: () => Effect.never,
        broken: (error) => error
      })
      const fiber = yield* Effect.fork(drain.run)
      yield* paused
      assert.isTrue(long.isPaused())
      assert.isAtMost(taken, 8 * chunk.length)
      drain.cut()
      yield* Fiber.interrupt(fiber)
    })
  )

  it.live("what was read before the cut is still worked on", () =>
    Effect.gen(function* () {
      const worked: Array<string> = []
      const pipe = new Readable({ read() {} })
      const read = Effect.async<void>((resume) => void pipe.once("data", () => resume(Effect.void)))
      const drain = Drain.make(pipe, {
        take: () => {},
        work: (bytes) => Effect.sync(() => void worked.push(Buffer.from(bytes).toString())),
        broken: (error) => error
      })
      pipe.push("said")
      yield* read
      drain.cut()
      yield* drain.run
      assert.deepStrictEqual(worked, ["said"])
    })
  )
})

describe("ProcStat", () => {
  it("reads past a program's name that holds spaces and parentheses", () => {
    const after = Array.from({ length: 49 }, (_, index) => String(index + 4))
    assert.deepStrictEqual(ProcStat.parse(`7 (a) b) (c ) S ${after.join(" ")}\n`), {
      state: "S",
      group: 5,
      startTime: "22"
    })
  })
})
