/** A role file: front matter between two lines `---`, if there is any, then the prompt. */
import { FrontMatter } from "@calm/domain/Role"
import { beginning, inQuotes } from "@calm/domain/Typed"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** What a role file says. */
export interface RoleText {
  /** `null` where there is none. */
  readonly frontMatter: FrontMatter | null
  readonly prompt: string
}

/** What `split` finds: the YAML, `null` without any, and what stands below it. */
interface Parts {
  readonly yaml: string | null
  readonly prompt: string
}

/** Takes a file apart; a text where that cannot be done: the fault. */
const split = (text: string): Parts | string => {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)
  const isFence = (line: string | undefined) => line !== undefined && /^---[ \t]*$/.test(line)
  if (!isFence(lines[0])) return { yaml: null, prompt: lines.join("\n").trim() }
  const end = lines.findIndex((line, at) => at > 0 && isFence(line))
  if (end < 0) return "it begins with ---, and no later line closes the front matter"
  return {
    yaml: lines.slice(1, end).join("\n"),
    prompt: lines
      .slice(end + 1)
      .join("\n")
      .trim()
  }
}

const schemaFault = (error: ParseResult.ParseError): string => {
  const issue = ParseResult.ArrayFormatter.formatErrorSync(error)[0]
  const said = (issue?.message ?? error.message).split("\n")[0] ?? ""
  if (issue === undefined || issue.path.length === 0) return said
  const key = issue.path.map(String).join(".")
  return said === "is missing" ? `the front matter has no ${key}` : `${key}: ${said}`
}

const saidBy = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown))

/** So many characters the front matter may have: the parser compares each key with all others, minutes long for a megabyte. */
const mostYaml = 20_000

/** The parser is loaded when there is something to parse: no other command pays for it. */
const parseYaml = (yaml: string): Effect.Effect<unknown, string> =>
  Effect.flatMap(
    Effect.promise(() => import("yaml")),
    ({ parseDocument }) =>
      Effect.gen(function* () {
        // What is nested thousands of levels deep exhausts its stack. Its warnings would go to stderr past everybody. Keys
        // that are no texts, it turns into some for hours, if there are a few hundred within each other.
        const document = yield* Effect.try({
          try: () => parseDocument(yaml, { prettyErrors: false, logLevel: "error", stringKeys: true }),
          catch: saidBy
        })
        const [error] = document.errors
        if (error !== undefined) {
          // The first line of the file is the fence.
          const line = yaml.slice(0, error.pos[0]).split("\n").length + 1
          return yield* Effect.fail(
            `line ${line}: ${error.code === "NON_STRING_KEY" ? "a key is no text" : error.message}`
          )
        }
        return yield* Effect.try({ try: (): unknown => document.toJS(), catch: saidBy })
      })
  )

/** Reads the text of a role file; fails with what is wrong with it. Keys of the front matter that calm has no use for are left alone. */
export const parse = Effect.fnUntraced(
  function* (text: string) {
    const parts = split(text)
    if (typeof parts === "string") return yield* Effect.fail(parts)
    const { prompt, yaml } = parts
    if (yaml === null) return { frontMatter: null, prompt } satisfies RoleText
    if (yaml.length > mostYaml) return yield* Effect.fail("its front matter has more than 20,000 characters")
    const value = yield* parseYaml(yaml)
    if (value === null || value === undefined) return yield* Effect.fail("its front matter is empty")
    if (typeof value !== "object")
      return yield* Effect.fail(`its front matter is ${inQuotes(String(value))}, and no keys with values`)
    const frontMatter = yield* Either.mapLeft(Schema.decodeUnknownEither(FrontMatter)(value), schemaFault)
    return { frontMatter, prompt } satisfies RoleText
    // The parser repeats what it does not understand, however long.
  },
  Effect.mapError((fault) => beginning(fault, 300))
)

const decoder = new TextDecoder("utf-8", { fatal: true })

/** The text of a file's bytes; fails with why it is none. */
export const decode = (bytes: Uint8Array): Either.Either<string, string> =>
  Either.flatMap(
    Either.try({ try: () => decoder.decode(bytes), catch: () => "it is not UTF-8" }),
    (text): Either.Either<string, string> =>
      text.includes("\u0000") ? Either.left("it is no text") : Either.right(text)
  )
