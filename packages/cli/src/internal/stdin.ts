/** The process's stdin. Touched only when a command asks: an open stdin would keep the process alive. */
import * as Effect from "effect/Effect"
import { InputUnreadable } from "../Input.ts"
import * as Style from "../Style.ts"

/** Reads until the text is enough, or stdin ends. */
const readUntil = (enough: (text: string) => boolean): Effect.Effect<string, InputUnreadable> =>
  Effect.async((resume) => {
    const { stdin } = process
    const decoder = new TextDecoder()
    let text = ""
    const end = (result: Effect.Effect<string, InputUnreadable>): void => {
      release()
      resume(result)
    }
    const onData = (bytes: Uint8Array): void => {
      text += decoder.decode(bytes, { stream: true })
      if (enough(text)) end(Effect.succeed(text))
    }
    const onEnd = (): void => end(Effect.succeed(text + decoder.decode()))
    const onError = (error: NodeJS.ErrnoException): void =>
      end(new InputUnreadable({ code: error.code ?? error.message }))
    const release = (): void => {
      stdin.off("data", onData).off("end", onEnd).off("error", onError).pause()
    }
    stdin.on("data", onData).on("end", onEnd).on("error", onError)
    return Effect.sync(release)
  })

/** Stdin as a service, for a process whose streams are so. */
export const make = (interactive: boolean, report: (text: string) => void) => ({
  interactive,
  text: Effect.suspend(() => {
    // Who sees nothing happen should know what is waited for.
    if (process.stdin.isTTY) report("Reading from the terminal; end with Ctrl-D.\n")
    return readUntil(() => false)
  }),
  confirm: (question: string) =>
    Effect.suspend(() => {
      report(`${Style.line(question)} [y/N] `)
      return Effect.map(
        readUntil((text) => text.includes("\n")),
        (text) => /^\s*y(?:es)?\s*$/i.test(text.split("\n")[0] ?? "")
      )
    })
})
