/** What can be wrong with a command line. Each names the word, the valid word nearest to it, and the help to read. */
import { TaggedError } from "@calm/domain/TaggedError"
import { Typed } from "@calm/domain/Typed"
import * as Schema from "effect/Schema"
import * as Style from "./Style.ts"

/** The command as it was typed so far: `["task", "create"]`. */
const path = Schema.Array(Schema.String)

const commandOf = (words: ReadonlyArray<string>): string => ["calm", ...words].join(" ")
const helpOf = (words: ReadonlyArray<string>): string => `${commandOf(words)} --help`
const meant = (nearest: string | null): string => (nearest === null ? "" : `; did you mean ${Style.quoted(nearest)}?`)

/** There is no such command or group. */
export class UnknownCommand extends TaggedError<UnknownCommand>()("UnknownCommand", {
  word: Typed,
  nearest: Schema.NullOr(Schema.String),
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${commandOf(this.path)} has no command ${Style.quoted(this.word)}${meant(this.nearest)}`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** Help was asked for on something that is neither a command nor a topic. */
export class UnknownTopic extends TaggedError<UnknownTopic>()("UnknownTopic", {
  word: Typed,
  topics: Schema.Array(Schema.String),
  nearest: Schema.NullOr(Schema.String)
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    const topics = this.topics.length === 0 ? "" : `; the topics are ${this.topics.join(", ")}`
    return `calm help knows no command and no topic ${Style.quoted(this.word)}${topics}${meant(this.nearest)}`
  }
  get hint() {
    return "calm help"
  }
}

/** A group was named without one of its commands. */
export class MissingCommand extends TaggedError<MissingCommand>()("MissingCommand", {
  commands: Schema.Array(Schema.String),
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${commandOf(this.path)} needs a command: ${this.commands.join(", ")}`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** The command does not know this option. */
export class UnknownOption extends TaggedError<UnknownOption>()("UnknownOption", {
  word: Typed,
  nearest: Schema.NullOr(Schema.String),
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    const single = this.word.startsWith("--") ? "" : "; an argument that begins with a dash stands after --"
    return `${commandOf(this.path)} has no option ${Style.quoted(this.word)}${meant(this.nearest)}${single}`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** The option stands there without its value. */
export class MissingOptionValue extends TaggedError<MissingOptionValue>()("MissingOptionValue", {
  option: Schema.String,
  placeholder: Schema.String,
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.option} needs a value; one that begins with a dash is written ${this.option}=<${this.placeholder}>`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** The option is a flag, but was given a value. */
export class UnexpectedOptionValue extends TaggedError<UnexpectedOptionValue>()("UnexpectedOptionValue", {
  option: Schema.String,
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.option} takes no value`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** The option has two values: which one is meant? */
export class RepeatedOption extends TaggedError<RepeatedOption>()("RepeatedOption", {
  option: Schema.String,
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.option} is given twice`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** The option must be given. */
export class MissingOption extends TaggedError<MissingOption>()("MissingOption", {
  option: Schema.String,
  placeholder: Schema.String,
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${commandOf(this.path)} needs ${this.option} <${this.placeholder}>`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** One word more than the command takes. */
export class SurplusArgument extends TaggedError<SurplusArgument>()("SurplusArgument", {
  word: Typed,
  nearest: Schema.NullOr(Schema.String),
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${commandOf(this.path)} does not take the argument ${Style.quoted(this.word)}${meant(this.nearest)}`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** One word less than the command needs. */
export class MissingArgument extends TaggedError<MissingArgument>()("MissingArgument", {
  argument: Schema.String,
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${commandOf(this.path)} needs <${this.argument}>`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** A value that the argument or option cannot have. */
export class InvalidValue extends TaggedError<InvalidValue>()("InvalidValue", {
  /** As in help: `<id>` or `--limit`. */
  parameter: Schema.String,
  value: Typed,
  reason: Schema.String,
  nearest: Schema.NullOr(Schema.String),
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${Style.quoted(this.value)} is no value for ${this.parameter}: ${this.reason}${meant(this.nearest)}`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** A command that changes something was not told what. */
export class NothingToChange extends TaggedError<NothingToChange>()("NothingToChange", { path }) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${commandOf(this.path)} was not told what to change`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** An option that means something only beside another one. */
export class OptionNeedsOption extends TaggedError<OptionNeedsOption>()("OptionNeedsOption", {
  option: Schema.String,
  needs: Schema.String,
  path
}) {
  get category() {
    return "validation" as const
  }
  override get message() {
    return `${this.option} needs ${this.needs} beside it`
  }
  get hint() {
    return helpOf(this.path)
  }
}

/** What the reading of a command line may fail with. */
export type UsageError =
  | UnknownCommand
  | UnknownTopic
  | MissingCommand
  | UnknownOption
  | MissingOptionValue
  | UnexpectedOptionValue
  | RepeatedOption
  | MissingOption
  | SurplusArgument
  | MissingArgument
  | InvalidValue
