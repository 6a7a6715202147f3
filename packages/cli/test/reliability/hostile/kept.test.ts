/** What calm takes in it gives back as it was; and what stands in its variables is refused or obeyed, and no more. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import { hunt } from "./hunt.ts"
import * as Judged from "./judged.ts"
import * as Place from "./place.ts"
import { hostile } from "./words.ts"

const slack = 1_200_000

/** A field of an answer that is JSON, by the names on the way to it. */
const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (found, name) =>
      typeof found === "object" && found !== null
        ? Object.entries(found).find(([key]) => key === name)?.[1]
        : undefined,
    value
  )

type World = Effect.Effect.Success<typeof Place.make>

interface Case {
  readonly name: string
  /** What takes the text in. */
  readonly put: (text: string) => ReadonlyArray<string>
  /** Is it given on stdin? */
  readonly stdin?: boolean
  /** What shows it, and where in the answer; `answer` is that of the command that took it in. */
  readonly show: (answer: unknown) => ReadonlyArray<string>
  readonly found: (shown: unknown) => unknown
  /** What it is then, where that is not the text itself. */
  readonly expected?: (text: string) => unknown
}

const list = (text: string): unknown => (text.trim() === "" ? [] : text.split(",").map((part) => part.trim()))
const shownTask = (id: string) => () => ["task", "show", id]

const cases: ReadonlyArray<Case> = [
  {
    name: "the id of a task",
    put: (text) => ["task", "create", "--", text, "Another"],
    show: (answer) => ["task", "show", String(at(answer, "id"))],
    found: (shown) => at(shown, "task", "id")
  },
  {
    name: "a title",
    put: (text) => ["task", "update", "SPEC-001", `--title=${text}`],
    show: shownTask("SPEC-001"),
    found: (shown) => at(shown, "task", "title")
  },
  {
    name: "notes",
    put: (text) => ["task", "update", "SPEC-001", `--notes=${text}`],
    show: shownTask("SPEC-001"),
    found: (shown) => at(shown, "task", "notes"),
    expected: (text) => (text === "" ? null : text)
  },
  {
    name: "a specialist",
    put: (text) => ["task", "update", "SPEC-001", `--specialist=${text}`],
    show: shownTask("SPEC-001"),
    found: (shown) => at(shown, "task", "specialist"),
    expected: (text) => (text === "" ? null : text)
  },
  {
    name: "a reason",
    put: (text) => ["task", "update", "BUG-001", "--phase=TESTED", `--reason=${text}`],
    show: shownTask("BUG-001"),
    found: (shown) => {
      const moves = at(shown, "transitions")
      return Array.isArray(moves) ? at(moves.at(-1), "reason") : undefined
    }
  },
  {
    name: "a counter",
    put: (text) => ["counter", "add", "--", text, "7"],
    show: (answer) => ["counter", "get", String(at(answer, "name"))],
    found: (shown) => at(shown, "name")
  },
  {
    name: "a reviewer and what was found",
    put: (text) => ["review", "record", "SPEC-001", "spec", "changes_requested", `--by=${text}`, `--notes=${text}`],
    show: () => ["review", "list", "SPEC-001", "spec"],
    found: (shown) => {
      const reviews = at(shown, "reviews")
      const last: unknown = Array.isArray(reviews) ? reviews.at(-1) : undefined
      return [at(last, "reviewer"), at(last, "notes")]
    },
    expected: (text) => [text, text]
  },
  {
    name: "a backup",
    put: (text) => ["backup", "create", "--", text],
    show: (answer) => ["backup", "verify", String(at(answer, "backup", "name"))],
    found: (shown) => at(shown, "backup", "name"),
    expected: (text) => text.replace(/\.db$/, "")
  },
  {
    name: "a hand-over",
    put: () => ["session", "save"],
    stdin: true,
    show: (answer) => ["session", "show", String(at(answer, "session", "id"))],
    found: (shown) => at(shown, "handoff")
  },
  {
    name: "paths that a task touches",
    put: (text) => ["task", "update", "SPEC-001", `--touches=${text}`],
    show: shownTask("SPEC-001"),
    found: (shown) => at(shown, "task", "touches"),
    expected: (text) => (/[{}]/.test(text) ? undefined : list(text))
  }
]

