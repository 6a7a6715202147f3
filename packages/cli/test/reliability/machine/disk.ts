/**
 * Each operation on a disk that is full, up to so many KB, or that may only be read: what is lost of what was confirmed,
 * and what is unclear.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { root } from "../../../src/commands.ts"
import * as World from "../../fixtures/world.ts"
import { damaged, git, kept, stateOf, unsound } from "../support/checkout.ts"
import { sample } from "../support/scale.ts"
import { temporaryFilesIn } from "../support/temporary.ts"
import { unclear, unreadable } from "./answers.ts"
import * as Namespace from "./namespace.ts"
import { database, type Operation, operations, type Place, prepare, uncommittedIn } from "./operations.ts"
import { lostRows, rowsOf } from "./rows.ts"

/** Which disk it is, by the folders that lie on it. */
const disks: Readonly<Record<string, ReadonlyArray<"calm" | "repo" | "tmp">>> = {
  home: ["calm"],
  repository: ["repo"],
  both: ["calm", "repo"],
  "temporary files": ["tmp"]
}

/** What is left: KB, so that the end comes at different points of an operation. */
const rooms: ReadonlyArray<Namespace.Left> = ["no file", 0, 4, 12, 32, 64, 128, 256, null]

/** KB that are less than what SQLite itself writes beside a database before it can change it. */
const tooLittle = 32

/** The exit codes of who meets the end of a disk (the database, files, git), or may not write to it. */
const codesOf = (left: Namespace.Left) => (left === null ? [2, 4, 8] : [2, 8])

/** A case: `worktree create`, 4 KB left on the disk of `home`. */
const Case = Schema.Struct({
  operation: Schema.String,
  disk: Schema.String,
  left: Schema.NullOr(Schema.Union(Schema.Number, Schema.Literal("no file")))
})
type Case = typeof Case.Type
export const Wanted = Schema.Array(Case)
/** The same with what was found wrong, and whether it was refused since there was no room. */
export const Tried = Schema.Array(
  Schema.Struct({ ...Case.fields, faults: Schema.Array(Schema.String), refused: Schema.Boolean })
)

export const cases: ReadonlyArray<Case> = Object.keys(operations).flatMap((operation) =>
  Object.keys(disks).flatMap((disk) =>
    // An empty file takes some room on other disks, but not on those in memory.
    (disk === "temporary files" ? ["no file" as const] : rooms).map((left) => ({ operation, disk, left }))
  )
)

/** The folders of a disk that an operation needs room in. */
const needed = (operation: Operation | undefined, disk: string) =>
  (disks[disk] ?? []).filter((folder) => folder === "calm" || operation?.writes?.includes(folder) === true)

/** Cases in which nothing can be done: the disk that is written to may only be read, or has too little room. */
const hopeless = ({ disk, left, operation: name }: Case) => {
  const folders = needed(operations[name], disk)
  return typeof left === "number" && left > 0 ? left <= tooLittle && folders.includes("calm") : folders.length > 0
}

/**
 * A few of them: those of a sample, in which there is no room, so that each operation in it meets the end of a disk; the
 * one that needs temporary files; and one that is cut off later, or by a disk that may only be read.
 */
export const few: ReadonlyArray<Case> = [
  ...sample(
    cases.filter((one) => one.left !== null && hopeless(one)),
    6,
    ({ disk }) => disk === "temporary files"
  ),
  ...cases.filter(
    ({ disk, left, operation }) =>
      operation === "worktree remove" && disk === "repository" && (left === 12 || left === null)
  )
]

const has = (world: Place) => Fs.existsSync(database(world))

/** Everything that a user has, at one moment. */
const everything = (world: Place) => ({
  rows: has(world) ? rowsOf(database(world)) : new Map<string, string>(),
  contents: kept(world.repo),
  ...stateOf(world.repo)
})
type Everything = ReturnType<typeof everything>

/** What is gone, or is not as it was and should be. */
const lost = (world: Place, before: Everything, operation: Operation, name: string): ReadonlyArray<string> => {
  const { contents, files, index, rows } = everything(world)
  const moved = name === "worktree merge" && git(world.repo, "diff", "--cached") === ""
  return [
    ...Object.entries(before.files)
      .filter(([file, text]) => files[file] !== text)
      .map(([file]) => `the user's file ${file} has changed`),
    ...(index === before.index || moved ? [] : ["the user's index has changed"]),
    ...(name === "backup restore" ? [] : lostRows(before.rows, rows)),
    ...uncommittedIn(operation)
      .filter((text) => !contents.has(text))
      .map((text) => `lost: ${text}`),
    ...[unsound(world.repo), has(world) ? damaged(database(world)) : ""].filter((text) => text !== "")
  ]
}

const Doctored = Schema.Struct({
  checks: Schema.Array(Schema.Struct({ area: Schema.String, status: Schema.String, summary: Schema.String })),
  applied: Schema.Array(Schema.Struct({ what: Schema.String, done: Schema.Boolean }))
})

/** The disks that are filled are too small for the doctor's taste, and this machine's are not looked at. */
const ofMachine = ({ area, summary }: { readonly area: string; readonly summary: string }) =>
  area === "environment" && summary.includes("free at")

