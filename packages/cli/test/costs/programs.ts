/** The machine, with a note of each program that is started. */
import { type System, system } from "@calm/core/Ports"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"

/** Groups of git's subcommands, of which the second word tells what is done. */
const grouped = new Set(["worktree", "stash", "notes", "remote"])

/** `git worktree add` of a whole command line: no settings, no paths, no options. */
const nameOf = (program: string, args: ReadonlyArray<string>): string => {
  if (program !== "git") return Path.basename(program)
  const first = args.findIndex((word, at) => !word.startsWith("-") && args[at - 1] !== "-c" && args[at - 1] !== "-C")
  const [command = "", below = ""] = args.slice(first)
  return ["git", command, ...(grouped.has(command) ? [below] : [])].join(" ")
}

/** The machine itself; `started` gets the name of each program in the order in which they are started. */
export const noting = (started: Array<string>): Layer.Layer<System> =>
  Layer.provideMerge(
    Layer.effect(
      ProcessRunner.ProcessRunner,
      Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) => ({
        run: (request: ProcessRunner.Request) => {
          started.push(nameOf(request.program, request.args))
          return run(request)
        },
        converse: (interlocutor: ProcessRunner.Interlocutor) => {
          started.push(nameOf(interlocutor.program, interlocutor.args))
          return converse(interlocutor)
        }
      }))
    ),
    system
  )
