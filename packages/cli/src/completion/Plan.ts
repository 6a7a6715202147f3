/** What every completion script is made of: the commands as data, without the words of any shell. */
import { common, logLevels, type OptionWord, rootOnly } from "../Globals.ts"
import type { Leaf } from "../Leaf.ts"
import type { Completes } from "../Parameter.ts"

/** All that completion has to know of the tree. */
export interface Source {
  readonly places: ReadonlyArray<Place>
  /** What `calm help` explains beside the commands. */
  readonly topics: ReadonlyArray<string>
}

/** A command or group with all that may follow it. */
export interface Place {
  readonly path: ReadonlyArray<string>
  readonly commands: ReadonlyArray<readonly [name: string, summary: string]>
  /** The command here: a leaf, or what a group does by itself. */
  readonly leaf: Leaf | undefined
}

/** A word with what it means. */
export type Word = readonly [word: string, about: string]

/**
 * What can stand somewhere: words with blanks between them, `@` and the kind of what is asked of calm, `@folder`,
 * `@command` (what follows the words typed so far after `calm help`), or nothing.
 */
export type Offer = string

/** What may follow the words that lead to a place: `" task create"`. */
export interface PlacePlan {
  readonly context: string
  readonly commands: ReadonlyArray<Word>
  /** With their dashes. */
  readonly options: ReadonlyArray<Word>
  readonly args: ReadonlyArray<Offer>
  /** Does the last argument take all words that are left? */
  readonly repeated: boolean
}

/** An option with a value: `" task create --type"`, or `" --project"` for one that every command knows. */
export interface ValuePlan {
  readonly option: string
  readonly everywhere: boolean
  readonly offer: Offer
}

export interface Plan {
  readonly places: ReadonlyArray<PlacePlan>
  readonly values: ReadonlyArray<ValuePlan>
}

const contextOf = (path: ReadonlyArray<string>): string => path.map((word) => ` ${word}`).join("")

const offerOf = (parameter: {
  readonly choices: ReadonlyArray<string>
  readonly completes?: Completes | undefined
}): Offer => (parameter.completes === undefined ? parameter.choices.join(" ") : `@${parameter.completes}`)

const commonOffers: Readonly<Record<string, Offer>> = { project: "@folder", "log-level": logLevels.join(" ") }

const optionWord = ({ description, name }: OptionWord): Word => [`--${name}`, description]

const placePlan = ({ commands, leaf, path }: Place): PlacePlan => ({
  context: contextOf(path),
  commands: path.length === 0 ? [...commands, help] : commands,
  options: [...(leaf?.options ?? []), ...common, ...(path.length === 0 ? rootOnly : [])].map(optionWord),
  args: (leaf?.args ?? []).map(offerOf),
  repeated: leaf?.args.at(-1)?.repeated === true
})

const help: Word = ["help", "Explain a command or a topic"]

/** `calm help` takes the words of every group, and at first a topic, too. */
const helpPlan = ({ places, topics }: Source): ReadonlyArray<PlacePlan> =>
  places
    .filter(({ commands }) => commands.length > 0)
    .map(({ commands, path }) => ({
      context: contextOf([help[0], ...path]),
      commands,
      options: common.map(optionWord),
      args: path.length === 0 ? [topics.join(" ")] : [],
      repeated: false
    }))

const valuePlans = ({ leaf, path }: Place): ReadonlyArray<ValuePlan> =>
  (leaf?.options ?? [])
    .filter(({ placeholder }) => placeholder !== undefined)
    .map((option) => ({
      option: `${contextOf(path)} --${option.name}`,
      everywhere: false,
      offer: offerOf(option)
    }))

/** The plan of a tree whose commands are loaded. */
export const make = (source: Source): Plan => ({
  places: [...source.places.map(placePlan), ...helpPlan(source)],
  values: [
    ...common
      .filter(({ placeholder }) => placeholder !== undefined)
      .map(({ name }) => ({ option: ` --${name}`, everywhere: true, offer: commonOffers[name] ?? "" })),
    ...source.places.flatMap(valuePlans)
  ]
})

/** The words that lead to the places, but for none. */
export const contexts = ({ places }: Plan): ReadonlyArray<string> =>
  places.map(({ context }) => context).filter((context) => context !== "")
