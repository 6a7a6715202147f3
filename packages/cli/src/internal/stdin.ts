/** The process's stdin. Touched only when a command asks: an open stdin would keep the process alive. */
import * as Effect from "effect/Effect"
import { InputNotText, InputUnreadable } from "../Input.ts"
import * as Style from "../Style.ts"

/** Reads until it is enough, or stdin ends. */
const readUntil = (enough: (last: Uint8Array, length: number) => boolean): Effect.Effect<Uint8Array, InputUnreadable> =>
  Effect.async((resume) => {
    const { stdin } = process
    const parts: Array<Uint8Array> = []
    let length = 0
    const end = (result: Effect.Effect<Uint8Array, InputUnreadable>): void => {
      release()
      resume(result)
    }
    const whole = (): void => end(Effect.succeed(Buffer.concat(parts)))
    const onData = (bytes: Uint8Array): void => {
      parts.push(bytes)
      length += bytes.length
      if (enough(bytes, length)) whole()
    }
    const onError = (error: NodeJS.ErrnoException): void =>
      end(new InputUnreadable({ code: error.code ?? error.message }))
    const release = (): void => {
      stdin.off("data", onData).off("end", whole).off("error", onError).pause()
    }
    stdin.on("data", onData).on("end", whole).on("error", onError)
    return Effect.sync(release)
  })

const lineEnd = 10

/** Stdin as a service, for a process whose streams are so. */
export const make = (interactive: boolean, quiet: boolean, report: (text: string) => void) => ({
  interactive,
  text: (what: string, most: number) =>
    Effect.suspend(() => {
      // Who sees nothing happen should know what is waited for.
      if (process.stdin.isTTY && !quiet) report(`Write ${what}, end with Ctrl-D.\n`)
      return Effect.flatMap(
        readUntil((_, length) => length > most),
        (bytes) =>
          Effect.try({
            // Cut off, the last character may be half; it is too long anyway.
            try: () => new TextDecoder("utf-8", { fatal: bytes.length <= most }).decode(bytes),
            catch: () => new InputNotText()
          })
      )
    }),
  confirm: (question: string) =>
    Effect.suspend(() => {
      report(`${Style.line(question)} [y/N] `)
      // Who ends it otherwise than with a line leaves the cursor behind the question.
      const endLine = () => report("\n")
      return readUntil((last) => last.includes(lineEnd)).pipe(
        Effect.onInterrupt(() => Effect.sync(endLine)),
        Effect.tap((bytes) => (bytes.includes(lineEnd) ? undefined : endLine())),
        Effect.map((bytes) => /^\s*y(?:es)?\s*$/i.test(new TextDecoder().decode(bytes).split("\n")[0] ?? ""))
      )
    })
})
