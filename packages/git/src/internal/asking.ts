/**
 * Objects and names of a repository, from one git that goes on answering (`git cat-file --batch-command`).
 *
 * It is started with the first question about a repository, and ended when nobody has asked for a while. What it says is
 * taken word for word: an answer that does not fit its question is a failure, never "there is no such", and after it
 * another git is asked. Git looks a ref up anew each time, so that what it says is how things are now.
 */
import type { Sha } from "@calm/domain/Ids"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import * as ScopedRef from "effect/ScopedRef"
import type { Answering, Runner } from "./command.ts"
import { misunderstood, shaOption } from "./decode.ts"
import type { GitError } from "./errors.ts"
import { joined, text } from "./text.ts"

/** What a name stands for. */
export interface Named {
  readonly object: Sha
  readonly type: "blob" | "tree" | "commit" | "tag"
  /** Its bytes; empty where only its type was asked for. */
  readonly content: Uint8Array
}

/** `info`: what it is; `contents`: its bytes, too. The name is any that git knows: `HEAD^{commit}`, `main:docs/a.md`. */
export interface Question {
  readonly want: "info" | "contents"
  readonly name: string
}

/** Asks git about names in a repository or checkout; none where there is no such. Answers come in the order of questions. */
export type AskAll = (
  operation: string,
  repo: string,
  questions: ReadonlyArray<Question>
) => Effect.Effect<ReadonlyArray<Option.Option<Named>>, GitError>

const NEWLINE = 10

const isType = (type: string): type is Named["type"] => /^(?:blob|tree|commit|tag)$/.test(type)

/** A line that tells what follows it; longer than that is none. */
const longestHeader = 256

const beginsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  Buffer.compare(bytes.subarray(0, start.length), start.subarray(0, bytes.length)) === 0

/** Reads answers as they come in. */
const makeReader = (questions: ReadonlyArray<Question>) => {
  const found: Array<Option.Option<Named>> = []
  let at = 0
  let strange: string | undefined

  /** The answer that begins where the last one ended: how long it is; none while it is not whole. */
  const next = ({ name, want }: Question, said: Uint8Array): Option.Option<number> => {
    // A name may hold a line break, and git repeats it.
    const missing = joined([`${name} missing\n`])
    if (beginsWith(said, missing)) {
      if (said.length < missing.length) return Option.none()
      found.push(Option.none())
      return Option.some(missing.length)
    }
    const end = said.indexOf(NEWLINE)
    const header = text(said.subarray(0, end === -1 ? longestHeader : end))
    if (end === -1 && said.length < longestHeader) return Option.none()
    // A short name of several objects; a submodule, whose commits are elsewhere.
    if (header === `${name} ambiguous` || header.endsWith(" submodule")) {
      found.push(Option.none())
      return Option.some(end + 1)
    }
    const [, object = "", type = "", length = ""] = /^([0-9a-f]+) ([a-z]+) (\d{1,15})$/.exec(header) ?? []
    const known = shaOption(object)
    const from = end + 1
    const to = want === "info" ? from : from + Number(length) + 1
    if (Option.isNone(known) || !isType(type) || (Option.isSome(shaOption(name)) && name !== object)) {
      strange = header
      return Option.none()
    }
    if (said.length < to) return Option.none()
    if (want === "contents" && said[to - 1] !== NEWLINE) {
      strange = header
      return Option.none()
    }
    const content = want === "info" ? new Uint8Array() : said.slice(from, to - 1)
    found.push(Option.some({ object: known.value, type, content }))
    return Option.some(to)
  }

  return {
    found,
    /** What was said and is no answer. */
    strange: () => strange,
    lengthOf: (said: Uint8Array): number | undefined => {
      for (let question = questions[found.length]; question !== undefined; question = questions[found.length]) {
        const length = next(question, said.subarray(at))
        if (strange !== undefined) return said.length
        if (Option.isNone(length)) return undefined
        at += length.value
      }
      return at
    }
  }
}

/** Of objects at most so many bytes are remembered for each repository. */
const mostRemembered = 8 * 1024 ** 2

