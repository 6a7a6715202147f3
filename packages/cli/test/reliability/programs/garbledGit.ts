/** A git that answers one question with garbage, and all others as it should. */
import { type System, system } from "@calm/core/Ports"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

type Answer = Effect.Effect<ProcessRunner.Exit, ProcessRunner.ProcessError>

const nothing = new Uint8Array(0)
const fatal = Buffer.from("fatal: \u001b[31mgarbage\u0000 from git\n")
const died = { exitCode: null, stdout: nothing, stderr: nothing, truncated: false, duration: 1 }
const exits = (exitCode: number, stdout: Uint8Array = nothing, stderr: Uint8Array = nothing): Answer =>
  Effect.succeed({ ...died, exitCode, signal: null, stdout, stderr })

/** Bytes that look random and are the same each time. */
const noise = Uint8Array.from({ length: 3000 }, (_, at) => (at * 167 + (at >> 3) * 59 + 13) % 256)

/** What it says instead; `truly` is what it would have said. */
export const garbled = {
  "random bytes": () => exits(0, noise),
  "half of it": (truly) => exits(0, truly.subarray(0, Math.floor(truly.length / 2))),
  "all of it twice, and more": (truly) => exits(0, Buffer.concat([truly, truly, Buffer.alloc(300_000, "0 ")])),
  nothing: () => exits(0),
  "exit 1": () => exits(1, nothing, fatal),
  "exit 128": () => exits(128, noise, fatal),
  "a crash": () => Effect.succeed({ ...died, signal: "SIGSEGV" }),
  "no end": () => new ProcessRunner.ProgramTimedOut({ program: "git", deadline: 30_000, tail: "" })
} satisfies Readonly<Record<string, (truly: Uint8Array) => Answer>>
export type Garbage = keyof typeof garbled
export const kinds = Object.keys(garbled).filter((name): name is Garbage => name in garbled)

/** Which question is answered so. */
export interface Point {
  /** Counted from 0, over all that is asked. */
  readonly at: number
  readonly garbage: Garbage
  /** Does git do what it is asked, before it answers so? */
  readonly acts: boolean
}

/** The subcommand among what calm calls git with. */
const subcommandOf = (args: ReadonlyArray<string>): string =>
  args.find((word, at) => !word.startsWith("-") && args[at - 1] !== "-c") ?? ""

/** The machine with this git; `asked` gets the subcommands in the order in which they came. */
export const layer = (point: Point | null, asked: Array<string>): Layer.Layer<System> => {
  const disturbed = Layer.effect(
    ProcessRunner.ProcessRunner,
    Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
      run: (request: ProcessRunner.Request): Answer => {
        if (request.program !== "git") return run(request)
        const at = asked.push(subcommandOf(request.args)) - 1
        if (point?.at !== at) return run(request)
        const say = garbled[point.garbage]
        return point.acts ? Effect.flatMap(run(request), ({ stdout }) => say(stdout)) : say(nothing)
      },
      // Each question of a conversation is one that can be answered with garbage.
      converse: (interlocutor: ProcessRunner.Interlocutor) =>
        Effect.map(converse(interlocutor), ({ ask }): ProcessRunner.Conversation => ({
          ask: (question, lengthOf) => {
            const at = asked.push(subcommandOf(interlocutor.args)) - 1
            if (point?.at !== at) return ask(question, lengthOf)
            const lie = (truly: Uint8Array) =>
              Effect.flatMap(ProcessRunner.conversing(() => garbled[point.garbage](truly))(interlocutor), (liar) =>
                liar.ask(question, lengthOf)
              )
            return point.acts ? Effect.flatMap(ask(question, lengthOf), lie) : lie(nothing)
          }
        }))
    }))
  )
  return Layer.provideMerge(disturbed, system)
}
