/** Trees and files of commits. */
import type { Sha } from "@calm/domain/Ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Change, TreeEntry } from "../Git.ts"
import type { Runner } from "./command.ts"
import { each, misunderstood, sha, shaOption, wholeRecords } from "./decode.ts"
import { GitFailed } from "./errors.ts"
import { byText, line, text } from "./text.ts"

const kinds = { blob: "blob", tree: "tree", commit: "commit" } as const
const isKind = (kind: string): kind is TreeEntry["kind"] => kind in kinds

/** `100644 blob <object>\t<path>` */
const parseEntry = (record: string): Option.Option<TreeEntry> => {
  const found = /^(\d{6}) (\w+) ([0-9a-f]+)\t([^]+)$/.exec(record)
  if (found === null) return Option.none()
  const [, mode = "", kind = "", object = "", path = ""] = found
  return isKind(kind) ? Option.map(shaOption(object), (name) => ({ mode, kind, object: name, path })) : Option.none()
}

const isStatus = (status: string): status is Change["status"] => /^[AMDT]$/.test(status)

/** `:100644 100644 <old> <new> M`, and the path as the next record. */
const parseChange = (header: string, path: string): Option.Option<Change> => {
  const found = /^:(\d{6}) (\d{6}) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])$/.exec(header)
  if (found === null) return Option.none()
  const [, oldMode = "", newMode = "", oldObject = "", newObject = "", status = ""] = found
  return isStatus(status) && path !== ""
    ? Option.some({ status, path, oldMode, newMode, oldObject, newObject })
    : Option.none()
}

const NEWLINE = 10

/** One answer of `cat-file --batch-command`: its header line, and the bytes after it. */
const splitHeader = (bytes: Uint8Array): readonly [string, Uint8Array] => {
  const end = bytes.indexOf(NEWLINE)
  return end === -1 ? [text(bytes), new Uint8Array()] : [text(bytes.subarray(0, end)), bytes.subarray(end + 1)]
}

/** The tree without files, by both of git's hashes. */
const emptyTrees = new Set([
  "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
])

export const makeTrees = ({ run }: Runner) => {
  /** A commit without files is rare, and silence must not be taken for one: rules and documents are read from trees. */
  const mustBeEmpty = Effect.fnUntraced(function* (operation: string, repo: string, commit: Sha) {
    const args = ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`]
    const tree = line((yield* run({ operation, kind: "read", cwd: repo, args })).stdout)
    if (!emptyTrees.has(tree)) return yield* misunderstood(operation, "")
  })

  const list = Effect.fnUntraced(function* (repo: string, commit: Sha, folder: string, recursive: boolean) {
    const operation = "list the files of a commit"
    // with the slash a file of that name has no entries, and a folder is listed instead of named
    const pathspec = folder === "" ? [] : [`${folder.replace(/\/+$/, "")}/`]
    const how = recursive ? ["-z", "--full-tree", "-r"] : ["-z", "--full-tree"]
    const args = ["ls-tree", ...how, "--end-of-options", commit, ...pathspec]
    const { stdout } = yield* run({ operation, kind: "read", cwd: repo, args })
    const entries = yield* each(operation, yield* wholeRecords(operation, stdout), parseEntry)
    if (folder === "" && entries.length === 0) yield* mustBeEmpty(operation, repo, commit)
    return entries.toSorted((a, b) => byText(a.path, b.path))
  })

  const listFolder = Effect.fn("Git.listFolder")((repo: string, commit: Sha, folder: string) =>
    list(repo, commit, folder, false)
  )

  const listFiles = Effect.fn("Git.listFiles")((repo: string, commit: Sha, folder: string) =>
    list(repo, commit, folder, true)
  )

  const changes = Effect.fn("Git.changes")(function* (repo: string, from: Sha, to: Sha) {
    const operation = "compare two trees"
    const how = [
      "-r",
      "-z",
      "--raw",
      "--no-abbrev",
      "--no-renames",
      "--no-ext-diff",
      "--ignore-submodules=none",
      "-O/dev/null"
    ]
    const args = ["diff-tree", ...how, "--end-of-options", from, to, "--"]
    const said = yield* wholeRecords(operation, (yield* run({ operation, kind: "read", cwd: repo, args })).stdout)
    const found: Array<Change> = []
    for (let i = 0; i < said.length; i += 2) {
      const change = parseChange(said[i] ?? "", said[i + 1] ?? "")
      if (Option.isNone(change)) return yield* misunderstood(operation, said[i] ?? "")
      found.push(change.value)
    }
    return found.toSorted((a, b) => byText(a.path, b.path))
  })

  /** Asks for the commit first: for a missing commit git gives the same answer as for a missing file. */
  const readFile = Effect.fn("Git.readFile")(function* (repo: string, commit: Sha, path: string) {
    const operation = "read a file of a commit"
    const { stdout } = yield* run({
      operation,
      kind: "read",
      cwd: repo,
      args: ["cat-file", "--batch-command", "-z"],
      stdin: `info ${commit}\0contents ${commit}:${path}\0`
    })
    const [info, rest] = splitHeader(stdout)
    if (!/^[0-9a-f]+ commit \d+$/.test(info)) {
      return yield* new GitFailed({ operation, exitCode: 0, detail: `there is no commit ${commit}` })
    }
    const [header, content] = splitHeader(rest)
    const found = /^([0-9a-f]+) (blob|tree|commit|tag) (\d{1,15})$/.exec(header)
    // a name may hold a line break
    if (found === null && / (?:missing|submodule)\n$/.test(text(rest))) return Option.none()
    if (found === null) return yield* misunderstood(operation, header)
    if (found[2] !== "blob") return Option.none()
    const size = Number(found[3])
    if (content.length !== size + 1) return yield* misunderstood(operation, header)
    return Option.some({ blob: yield* sha(operation, found[1] ?? ""), content: content.slice(0, size) })
  })

  return { listFolder, listFiles, changes, readFile }
}
