/** Command lines grown from the tree of commands: what it takes, mixed with what it does not. */
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { root } from "../../../src/commands.ts"
import { common, logLevels } from "../../../src/Globals.ts"
import type { Leaf } from "../../../src/Leaf.ts"
import type { Completes } from "../../../src/Parameter.ts"
import * as Tree from "../../../src/Tree.ts"
import * as Usage from "../../../src/Usage.ts"
import { hostile } from "./words.ts"

/** Words that mean something in the world that the lines are run in, by what completes a parameter. */
export type Known = Readonly<Partial<Record<Completes, ReadonlyArray<string>>>>

/** Good words of parameters that nothing completes, by their name. */
const free: Readonly<Record<string, ReadonlyArray<string>>> = {
  id: ["SPEC-100", "BUG-7"],
  "blocked-by": ["", "SPEC-001", "SPEC-001,BUG-001"],
  by: ["ann", "ben"],
  limit: ["1", "20"],
  since: ["2h", "2020-01-01", "2020-01-01T10:00Z"],
  "max-age": ["1w"],
  touches: ["", "src/**,*.md"],
  value: ["0", "7"],
  base: ["main"],
  fields: ["id", "name"],
  prefix: ["SPEC", "BUG"],
  project: ["."],
  "log-level": ["none", "error"]
}

interface Word {
  readonly name: string
  readonly choices?: ReadonlyArray<string> | undefined
  readonly completes?: Completes | undefined
}

const wordOf = ({ choices = [], completes, name }: Word, known: Known): FastCheck.Arbitrary<string> => {
  const good = [
    ...choices,
    ...((completes === undefined ? undefined : known[completes]) ?? free[name] ?? ["Some words"])
  ]
  return FastCheck.oneof(
    { weight: 3, arbitrary: FastCheck.constantFrom(...good) },
    { weight: 2, arbitrary: hostile },
    // One that is nearly right.
    {
      weight: 1,
      arbitrary: FastCheck.tuple(FastCheck.constantFrom(...good), hostile, FastCheck.boolean()).map(
        ([word, odd, before]) => (before ? odd + word : word + odd)
      )
    }
  )
}

/** `--name value`, `--name=value`, or cut off in one of the ways that people mistype it. */
const written = (name: string, value: string | undefined, how: number): ReadonlyArray<string> => {
  const word = `--${name}`
  if (how === 0) return [word.slice(0, -1), ...(value === undefined ? [] : [value])]
  if (how === 1) return [word]
  if (how === 2) return [word.slice(1), value ?? ""]
  if (value === undefined) return how === 3 ? [`${word}=`] : [word]
  return how < 8 ? [word, value] : [`${word}=${value}`]
}

const optionOf = (option: Word & { readonly placeholder: string | undefined }, known: Known) =>
  FastCheck.tuple(wordOf(option, known), FastCheck.integer({ min: 0, max: 20 })).map(([value, how]) =>
    written(option.name, option.placeholder === undefined ? undefined : value, how)
  )

/** Words put in, taken out and said twice, anywhere in a line. */
const disturbed = (line: ReadonlyArray<string>): FastCheck.Arbitrary<ReadonlyArray<string>> => {
  const at = FastCheck.nat(line.length)
  const put = FastCheck.tuple(at, FastCheck.oneof(FastCheck.constantFrom("--", "-", "", "help"), hostile))
  return FastCheck.oneof(
    { weight: 6, arbitrary: FastCheck.constant(line) },
    { weight: 2, arbitrary: put.map(([index, word]) => line.toSpliced(index, 0, word)) },
    { weight: 1, arbitrary: at.map((index) => line.toSpliced(index, 1)) },
    { weight: 1, arbitrary: at.map((index) => line.toSpliced(index, 0, ...line.slice(index, index + 2))) },
    { weight: 1, arbitrary: put.map(([index, word]) => line.toSpliced(index, 1, word)) }
  )
}

/** What everybody knows goes with every command; `--project` and `--log-level` have values of their own. */
const shared = common.map((option) => ({ ...option, choices: option.name === "log-level" ? logLevels : [] }))

/** Commands that start many programs, and so are tried more seldom. */
const slow = new Set(["worktree create", "worktree merge", "worktree health", "gate check", "session save", "doctor"])

const grown = (path: ReadonlyArray<string>, leaf: Leaf, known: Known): FastCheck.Arbitrary<ReadonlyArray<string>> => {
  const required = leaf.options.filter((option) => option.required).map((option) => optionOf(option, known))
  const optional = leaf.options.filter((option) => !option.required).map((option) => optionOf(option, known))
  return FastCheck.tuple(
    FastCheck.tuple(...leaf.args.map((argument) => FastCheck.option(wordOf(argument, known), { freq: 9 }))),
    FastCheck.tuple(...required),
    optional.length === 0 ? FastCheck.constant([]) : FastCheck.array(FastCheck.oneof(...optional), { maxLength: 3 }),
    FastCheck.array(FastCheck.oneof(...shared.map((option) => optionOf(option, known))), { maxLength: 1 }),
    FastCheck.boolean(),
    FastCheck.boolean()
  ).chain(([args, must, may, all, json, optionsFirst]) => {
    const words = args.flatMap((word) => (word === null ? [] : [word]))
    const options = [...must, ...may, ...all].flat()
    return disturbed([
      ...(json ? ["--json"] : []),
      ...path,
      ...(optionsFirst ? [...options, ...words] : [...words, ...options])
    ])
  })
}

/** Every command of the tree with its leaf. */
const commands = Effect.forEach(Tree.entries(root), ({ entry, path }) =>
  Effect.map(Usage.load(entry), (leaf) => ({ path, leaf }))
)

/** Command lines of every command; `demo`, which takes ten seconds and no word of anybody's, is left to its own test. */
export const lines = (known: Known) =>
  Effect.map(commands, (all) =>
    FastCheck.oneof(
      ...all
        .filter(({ path }) => path.join(" ") !== "demo")
        .map(({ leaf, path }) => ({
          weight: slow.has(path.join(" ")) ? 1 : 4,
          arbitrary: grown(path, leaf, known)
        })),
      { weight: 12, arbitrary: FastCheck.array(hostile, { maxLength: 5 }) }
    )
  )
