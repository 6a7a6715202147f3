/**
 * Reads a command line: which command it means, and which word is an option, a value or an argument.
 *
 * The rules
 * - Options stand anywhere, before or after the command and its arguments; those of all commands before it, too.
 * - `--name value` and `--name=value` are the same. A value that begins with a dash needs the second form; a lone `-`
 *   and negative numbers are values in either.
 * - After `--` every word is an argument (or the name of a command, where none was named yet).
 * - Names are case-sensitive and never abbreviated. An option with a value stands once; a flag may be repeated.
 * - `--help` and `-h` win over everything but an unknown command; `calm help task` is `calm task --help`.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { beforeTerminator, common, logLevels, type OptionWord, rootOnly } from "./Globals.ts"
import type { Leaf } from "./Leaf.ts"
import { nearest } from "@calm/domain/Nearest"
import type { Argument, Option } from "./Parameter.ts"
import * as Tree from "./Tree.ts"
import * as Errors from "./UsageError.ts"

/** The words of a command line, sorted. */
export interface Given {
  readonly path: ReadonlyArray<string>
  readonly words: ReadonlyArray<string>
  /** Values by name; `true` for a flag. */
  readonly options: ReadonlyMap<string, string | true>
}

/** What the options of all commands say to the command. */
export interface Common {
  readonly project: string | undefined
}

/** What a command line asks for. */
export type Request =
  | { readonly _tag: "Version" }
  | { readonly _tag: "Topic"; readonly topic: Tree.Topic }
  | { readonly _tag: "Help"; readonly path: ReadonlyArray<string>; readonly node: Tree.Node }
  | { readonly _tag: "Run"; readonly leaf: Leaf; readonly given: Given; readonly common: Common }

/** Looks like an option: begins with a dash, and is neither a lone dash nor a negative number. */
const isOption = (word: string): boolean => word.startsWith("-") && word !== "-" && !/^-\.?\d/.test(word)

const isHelp = (word: string): boolean => word === "--help" || word === "-h"

const splitOption = (word: string): readonly [name: string, value: string | undefined] => {
  const equals = word.indexOf("=")
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}

/** Where the words of a command line have led so far. */
interface Place {
  readonly path: ReadonlyArray<string>
  readonly node: Tree.Node
}

/** The command of an entry. That its module cannot be loaded would be a fault of ours. */
export const load = (entry: Tree.Entry): Effect.Effect<Leaf> =>
  Effect.promise(entry.load).pipe(Effect.map((module) => module.leaf))

const step = (root: Tree.Group, place: Place, word: string): Effect.Effect<Place, Errors.UsageError> => {
  if (place.node._tag === "Entry") return Effect.succeed(place)
  const found = Tree.child(place.node, word)
  if (found !== undefined) return Effect.succeed({ path: [...place.path, word], node: found })
  return new Errors.UnknownCommand({ word, nearest: nearestCommand(root, place, word), path: place.path })
}

/** A command beside the wrong one, else one of that very name anywhere (`calm create` → `task create`). */
const nearestCommand = (root: Tree.Group, place: Place, word: string): string | null => {
  if (place.node._tag === "Entry") return null
  if (place.path.length > 0) return nearest(word, Tree.names(place.node))
  const options = [...common, ...rootOnly].map(({ name }) => `--${name}`)
  const beside = nearest(word, [...Tree.names(place.node), ...options])
  if (beside !== null) return beside
  return (
    Tree.entries(root)
      .find(({ path }) => path.at(-1) === word)
      ?.path.join(" ") ?? null
  )
}

/** Where the first word is that is neither an option nor the value of one; -1 without one. */
const firstWord = (argv: ReadonlyArray<string>): number => {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ""
    if (!isOption(word)) return index
    if (takesNext(argv, index)) index += 1
  }
  return -1
}

/** Is this word an option of all commands, with its value in the next word? */
const takesNext = (argv: ReadonlyArray<string>, index: number): boolean =>
  (argv[index] === "--project" || argv[index] === "--log-level") && !isOption(argv[index + 1] ?? "-")