/** Mends, and says what stays wrong after that or is mended a second time. */
const mended = Effect.fnUntraced(function* (world: Place) {
  yield* world.line("doctor --fix")
  const { data, error } = yield* world.line("doctor --fix")
  if (!Schema.is(Doctored)(data)) return [`doctor --fix: ${error?.message}`]
  return [
    ...data.applied.map(({ what }) => `the doctor mends it twice: ${what}`),
    ...data.checks
      .filter((check) => check.status !== "ok" && !ofMachine(check))
      .map(({ summary }) => `the doctor finds after mending: ${summary}`)
  ]
})

/** What stays of a command that was cut off, beside what counts; of temporary files, all. */
const litter = ({ base, home }: Place) => [
  ...(Fs.existsSync(home)
    ? Fs.readdirSync(home, { recursive: true, encoding: "utf8" }).filter((name) => /\.part|\.draft/.test(name))
    : []),
  ...Fs.readdirSync(Path.join(base, "tmp"))
]

/** What is wrong after a command has met a full disk. */
const tried = Effect.fnUntraced(function* (world: Place, operation: Operation, one: Case) {
  const { disk, left, operation: name } = one
  const full = (disks[disk] ?? []).map((folder) => Path.join(world.base, folder))
  const before = everything(world)
  const words = operation.words.split(" ")
  const run = world.calm(words, { stdin: operation.stdin ?? "" })
  const codes = codesOf(left)
  const isDone = () => has(world) && operation.done(world, rowsOf(database(world)), before.rows)

  for (const each of full) Namespace.spoil(each, left)
  const first = yield* run
  const meanwhile = first.exitCode === 0 ? null : yield* world.calm(["status"])
  for (const each of full) Namespace.heal(each)

  const at = `${words.join(" ")}: `
  const told = operation.answers === true && /✗|^ {2}\? |not kept|error/m.test(first.stdout)
  const failed = told || first.exitCode !== 0
  const refused = failed && left !== null && /disk is full|no space left/i.test(first.stdout + first.stderr)
  // A check that could not be made must not have passed or failed.
  const unmade = refused && disk === "temporary files" && !codes.includes(first.exitCode)
  const inAnswer = [...unreadable(first), ...(unmade ? [`exit code ${first.exitCode}`] : [])]
  const faults = [
    ...(told ? inAnswer : first.exitCode === 0 ? [] : unclear(first, codes)).map((fault) => at + fault),
    ...(first.exitCode === 0 && !told && !isDone() ? [`${at}was said to be done`] : []),
    ...(meanwhile === null || meanwhile.exitCode === 0 || !has(world)
      ? []
      : unclear(meanwhile, codes).map((fault) => `status: ${fault}`)),
    ...((refused || (failed && !told)) && needed(operation, disk).length === 0
      ? [`${at}needs a disk that it does not write to`]
      : []),
    ...(hopeless(one) && !(left === null ? failed : refused) ? [`${at}was not refused for want of room`] : []),
    ...lost(world, before, operation, name)
  ]
  // The doctor or the same command completes what was cut off: which of them comes first must not matter.
  if (typeof left === "number" && left % 8 === 0 && before.rows.size > 0) faults.push(...(yield* mended(world)))
  if (!isDone()) {
    const again = yield* run
    if ((again.exitCode !== 0 && operation.answers !== true) || !isDone())
      faults.push(`${at}again: ${again.exitCode} ${again.stderr}`)
  }
  const status = yield* world.calm(["status"])
  if (status.exitCode !== 0) faults.push(`status at the end: ${status.stderr}`)
  faults.push(
    ...(yield* mended(world)),
    ...lost(world, before, operation, name),
    ...litter(world).map((file) => `left: ${file}`)
  )
  return { ...one, faults, refused }
})

const copy = (from: string, to: string) => {
  for (const name of Fs.readdirSync(to)) Fs.rmSync(Path.join(to, name), { recursive: true, force: true })
  ChildProcess.execFileSync("cp", ["-a", `${from}/.`, to])
}

/** Tries the cases of one operation, all on the same world; gives what is wrong in each. For a namespace. */
export const attempt = Effect.fnUntraced(function* (name: string, chosen: ReadonlyArray<Case>) {
  const operation = operations[name]
  if (operation === undefined) return yield* Effect.dieMessage(`there is no operation ${name}`)
  const folders = ["calm", "repo"] as const
  const saved = yield* World.folder
  const world = yield* World.of(root, (base) =>
    Effect.forEach([...folders, "tmp"], (folder) => Namespace.disk(Path.join(base, folder), 24)).pipe(
      Effect.zipRight(temporaryFilesIn(Path.join(base, "tmp")))
    )
  )
  yield* prepare(world, operation)
  for (const folder of folders) {
    Fs.mkdirSync(Path.join(saved, folder))
    copy(Path.join(world.base, folder), Path.join(saved, folder))
  }
  return yield* Effect.forEach(chosen, (one) =>
    Effect.gen(function* () {
      for (const folder of folders) copy(Path.join(saved, folder), Path.join(world.base, folder))
      return yield* tried(world, operation, one)
    })
  )
}, Effect.scoped)
