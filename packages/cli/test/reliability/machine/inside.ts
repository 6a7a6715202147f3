/** What runs in a namespace with disks of its own: tries the cases that it is given, and prints what is wrong in each. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { attempt, Tried, Wanted } from "./disk.ts"

const program = Effect.gen(function* () {
  const wanted = yield* Schema.decode(Schema.parseJson(Wanted))(process.argv[2] ?? "")
  const names = Array.from(new Set(wanted.map(({ operation }) => operation)))
  const tried = yield* Effect.forEach(names, (name) =>
    attempt(
      name,
      wanted.filter(({ operation }) => operation === name)
    )
  )
  return yield* Schema.encode(Schema.parseJson(Tried))(tried.flat())
})

void Effect.runPromise(program).then((text) => process.stdout.write(text))
