/** A program that works with calm's services, as an agent's supervisor would: one process, one set of layers. */
import { codeOf } from "@calm/domain/Problem"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Deed, Me } from "./mix.ts"
import * as Services from "./services.ts"
import * as Work from "./work.ts"

const [, , words = ""] = process.argv
const home = process.env["CALM_HOME"] ?? ""
const beside = import.meta.dirname

const say = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

/** Until whoever started this process lets it go on. */
const letGo = Effect.async<void>((resume) => void process.stdin.once("end", () => resume(Effect.void)).resume())

const failed = (cause: Cause.Cause<unknown>): Work.Outcome =>
  Option.match(
    Option.filter(Cause.failureOption(cause), (error) => Predicate.hasProperty(error, "_tag")),
    {
      onNone: () => ({ outcome: "fault", said: Cause.pretty(cause), reasons: [] }),
      onSome: (error) => ({
        outcome: codeOf(String(error._tag)),
        said: Cause.pretty(cause),
        reasons: Work.reasonsOf(error)
      })
    }
  )

const perform = (deed: Deed, key: string, me: Me) =>
  Effect.matchCause(Effect.map(deed.run(key, me), deed.tells), {
    onFailure: failed,
    onSuccess: (said): Work.Outcome => ({ outcome: "done", said, reasons: [] })
  })

const program = Effect.gen(function* () {
  const task = yield* Schema.decode(Schema.parseJson(Work.Task))(words)
  yield* say("ready")
  yield* letGo
  for (const answer of yield* Work.work(task, "services", perform))
    yield* say(yield* Schema.encode(Schema.parseJson(Work.Answer))(answer))
})

Effect.runPromise(Effect.provide(program, Services.layer(home, process.cwd(), beside))).catch((error) => {
  process.stderr.write(`${error}\n`)
  process.exitCode = 1
})