/** Is the command `help`? Then what follows is a command or a topic. */
const asksHelp = (root: Tree.Group, argv: ReadonlyArray<string>): boolean =>
  argv[firstWord(argv)] === "help" && Tree.child(root, "help") === undefined

const topicOf = (root: Tree.Group, word: string): Effect.Effect<Tree.Topic, Errors.UnknownTopic> => {
  const found = Object.hasOwn(root.topics, word) ? root.topics[word] : undefined
  if (found !== undefined) return Effect.succeed(found)
  const topics = Object.keys(root.topics)
  return new Errors.UnknownTopic({ word, topics, nearest: nearest(word, [...topics, ...Tree.names(root)]) })
}

/** Where a request for help points, whatever else is wrong with the line. */
const help = Effect.fnUntraced(function* (root: Tree.Group, argv: ReadonlyArray<string>) {
  let place: Place = { path: [], node: root }
  const asked = asksHelp(root, argv)
  const words = asked ? argv.filter((_, index) => index !== firstWord(argv)) : argv
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ""
    if (word === "--") break
    if (!isOption(word)) {
      const first = asked && place.path.length === 0 && Tree.child(root, word) === undefined
      if (first) return { _tag: "Topic" as const, topic: yield* topicOf(root, word) }
      place = yield* step(root, place, word)
    } else if (takesNext(words, index)) index += 1
  }
  return { _tag: "Help" as const, ...place }
})

/** The command that a group itself is, where that takes arguments and the word is none of the group's commands. */
const selfTaking = Effect.fnUntraced(function* ({ node }: Place, word: string) {
  if (node._tag === "Entry" || node.self === undefined || Tree.child(node, word) !== undefined) return undefined
  return (yield* load(node.self)).args.length > 0 ? node.self : undefined
})

/** Understands a command line against the tree. Loads the command that is meant, and no other. */
export const parse: (root: Tree.Group, argv: ReadonlyArray<string>) => Effect.Effect<Request, Errors.UsageError> =
  Effect.fnUntraced(function* (root, argv) {
    if (beforeTerminator(argv).some(isHelp) || asksHelp(root, argv)) {
      return yield* help(root, argv)
    }

    let place: Place = { path: [], node: root }
    let leaf: Leaf | undefined
    let known: ReadonlyArray<OptionWord> = [...common, ...rootOnly]
    let terminated = false
    const words: Array<string> = []
    const options = new Map<string, string | true>()

    const enter = Effect.fnUntraced(function* (entry: Tree.Entry) {
      const loaded = yield* load(entry)
      leaf = loaded
      known = [...loaded.options, ...common]
      return loaded
    })

    for (let index = 0; index < argv.length; index++) {
      const word = argv[index] ?? ""
      if (word === "--" && !terminated) {
        terminated = true
        continue
      }
      if (terminated || !isOption(word)) {
        const self = leaf === undefined ? yield* selfTaking(place, word) : undefined
        if (self !== undefined) yield* enter(self)
        if (leaf === undefined) {
          place = yield* step(root, place, word)
          known = common
          if (place.node._tag === "Entry") yield* enter(place.node)
        } else words.push(word)
        continue
      }

      const [typed, attached] = splitOption(word)
      const name = typed.startsWith("--") ? typed.slice(2) : undefined
      // An option that the group does not know can only be one of the command that the group itself is.
      if (leaf === undefined && place.node._tag === "Group" && place.node.self !== undefined) {
        if (!known.some((option) => option.name === name)) yield* enter(place.node.self)
      }
      const option = known.find((candidate) => candidate.name === name)
      if (option === undefined) {
        const candidates = known.map((candidate) => `--${candidate.name}`)
        return yield* new Errors.UnknownOption({ word: typed, nearest: nearest(typed, candidates), path: place.path })
      }
      if (option.placeholder === undefined) {
        if (attached !== undefined) return yield* new Errors.UnexpectedOptionValue({ option: typed, path: place.path })
        options.set(option.name, true)
        continue
      }
      const next = argv[index + 1]
      const value = attached ?? (next === undefined || isOption(next) ? undefined : next)
      if (value === undefined) {
        return yield* new Errors.MissingOptionValue({
          option: typed,
          placeholder: option.placeholder,
          path: place.path
        })
      }
      if (attached === undefined) index++
      if (options.has(option.name)) return yield* new Errors.RepeatedOption({ option: typed, path: place.path })
      options.set(option.name, value)
    }

    if (options.has("version") && leaf === undefined) return { _tag: "Version" }
    if (leaf === undefined && place.node._tag === "Group") {
      if (place.node.self !== undefined) leaf = yield* enter(place.node.self)
      else if (place.path.length === 0) return { _tag: "Help", ...place }
      else return yield* new Errors.MissingCommand({ commands: Tree.names(place.node), path: place.path })
    }
    if (leaf === undefined) return { _tag: "Help", ...place }

    const { path } = place
    const given: Given = { path, words, options }
    yield* checkCount(leaf, given)
    return { _tag: "Run", leaf, given, common: yield* commonOf(given) }
  })

