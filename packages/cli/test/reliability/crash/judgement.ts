/** What must hold in a world in which calm was killed: at once, and after it was put right. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { damaged, filesOf, kept, unsound } from "../support/checkout.ts"
import type { Case } from "./cases.ts"
import * as Keeping from "./keeping.ts"
import * as Portrait from "./portrait.ts"
import type * as Stage from "./stage.ts"

/** How things are put right after a crash: by the same command, or by `doctor --fix`. */
export type Recovery = "the same command" | "doctor --fix"

/** One case, made ready: its world is saved as `before`. */
export interface Prepared {
  readonly one: Case
  readonly stage: Stage.Stage
  readonly program: string
  /** The commits that there are before. */
  readonly known: ReadonlySet<string>
  readonly before: Portrait.Portrait
  readonly after: Portrait.Portrait
  /** The contents of all files in the worktrees and the trash before. */
  readonly contents: ReadonlyMap<string, string>
  /** The uncommitted work in them before. */
  readonly works: Keeping.Works
  /** The hand-overs that the command stores when nothing cuts it off. */
  readonly stores: Keeping.Stored
  readonly bystander: Portrait.Portrait
  /** The main checkout before and after. */
  readonly main: ReadonlyArray<Portrait.Portrait>
  /** What the doctor has to say of the worlds before and after: what he says of others beyond that is a fault of theirs. */
  readonly findings: ReadonlySet<string>
  /** The steps of the command, in order. */
  readonly steps: ReadonlyArray<string>
}

/** The files of the worktrees and the trash, with their contents. */
export const contentsOf = (repo: string): ReadonlyMap<string, string> =>
  new Map(
    [".worktrees", ".git/calm/trash"].flatMap((name) => {
      const folder = Path.join(repo, name)
      return Fs.existsSync(folder) ? Object.entries(filesOf(folder, true)) : []
    })
  )

/** Is it not git's or calm's own? */
export const isUsers = (name: string) => !/(?:^|\/)(?:\.git|\.gitignore|origin\.json|admin\/.*)$/.test(name)

export const bystanderOf = ({ worktree }: Stage.Stage) => Portrait.checkoutOf("SPEC-002", worktree("SPEC-002"))

const Report = Schema.Struct({
  checks: Schema.Array(Schema.Struct({ name: Schema.String, status: Schema.String, summary: Schema.String })),
  applied: Schema.Array(Schema.Unknown)
})

/** What the doctor finds, and what he does about it. */
export const findingsOf = Effect.fnUntraced(function* (stage: Stage.Stage, fix = false) {
  const { data, exitCode } = yield* stage.line(fix ? "doctor --fix" : "doctor")
  const { applied, checks } = yield* Schema.decodeUnknown(Report)(data)
  const wrong = checks.filter(({ status }) => status !== "ok")
  return { exitCode, applied, findings: wrong.map(({ name, status, summary }) => `${status} ${name}: ${summary}`) }
})

/** What one list has and the other has not. */
const lacking = (title: string, of: Portrait.Portrait, than: Portrait.Portrait): ReadonlyArray<string> => {
  const there = new Set(of)
  return than.filter((line) => !there.has(line)).map((line) => `${title}: ${line.slice(0, 300)}`)
}

const groups = (lines: Portrait.Portrait, { beside, part }: Case): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, Array<string>>()
  for (const line of lines.filter((each) => beside === undefined || !beside.test(each))) {
    const name = part?.(line) ?? "the whole"
    found.set(name, [...(found.get(name) ?? []), line])
  }
  return found
}

/** In what a world is none of these states, part by part. */
const differences = (actual: Portrait.Portrait, one: Case, states: ReadonlyArray<Portrait.Portrait>) => {
  const is = groups(actual, one)
  const wanted = states.map((state) => groups(state, one))
  return [...new Set([is, ...wanted].flatMap((each) => [...each.keys()]))].flatMap((name) => {
    const lines = is.get(name) ?? []
    const all = wanted.map((each) => each.get(name) ?? [])
    if (all.some((each) => each.join("\n") === lines.join("\n"))) return []
    // Told by what is different from the state that is nearest to it.
    const told = all.map((each) => [...lacking(`${name} lacks`, lines, each), ...lacking(`${name} has`, each, lines)])
    return told.toSorted((a, b) => a.length - b.length)[0]?.slice(0, 4) ?? []
  })
}

