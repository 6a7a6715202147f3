/**
 * Objects and names of a repository, from one git that goes on answering (`git cat-file --batch-command`).
 *
 * It is started with the first question about a repository, and ended when nobody has asked for a while. What it says is
 * taken word for word: an answer that does not fit its question is a failure, never "there is no such", and after it
 * another git is asked. Git looks a ref up anew each time, so that what it says is how things are now.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { makeReader, type Named, type Question } from "./catFile.ts"
import type { Answering, Runner } from "./command.ts"
import { misunderstood } from "./decode.ts"
import type { GitError } from "./errors.ts"

/** Asks git about names in a repository or checkout; none where there is no such. Answers come in the order of questions. */
export type AskAll = (
  operation: string,
  repo: string,
  questions: ReadonlyArray<Question>
) => Effect.Effect<ReadonlyArray<Option.Option<Named>>, GitError>

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

/** A repository that is asked. */
interface Asked {
  readonly inTurn: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  readonly objects: ReturnType<typeof memory>
  /** The git that is asked, once there is one; it ends with its scope. */
  git: { readonly answering: Answering; readonly scope: Scope.CloseableScope } | undefined
  /** How many are asking it, or wait for their turn. */
  askers: number
  /** When the last one got its answer, in milliseconds. */
  at: number
}

/** How long a git that nobody asks is kept, at least; at most twice as long. */
const idleFor = Duration.seconds(5)

/** A git is kept by the time that passes, not by that of a test. */
const realClock = Clock.make()

export const makeAskAll = Effect.fnUntraced(function* ({ converse }: Runner) {
  const fs = yield* FileSystem.FileSystem
  const scope = yield* Effect.scope
  const all = new Map<string, Asked>()

  const end = (asked: Asked) =>
    Effect.suspend(() => {
      const { git } = asked
      asked.git = undefined
      return git === undefined ? Effect.void : Scope.close(git.scope, Exit.void)
    })

  let isWatched = false
  /** Ends what nobody has asked for a while, for as long as there is any. */
  const endIdle = Effect.gen(function* () {
    while (all.size > 0) {
      yield* realClock.sleep(idleFor)
      const since = realClock.unsafeCurrentTimeMillis() - Duration.toMillis(idleFor)
      for (const [key, asked] of all) {
        if (asked.askers > 0 || asked.at > since) continue
        all.delete(key)
        yield* end(asked)
      }
    }
    isWatched = false
  })

  const enter = Effect.fnUntraced(function* (key: string) {
    const inTurn = Effect.unsafeMakeSemaphore(1).withPermits(1)
    const asked = all.get(key) ?? { inTurn, objects: memory(), git: undefined, askers: 0, at: 0 }
    all.set(key, asked)
    asked.askers += 1
    if (isWatched) return asked
    isWatched = true
    yield* Effect.forkIn(Effect.interruptible(endIdle), scope)
    return asked
  })

  const leave = (asked: Asked) =>
    Effect.sync(() => {
      asked.askers -= 1
      asked.at = realClock.unsafeCurrentTimeMillis()
    })

  const started = (asked: Asked, operation: string, cwd: string) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        const answering = yield* restore(
          converse({ operation, cwd, args: ["cat-file", "--batch-command", "-z"] })
        ).pipe(
          Scope.extend(own),
          Effect.onError(() => Scope.close(own, Exit.void))
        )
        asked.git = { answering, scope: own }
        return asked.git
      })
    )

  /** Another folder that has come in the place of one is another repository. */
  const keyOf = (repo: string) =>
    fs.stat(`${repo}/.git`).pipe(
      Effect.orElse(() => fs.stat(repo)),
      Effect.map(({ birthtime, dev, ino }) => JSON.stringify([repo, dev, ino, birthtime])),
      // Git will tell what is wrong with it.
      Effect.orElseSucceed(() => repo)
    )

  const answered = Effect.fnUntraced(function* (
    asked: Asked,
    operation: string,
    repo: string,
    questions: ReadonlyArray<Question>
  ) {
    const answers = new Map(questions.map((question) => [question, asked.objects.recall(question)] as const))
    const unknown = questions.filter((question) => Option.isNone(answers.get(question) ?? Option.none()))
    if (unknown.length === 0) return answers
    const reader = makeReader(unknown)
    const text = unknown.map(({ name, want }) => `${want} ${name}\0`).join("")
    const ask = Effect.gen(function* () {
      const { answering } = asked.git ?? (yield* started(asked, operation, repo))
      yield* answering.ask(operation, text, reader.lengthOf)
      const strange = reader.strange()
      if (strange !== undefined) return yield* misunderstood(operation, strange)
    })
    yield* asked.inTurn(Effect.onError(ask, () => end(asked)))
    for (const [at, question] of unknown.entries()) {
      const answer = reader.found[at] ?? Option.none()
      asked.objects.remember(question, answer)
      answers.set(question, answer)
    }
    return answers
  })

  const askAll: AskAll = Effect.fnUntraced(function* (operation, repo, questions) {
    const wanted = questions.filter(({ name }) => !name.includes("\0"))
    if (wanted.length === 0) return questions.map(() => Option.none())
    const key = yield* keyOf(repo)
    const answers = yield* Effect.acquireUseRelease(
      enter(key),
      (asked) => answered(asked, operation, repo, wanted),
      leave
    )
    return questions.map((question) => answers.get(question) ?? Option.none())
  })

  return askAll
})