/** Too many words, or too few? */
const checkCount = Effect.fnUntraced(function* (leaf: Leaf, { options, path, words }: Given) {
  const surplus = leaf.args.some((argument) => argument.repeated) ? undefined : words[leaf.args.length]
  if (surplus !== undefined) {
    const candidates = leaf.options.map((option) => `--${option.name}`)
    return yield* new Errors.SurplusArgument({ word: surplus, nearest: nearest(surplus, candidates), path })
  }
  const missing = leaf.args.find((argument, index) => argument.required && index >= words.length)
  if (missing !== undefined) return yield* new Errors.MissingArgument({ argument: missing.name, path })
  for (const { name, placeholder, required } of leaf.options) {
    if (required && placeholder !== undefined && !options.has(name)) {
      return yield* new Errors.MissingOption({ option: `--${name}`, placeholder, path })
    }
  }
})

const commonOf = Effect.fnUntraced(function* ({ options, path }: Given) {
  const text = (name: string): string | undefined => {
    const value = options.get(name)
    return value === true ? undefined : value
  }
  const project = text("project")
  if (project === "") {
    return yield* invalid("--project", project, "it is empty", [], path)
  }
  const level = text("log-level")
  if (level !== undefined && !logLevels.some((name) => name === level)) {
    return yield* invalid("--log-level", level, `it is one of ${logLevels.join(", ")}`, logLevels, path)
  }
  return { project }
})

const invalid = (
  parameter: string,
  value: string,
  reason: string,
  choices: ReadonlyArray<string>,
  path: ReadonlyArray<string>
): Errors.InvalidValue => new Errors.InvalidValue({ parameter, value, reason, nearest: nearest(value, choices), path })

/** Decodes each parameter from its own words alone. The words are known to be neither too many nor too few. */
export const values = (
  { options: given, path, words }: Given,
  args: Readonly<Record<string, Argument<unknown>>>,
  options: Readonly<Record<string, Option<unknown>>>
): Either.Either<Readonly<Record<string, unknown>>, Errors.InvalidValue> => {
  const found: Record<string, unknown> = {}
  const refused = (parameter: string, value: string, reason: string, choices: ReadonlyArray<string>) =>
    Either.left(invalid(parameter, value, reason, choices, path))
  let place = 0
  for (const [key, argument] of Object.entries(args)) {
    const own = argument.repeated ? words.slice(place) : words.slice(place, place + 1)
    place += own.length
    const value = argument.read(own)
    if (Either.isLeft(value)) return refused(`<${argument.name}>`, own.join(" "), value.left, argument.choices)
    found[key] = value.right
  }
  for (const [key, option] of Object.entries(options)) {
    const word = given.get(option.name)
    const value = option.read(word)
    if (Either.isLeft(value))
      return refused(`--${option.name}`, word === true ? "" : (word ?? ""), value.left, option.choices)
    found[key] = value.right
  }
  return Either.right(found)
}