/** What must hold at every moment, in a world that was just cut off, too. */
const endangered = ({ bystander, contents, known, main, one, stage, works }: Prepared) => {
  const { home, repo } = stage
  const database = Path.join(home, "metadata.db")
  const there = new Set(contentsOf(repo).values())
  const missing = [...contents].filter(([, content]) => !there.has(content))
  const inRefs = missing.length === 0 ? there : kept(repo)
  const present = bystanderOf(stage)
  const backups = Path.join(home, "backups")
  const copies = [
    ...(Fs.existsSync(backups) ? Fs.readdirSync(backups) : [])
      .filter((name) => name.endsWith(".db") && !name.startsWith("."))
      .map((name) => Path.join(backups, name)),
    ...(Fs.existsSync(home) ? Fs.readdirSync(home) : [])
      .filter((name) => /\.before-v\d+(?:-\d+)?$/.test(name))
      .map((name) => Path.join(home, name)),
    ...(Fs.existsSync(database) ? [database] : [])
  ]
  return [
    ...[unsound(repo)].filter((found) => found !== "").map((found) => `git fsck: ${found}`),
    ...missing.flatMap(([name, content]) => (inRefs.has(content) ? [] : [`lost: ${name}: ${content}`])),
    ...Keeping.unstaged(repo, works),
    ...Keeping.unrescued(stage, works),
    ...copies.flatMap((file) => {
      const found = damaged(file)
      return found === "" ? [] : [`${Path.basename(file)} is damaged: ${found}`]
    }),
    ...differences(Portrait.mainOf(stage, known), { ...one, part: () => "the main checkout" }, main),
    ...lacking("the bystander lacks", present, bystander),
    ...lacking("the bystander has", bystander, present)
  ]
}

/** Names that only half-made things have. */
const halfMade = /\.lock$|\.part|\.next-|\.new$|^calm-index-|^tmp_/

/** Of these there is one at most: it has one name, and the next merge writes over it. */
const single = /\/calm-fast-forward\.new$/

/** Half-made things, by their paths. What is in the trash goes with it. */
const rubbish = ({ home, repo }: Stage.Stage): ReadonlyArray<string> =>
  [home, Path.join(repo, ".git"), Path.join(repo, ".worktrees")]
    .filter((folder) => Fs.existsSync(folder))
    .flatMap((folder) =>
      Fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => Path.join(folder, name))
    )
    .filter((path) => halfMade.test(Path.basename(path)) && !path.includes("/calm/trash/") && !single.test(path))

/** Makes a file, or a folder with all that is in it, two hours old. */
const age = (path: string): void => {
  if (Fs.statSync(path).isDirectory()) for (const name of Fs.readdirSync(path)) age(Path.join(path, name))
  const then = Date.now() / 1000 - 7200
  Fs.utimesSync(path, then, then)
}

/** What is left open when all is put right. */
const unsettled = (stage: Stage.Stage): ReadonlyArray<string> =>
  Portrait.reading(Path.join(stage.home, "metadata.db"), (database) =>
    database
      .prepare<[], { what: string }>(
        "SELECT 'operation ' || kind AS what FROM operations WHERE state = 'running' UNION SELECT 'lock ' || name FROM locks"
      )
      .all()
      .map(({ what }) => `left open: ${what}`)
  )

/**
 * Looks at a world that was cut off, has it put right, and looks again. Gives what is wrong. `killed` are the steps of the
 * commands that were cut off.
 */
export const judge = Effect.fnUntraced(function* (
  prepared: Prepared,
  recovery: Recovery,
  ...killed: ReadonlyArray<ReadonlyArray<string>>
) {
  const { after, before, known, one, stage } = prepared
  const wrong: Array<string> = []
  const stored = killed.map(Keeping.storedBy)
  const tell = (when: string, found: ReadonlyArray<string>) =>
    void wrong.push(...found.map((text) => `${when}: ${text}`))

  tell("after the crash", endangered(prepared))
  const status = yield* stage.line("status")
  if (status.exitCode !== 0 && !(one.status ?? []).includes(status.error?.code ?? ""))
    tell("status", [`exits ${status.exitCode}: ${status.error?.message}`])

  if (recovery === "the same command") {
    const again = yield* stage.json(one.call.argv, { stdin: one.call.stdin })
    if (again.exitCode !== 0 && !(one.already ?? []).includes(again.error?.code ?? ""))
      tell("again", [`exits ${again.exitCode}: ${again.error?.code} ${again.error?.message}`])
    if (again.exitCode === 0) stored.push(prepared.stores)
    if (Fs.existsSync(Path.join(stage.home, "metadata.db"))) tell("again", unsettled(stage))
  }
  const mended = yield* findingsOf(stage, true)
  if (mended.exitCode !== 0) tell("doctor --fix", [`exits ${mended.exitCode}: ${mended.findings.join("; ")}`])
  const twice = yield* findingsOf(stage, true)
  tell(
    "the second doctor --fix does",
    twice.applied.map((done) => JSON.stringify(done))
  )
  tell(
    "the second doctor --fix finds",
    twice.findings.filter((found) => !prepared.findings.has(found) && one.finding?.test(found) !== true)
  )

  if (Fs.existsSync(Path.join(stage.home, "metadata.db"))) tell("at the end", unsettled(stage))
  tell(
    "at the end",
    differences(Portrait.portrait(stage, known), one, recovery === "the same command" ? [after] : [before, after])
  )
  tell("at the end", endangered(prepared))
  tell("at the end", Keeping.mishandled(stage, one.call.stdin, Keeping.sum(stored)))
  const left = rubbish(stage)
  if (left.length > 0) {
    // A copy that is being made looks like one that was cut off, until it is an hour old.
    left.forEach(age)
    yield* stage.json(["session", "save"], { stdin: "An hour later.\n" })
    yield* stage.line("backup create an-hour-later")
    tell("an hour later there is still", rubbish(stage))
  }
  return wrong
})
