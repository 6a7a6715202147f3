// The environment enters the program here, and nowhere else.
// @effect-diagnostics processEnv:off
/** Starts calm as a process over a tree of commands. What needs no command is answered before anything heavy is loaded. */
import type { System } from "@calm/core/Ports"
import type * as Layer from "effect/Layer"
import * as Path from "node:path"
import { logLevelIn, wantsJson, wantsQuiet } from "./Globals.ts"
import * as Help from "./Help.ts"
import { colorIn } from "./internal/color.ts"
import { finish } from "./internal/finish.ts"
import { onSignal } from "./internal/signals.ts"
import { stderr, stdout } from "./internal/sinks.ts"
import * as Output from "./Output.ts"
import * as Style from "./Style.ts"
import type { Group } from "./Tree.ts"

/** The outcome of `calm`, `calm --help` and `calm --version`, in both forms; `undefined` for all that is more. */
const atOnce = (root: Group, argv: ReadonlyArray<string>, mode: Output.Mode): Output.Outcome | undefined => {
  const [word, ...more] = argv.filter((each) => each !== "--json" && each !== "--quiet")
  if (more.length > 0) return undefined
  if (word === "--version") return Output.version(mode)
  if (word === undefined || word === "--help" || word === "-h") {
    return Output.help(mode, (style) => Help.group([], root, style))
  }
  return undefined
}

/**
 * Reads the command line of this process, runs what it means, prints the answer, ends the process with its code.
 * `system` stands in for the machine's own programs and files.
 */
export const start = (root: Group, system?: Layer.Layer<System>): void => {
  const argv = process.argv.slice(2)
  // Only a terminal has colour; what is piped costs no look at the file.
  const color = stdout.isTTY || stderr.isTTY ? colorIn(process.env) : "auto"
  const mode: Output.Mode = {
    json: wantsJson(argv),
    quiet: wantsQuiet(argv),
    stdout: Style.make(stdout, process.env, color),
    stderr: Style.make(stderr, process.env, color)
  }
  const outcome = atOnce(root, argv, mode)
  if (outcome !== undefined) return finish(outcome)

  // While the rest is loaded nothing has begun yet that would have to be stopped in order.
  let stopped = false
  onSignal(() => {
    if (!stopped) finish(Output.interrupted(mode, argv))
    stopped = true
  })

  const report = (text: string): void => stderr.write(text)
  // Beside the bundle, where the build puts it.
  const gates = Path.join(import.meta.dirname, "gates")
  const roles = Path.join(import.meta.dirname, "roles")
  // Asked of stdin last: Node loads a good deal to answer.
  const interactive = mode.stdout.terminal && process.stdin.isTTY === true
  const uncaught = (thrown: unknown): void => {
    if (logLevelIn(argv) !== undefined) report(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
  }
  // Node itself would show the line that it happened in, which in a bundle is most of it.
  const broken = (thrown: unknown): void => {
    uncaught(thrown)
    finish(Output.defect(mode, argv))
  }
  const heavy = [
    import("./internal/run.ts"),
    import("./internal/stdin.ts"),
    import("@calm/process/Environment"),
    import("./Program.ts")
  ] as const
  void Promise.all(heavy).then(([{ run }, Stdin, Environment, Program]) => {
    if (stopped) return
    const surroundings = {
      mode,
      report,
      columns: () => Style.columnsOf(stderr),
      input: Stdin.make(interactive, mode.quiet, report),
      environment: Environment.layer,
      gates,
      roles,
      installed: import.meta.dirname,
      system
    }
    const program = (unfinished: (command: string) => void) => Program.run(root, argv, { ...surroundings, unfinished })
    run(program, mode, argv, uncaught)
  }, broken)
}
