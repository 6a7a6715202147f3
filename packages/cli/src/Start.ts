// The environment enters the program here, and nowhere else.
// @effect-diagnostics processEnv:off
/** Starts calm as a process over a tree of commands. What needs no command is answered before anything heavy is loaded. */
import * as Os from "node:os"
import { logLevelIn, wantsJson } from "./Globals.ts"
import * as Help from "./Help.ts"
import { finish } from "./internal/finish.ts"
import * as Output from "./Output.ts"
import * as Style from "./Style.ts"
import type { Group } from "./Tree.ts"

/** The outcome of `calm`, `calm --help` and `calm --version`, in both forms; `undefined` for all that is more. */
const atOnce = (root: Group, argv: ReadonlyArray<string>, mode: Output.Mode): Output.Outcome | undefined => {
  const [word, ...more] = argv.filter((each) => each !== "--json")
  if (more.length > 0) return undefined
  if (word === "--version") return Output.version(mode)
  if (word === undefined || word === "--help" || word === "-h") {
    return Output.help(mode, (style) => Help.group([], root, style))
  }
  return undefined
}

/** The system's name of the user; in a container a user may have none. */
const userName = (): string => {
  try {
    return Os.userInfo().username
  } catch {
    return process.env["USER"] ?? ""
  }
}

/** The current folder. Where it has been removed, the shell still knows what it was, and the project may be above it. */
const currentFolder = (): string => {
  try {
    return process.cwd()
  } catch {
    return process.env["PWD"] ?? "/"
  }
}

/** Reads the command line of this process, runs what it means, prints the answer, ends the process with its code. */
export const start = (root: Group): void => {
  const argv = process.argv.slice(2)
  const mode: Output.Mode = {
    json: wantsJson(argv),
    stdout: Style.make(process.stdout, process.env),
    stderr: Style.make(process.stderr, process.env)
  }
  const outcome = atOnce(root, argv, mode)
  if (outcome !== undefined) return finish(outcome)

  const report = (text: string): void => void process.stderr.write(text)
  const environment = {
    variables: process.env,
    cwd: currentFolder(),
    home: Os.homedir(),
    user: userName(),
    node: process.execPath
  }
  const interactive = process.stdin.isTTY === true && mode.stdout.terminal
  const heavy = [import("./internal/run.ts"), import("./internal/stdin.ts"), import("./Program.ts")] as const
  void Promise.all(heavy).then(([{ run }, Stdin, Program]) => {
    const input = Stdin.make(interactive, report)
    run(Program.run(root, argv, { mode, report, input, environment }), mode, (thrown) => {
      if (logLevelIn(argv) !== undefined) report(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`)
    })
  })
}