const caseOf = (what: string) => Effect.fromNullable(cases.find(({ name }) => name === what))

const take = (place: World, { put, stdin }: Case, text: string) =>
  place.calm(["--json", ...put(text)], { stdin: stdin === true ? text : "" })

const faultsOf = Effect.fnUntraced(function* (
  place: World,
  { expected, found, show }: Case,
  text: string,
  printed: Judged.Printed
) {
  const faults = [...(yield* Judged.faultsOf(printed, ["--json"])), ...(yield* place.touched)]
  if (printed.exitCode !== 0) return faults
  const { data } = JSON.parse(printed.stdout)
  const shown = yield* place.json(show(data))
  if (shown.error !== undefined) return [...faults, `it was taken in and is not shown: ${shown.error.message}`]
  const wanted = expected === undefined ? text : expected(text)
  const is = found(shown.data)
  return wanted === undefined || JSON.stringify(is) === JSON.stringify(wanted)
    ? faults
    : [...faults, `it became ${JSON.stringify(is)}`]
})

/** Short ones of the words that are taken in most places, too. */
const text = FastCheck.oneof(
  hostile,
  FastCheck.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
  FastCheck.string({ unit: FastCheck.constantFrom(..."aA09._-"), minLength: 1, maxLength: 12 })
)

describe("a text", () => {
  it.scopedLive(
    "that is taken in is shown again as it was given",
    () =>
      Effect.gen(function* () {
        const place = yield* Place.make
        let count = 0
        const { losses, slowest, tried } = yield* hunt(
          FastCheck.record({ what: FastCheck.constantFrom(...cases.map(({ name }) => name)), text }),
          scaled(40, 1_000),
          (input) => Effect.flatMap(caseOf(input.what), (one) => take(place, one, input.text)),
          Effect.fnUntraced(function* (printed, input) {
            const faults = yield* faultsOf(place, yield* caseOf(input.what), input.text, printed)
            if (++count % 100 === 0) yield* place.renew
            return faults
          })
        )
        const note = `the slowest took ${slowest.millis} ms of the processor`
        report({ suite: "hostile", what: "texts kept", tried, losses: losses.length, note })
        assert.deepStrictEqual([...losses, ...(yield* place.broken)], [])
      }),
    slack
  )
})

/** Lines that read, write, start git, and have nothing to do. */
const commands = ["status", "task create SPEC-9 Another", "worker list", "review list SPEC-001", "counter set builds 4"]
const lineOf = (command: string, json: boolean) => [...(json ? ["--json"] : []), ...command.split(" ")]

describe("a variable", () => {
  it.scopedLive(
    "with a hostile value is refused or obeyed inside of its place",
    () =>
      Effect.gen(function* () {
        const place = yield* Place.make
        const variables = FastCheck.oneof(
          // A name below the canaries: where calm made a folder or a file of it, it would be seen.
          FastCheck.record({ CALM_HOME: hostile }),
          FastCheck.record({ CALM_DB_PATH: hostile.map((word) => `../canary/${word}`) }),
          FastCheck.record({ CALM_WORKER_ID: hostile }),
          FastCheck.record({ CALM_PROJECT: hostile }),
          FastCheck.record({ NO_COLOR: hostile, TERM: hostile, CALM_WORKER_ID: FastCheck.constant("w1") })
        )
        const { losses, slowest, tried } = yield* hunt(
          FastCheck.record({ command: FastCheck.constantFrom(...commands), variables, json: FastCheck.boolean() }),
          scaled(30, 1_000),
          ({ command, json, variables: given }) => place.calm(lineOf(command, json), { variables: given }),
          Effect.fnUntraced(function* (printed, { command, json }) {
            const faults = [...(yield* Judged.faultsOf(printed, lineOf(command, json))), ...(yield* place.touched)]
            yield* place.json(["task", "delete", "SPEC-9"])
            if (faults.length > 0) yield* place.renew
            return faults
          })
        )
        const note = `the slowest took ${slowest.millis} ms of the processor`
        report({ suite: "hostile", what: "variables", tried, losses: losses.length, note })
        assert.deepStrictEqual([...losses, ...(yield* place.broken)], [])
      }),
    slack
  )
})
