/** What is wrong with an answer of calm, whatever was asked: the contract of the command line. */
import { exitCodes, isProblem } from "@calm/domain/Problem"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { logLevelIn, wantsJson } from "../../../src/Globals.ts"
import { detailsOf } from "../../../src/internal/details.ts"
import * as Output from "../../../src/Output.ts"
import * as Style from "../../../src/Style.ts"
import { commandsIn, commandsOf, faultOfHint } from "../../fixtures/hints.ts"
import { document } from "../../fixtures/run.ts"

export interface Printed {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** What a terminal would obey, but for the line breaks and tabs of a text. */
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
/** The traces of a fault of calm's own. */
const internal = /calm failed in an unexpected way|\n\s+at \S.*:\d+|FiberFailure|\[object Object\]/

/** Nobody reads on; and what was typed need not be told in full. */
const longest = 4_000

const codes: ReadonlySet<number> = new Set(Object.values(exitCodes))
const exitCodeOf = new Map<string, number>(Object.entries(exitCodes))

const faultOfCommand = (command: string): Effect.Effect<ReadonlyArray<string>> =>
  // In quotes it is somebody's word, and no placeholder.
  faultOfHint(command.replaceAll(/'[^']*'/g, (quoted) => quoted.replaceAll("<", ""))).pipe(
    Effect.map((fault) => (fault === undefined ? [] : [`the hint ${JSON.stringify(command)}: ${fault}`])),
    // What is not closed, no shell can read.
    Effect.catchAllDefect((defect) => Effect.succeed([`the hint ${JSON.stringify(command)}: ${String(defect)}`]))
  )

const faultsOfJson = Effect.fnUntraced(
  function* ({ exitCode, stdout }: Printed) {
    const { data, error } = yield* document(stdout)
    if (error === undefined) return data === undefined ? ["neither data nor error"] : []
    return [
      ...(exitCodeOf.get(error.category) === exitCode ? [] : [`${error.category} exits with ${exitCode}`]),
      ...(error.category === "internal" || error.code === "internal" ? ["an internal error"] : []),
      ...(stdout.length > longest ? [`an error of ${stdout.length} characters`] : []),
      ...(yield* Effect.forEach(commandsIn({ hint: error.hint }), faultOfCommand)).flat()
    ]
  },
  Effect.catchTag("ParseError", () => Effect.succeed(["not one document"]))
)

const faultsOfText = ({ exitCode, stderr, stdout }: Printed): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(Effect.forEach(commandsOf(stderr), faultOfCommand), (found) => [
    ...found.flat(),
    ...(exitCode !== 0 && stdout + stderr === "" ? ["it fails without a word"] : []),
    ...(stderr.length > longest ? [`${stderr.length} characters on stderr`] : [])
  ])

/** Asked for in such words, the log tells of the inside. */
const tells: ReadonlySet<string | undefined> = new Set(["debug", "trace", "all"])

/** What is wrong with the answer to a command line; nothing where all is well. */
export const faultsOf = Effect.fnUntraced(function* (printed: Printed, argv: ReadonlyArray<string>) {
  const { exitCode, stderr, stdout } = printed
  return [
    ...(codes.has(exitCode) || exitCode === 0 ? [] : [`exit code ${exitCode}`]),
    ...(unsafe.test(stdout) || unsafe.test(stderr) ? ["a raw control character"] : []),
    ...(/\p{Surrogate}/u.test(stdout + stderr) ? ["no well-formed text"] : []),
    ...(internal.test(stderr) && !tells.has(logLevelIn(argv)) ? ["a trace of the inside"] : []),
    ...(yield* wantsJson(argv) ? faultsOfJson(printed) : faultsOfText(printed))
  ]
})

/** What is wrong with how a call of a service came out, and with what the command line would print of it. */
export const faultsOfExit = Effect.fnUntraced(function* (exit: Exit.Exit<unknown, unknown>) {
  if (exit._tag === "Success") return []
  if (!Cause.isFailType(exit.cause)) return [Cause.pretty(exit.cause)]
  const { error } = exit.cause
  if (!isProblem(error)) return [`it failed with what is no problem of calm's: ${String(error)}`]
  const { _tag, category, hint, message } = error
  const failure = { _tag, category, hint, message, details: detailsOf(error) }
  const modes = [true, false].map((json) => ({ json, quiet: false, stdout: Style.plain, stderr: Style.plain }))
  const found = yield* Effect.forEach(modes, (mode) =>
    faultsOf(Output.failure(mode, failure), mode.json ? ["--json"] : [])
  )
  return found.flat()
})
