/** Whatever lies in the files that calm reads, it is understood or refused with the place that is wrong, and changes nothing else. */
import { Configuration } from "@calm/core/Configuration"
import { Contexts } from "@calm/core/Contexts"
import { Gates } from "@calm/core/Gates"
import { Home } from "@calm/core/Home"
import * as HomeFile from "@calm/core/HomeFile"
import { Roles } from "@calm/core/Roles"
import { Sessions } from "@calm/core/Sessions"
import { Transitions } from "@calm/core/Transitions"
import * as CalmTest from "@calm/testing/CalmTest"
import { Git } from "@calm/git/Git"
import * as World from "@calm/testing/World"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import { report } from "../support/report.ts"
import { scaled } from "../support/scale.ts"
import * as Documents from "./documents.ts"
import { type Hunted, hunt } from "./hunt.ts"
import * as Judged from "./judged.ts"
import { hostile } from "./words.ts"

const slack = 1_200_000

/** Writes the bytes to a file of the main checkout and commits them there. */
const committed = Effect.fnUntraced(function* (file: string, content: Uint8Array) {
  const files = yield* FileSystem.FileSystem
  yield* files.makeDirectory(`${CalmTest.repo}/.calm`, { recursive: true })
  yield* files.makeDirectory(`${CalmTest.repo}/.claude`, { recursive: true })
  for (const name of [".calm/project.json", ".calm/gates.json", ".claude/project.json"])
    yield* files.remove(`${CalmTest.repo}/${name}`, { force: true })
  yield* files.writeFile(`${CalmTest.repo}/${file}`, content)
  const git = yield* Git
  yield* git.commit({ checkout: CalmTest.repo, message: "Work", include: "all" })
})

/** What libraries say to nobody in particular, which Node prints on stderr. */
const warnings = Effect.acquireRelease(
  Effect.sync(() => {
    const said: Array<string> = []
    const note = (warning: Error) => void said.push(`on stderr: ${warning.message}`)
    process.on("warning", note)
    return { said, note }
  }),
  ({ note }) => Effect.sync(() => void process.off("warning", note))
)

/** What is wrong with how a reading comes out. */
const faultsOf = <A, E, R>(reading: Effect.Effect<A, E, R>) => Effect.flatMap(Effect.exit(reading), Judged.faultsOfExit)

/** What reads each kind of file, and judges what comes of it. */
const readers = Effect.gen(function* () {
  const configuration = yield* Configuration
  const contexts = yield* Contexts
  const files = yield* FileSystem.FileSystem
  const gates = yield* Gates
  const home = yield* Home
  const roles = yield* Roles
  const transitions = yield* Transitions
  yield* files.makeDirectory(home.roles, { recursive: true })
  yield* World.planned("feature", "SPEC-001")

  const onBase = (file: string) => (content: Uint8Array) =>
    Effect.gen(function* () {
      yield* committed(file, content)
      yield* configuration.settings
      yield* gates.list(null)
      yield* Effect.either(transitions.transition("SPEC-001", { to: "DESIGN" }))
    }).pipe(faultsOf)
  const fileAt =
    <A, E, R>(path: string, read: Effect.Effect<A, E, R>) =>
    (content: Uint8Array) =>
      faultsOf(Effect.zipRight(files.writeFile(path, content), read))
  return {
    ".calm/project.json": { text: Documents.json, read: onBase(".calm/project.json") },
    ".calm/gates.json": { text: Documents.json, read: onBase(".calm/gates.json") },
    ".claude/project.json": { text: Documents.json, read: onBase(".claude/project.json") },
    "config.json": { text: Documents.json, read: fileAt(`${home.path}/config.json`, HomeFile.read(home.path)) },
    "a role": {
      text: Documents.role,
      read: fileAt(
        `${home.roles}/backend.md`,
        Effect.zipRight(roles.prompt("backend"), contexts.of("SPEC-001", "backend"))
      )
    },
    "the part of all roles": { text: Documents.role, read: fileAt(`${home.roles}/_base.md`, roles.base) }
  }
})

/** So many documents are read in one world: each is committed, and the history is walked again for each that follows. */
const many = 400

/** A world of its own, and what is wrong with how a document is read there. */
const fresh = Effect.gen(function* () {
  const context = yield* Layer.build(CalmTest.layer)
  const byName = new Map(Object.entries(yield* Effect.provide(readers, context)))
  return {
    namesOf: (text: FastCheck.Arbitrary<string>) =>
      [...byName].flatMap(([name, kind]) => (kind.text === text ? [name] : [])),
    read: Effect.fnUntraced(function* (call: string, content: Uint8Array) {
      return yield* byName.get(call)?.read(content) ?? Effect.succeed([`nothing reads ${call}`])
    }, Effect.provide(context))
  }
})

const told = (what: string, { losses, slowest, tried }: Hunted) => {
  report({
    suite: "hostile",
    what,
    tried,
    losses: losses.length,
    note: `the slowest took ${slowest.millis} ms of the processor`
  })
  assert.deepStrictEqual(losses, [])
}

describe("a file", () => {
  it.scopedLive(
    "of configuration or of a role is understood or refused, whatever is in it",
    () =>
      Effect.gen(function* () {
        const { said } = yield* warnings
        let world = yield* fresh
        let count = 0
        const huntFor = (text: FastCheck.Arbitrary<string>, numRuns: number) =>
          hunt(
            FastCheck.record({
              call: FastCheck.constantFrom(...world.namesOf(text)),
              content: Documents.bytes(text)
            }).map((each) => ({ ...each, shown: new TextDecoder().decode(each.content.slice(0, 300)) })),
            numRuns,
            ({ call, content }) => world.read(call, content),
            Effect.fnUntraced(function* (faults) {
              count += 1
              if (count % many === 0) world = yield* fresh
              return [...faults, ...said.splice(0)]
            })
          )
        const documents = yield* huntFor(Documents.json, scaled(270, 8_000))
        const ofRoles = yield* huntFor(Documents.role, scaled(130, 4_000))
        told("JSON documents", documents)
        told("files of roles", ofRoles)
      }),
    slack
  )
})

describe("a hand-over", () => {
  it.scopedLive(
    "that is taken in comes out as it was",
    () =>
      Effect.gen(function* () {
        const sessions = yield* Sessions
        const hunted = yield* hunt(
          FastCheck.oneof(hostile, Documents.role, Documents.json),
          scaled(150, 1_500),
          (handoff) => Effect.exit(Effect.flatMap(sessions.save(handoff), ({ session }) => sessions.get(session.id))),
          Effect.fnUntraced(function* (exit, handoff) {
            const same = exit._tag === "Failure" || exit.value.handoff === handoff
            return [...(yield* Judged.faultsOfExit(exit)), ...(same ? [] : ["it is not what was saved"])]
          })
        )
        told("hand-overs", hunted)
      }).pipe(Effect.provide(CalmTest.layer)),
    slack
  )
})