/** Begins with the whole id of an object: what it is, and what is found from there, is always the same. */
const isLasting = (name: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?:$|[:^~])/.test(name)

/** What was said of names that last: commands ask for the same few commits and folders again and again. */
const memory = () => {
  const said = new Map<string, Named>()
  let size = 0
  const keyOf = ({ name, want }: Question) => `${want} ${name}`
  return {
    recall: (question: Question): Option.Option<Named> => Option.fromNullable(said.get(keyOf(question))),
    remember: (question: Question, answer: Option.Option<Named>): void => {
      if (Option.isNone(answer) || !isLasting(question.name)) return
      size += answer.value.content.length
      if (size > mostRemembered) said.clear()
      if (said.size === 0) size = answer.value.content.length
      if (size <= mostRemembered) said.set(keyOf(question), answer.value)
    }
  }
}

/** How long a git that nobody asks is kept. */
const idleTimeToLive = "5 seconds"

/** A git is kept by the time that passes, not by that of a test. */
const inRealTime = Effect.withClock(Clock.make())

export const makeAskAll = Effect.fnUntraced(function* ({ converse }: Runner) {
  const fs = yield* FileSystem.FileSystem

  /** One for each repository: the git that is asked, once there is one. */
  const answering = yield* RcMap.make({
    lookup: (_: string) =>
      Effect.all({
        inTurn: Effect.map(Effect.makeSemaphore(1), (turn) => turn.withPermits(1)),
        git: ScopedRef.make(() => Option.none<Answering>()),
        objects: Effect.sync(memory)
      }),
    idleTimeToLive
  })

  /** Another folder that has come in the place of one is another repository. */
  const keyOf = (repo: string) =>
    fs.stat(`${repo}/.git`).pipe(
      Effect.orElse(() => fs.stat(repo)),
      Effect.map(({ birthtime, dev, ino }) => JSON.stringify([repo, dev, ino, birthtime])),
      // Git will tell what is wrong with it.
      Effect.orElseSucceed(() => repo)
    )

  const askAll: AskAll = Effect.fnUntraced(function* (operation, repo, questions) {
    const wanted = questions.filter(({ name }) => !name.includes("\0"))
    if (wanted.length === 0) return questions.map(() => Option.none())
    const key = yield* keyOf(repo)
    const found = yield* Effect.acquireUseRelease(
      Scope.make(),
      Effect.fnUntraced(function* (scope) {
        const { git, inTurn, objects } = yield* RcMap.get(answering, key).pipe(Scope.extend(scope), inRealTime)
        const answers = new Map(wanted.map((question) => [question, objects.recall(question)] as const))
        const unknown = wanted.filter((question) => Option.isNone(answers.get(question) ?? Option.none()))
        const reader = makeReader(unknown)
        const ask = Effect.gen(function* () {
          if (Option.isNone(yield* ScopedRef.get(git)))
            yield* ScopedRef.set(
              git,
              Effect.asSome(converse({ operation, cwd: repo, args: ["cat-file", "--batch-command", "-z"] }))
            )
          const conversation = Option.getOrThrow(yield* ScopedRef.get(git))
          const text = unknown.map(({ name, want }) => `${want} ${name}\0`).join("")
          yield* conversation.ask(operation, text, reader.lengthOf)
          const strange = reader.strange()
          if (strange !== undefined) return yield* misunderstood(operation, strange)
        }).pipe(
          Effect.onExit((exit) => (Exit.isFailure(exit) ? ScopedRef.set(git, Effect.succeedNone) : Effect.void)),
          inTurn
        )
        if (unknown.length > 0) yield* ask
        for (const [at, question] of unknown.entries()) {
          const answer = reader.found[at] ?? Option.none()
          objects.remember(question, answer)
          answers.set(question, answer)
        }
        return answers
      }),
      (scope, exit) => inRealTime(Scope.close(scope, exit))
    )
    return questions.map((question) => found.get(question) ?? Option.none())
  })

  return askAll
})
