// The environment enters this program here, and nowhere else.
// @effect-diagnostics processEnv:off
/**
 * `calm complete <kind> <word> [<task> [<project>]]`: what completion scripts ask while somebody is typing. A program of its
 * own, beside `calm` in the bundle, without Effect: it has to answer before a person notices.
 *
 * It prints a line for each word, with a tab before what the word stands for. It makes nothing, starts nothing and never
 * complains: where there is nothing to say it says nothing.
 */
import { type Candidate, find, kinds, type Sources } from "@calm/core/Completions"
import { glance } from "@calm/sql/Glance"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Style from "../Style.ts"
import * as Places from "./places.ts"
import { stdout } from "./sinks.ts"

/** What is shown of a title: shells put it beside the word. */
const columns = 60

const attempt = <A>(read: () => A, otherwise: A): A => {
  try {
    return read()
  } catch {
    return otherwise
  }
}

const contentOf = (file: string): string | undefined => attempt(() => Fs.readFileSync(file, "utf8").trim(), undefined)

/** Git's common folder for a folder inside of a repository; follows `gitdir` and `commondir` as git does. */
const commonDirOf = (folder: string): string | undefined => {
  const dotGit = Path.join(folder, ".git")
  const stat = Fs.statSync(dotGit, { throwIfNoEntry: false })
  if (stat?.isDirectory() === true && Fs.existsSync(Path.join(dotGit, "HEAD"))) return dotGit
  if (stat?.isFile() === true) {
    const target = /^gitdir: (.+)$/m.exec(contentOf(dotGit) ?? "")?.[1]
    if (target === undefined) return undefined
    const gitDir = Path.resolve(folder, target)
    return Path.resolve(gitDir, contentOf(Path.join(gitDir, "commondir")) ?? ".")
  }
  const parent = Path.dirname(folder)
  return parent === folder ? undefined : commonDirOf(parent)
}

/** The names in a folder that end so, without the ending. */
const namesIn = (folder: string, ending: string): ReadonlyArray<string> =>
  attempt(() => Fs.readdirSync(folder), [])
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))

/** What a role file calls itself. */
const titleOf = (file: string): string => /^title:[ \t]*(.+)$/m.exec(contentOf(file) ?? "")?.[1] ?? ""

/** The roles there are; of two with one name the first counts. */
const rolesIn = (folders: ReadonlyArray<string>): ReadonlyArray<Candidate> => {
  const found = new Map<string, string>()
  for (const folder of folders) {
    for (const name of namesIn(folder, ".md")) {
      const isRole = /^[a-z0-9][a-z0-9-]*$/.test(name) && name !== "readme"
      if (isRole && !found.has(name)) found.set(name, Path.join(folder, `${name}.md`))
    }
  }
  return [...found.entries()].sort().map(([word, file]) => ({ word, about: titleOf(file) }))
}

const answer = (asked: ReadonlyArray<string>): ReadonlyArray<Candidate> => {
  const [wanted, word = "", task = "", named = ""] = asked
  const kind = kinds.find((one) => one === wanted)
  const userHome = Os.homedir()
  const surroundings = { cwd: process.cwd(), home: userHome, variables: process.env }
  // The shell has not expanded what is still being typed.
  const project = named.startsWith("~/") ? Path.join(userHome, named.slice(2)) : named
  const folder = attempt(() => Fs.realpathSync(Places.folderOf(surroundings, project === "" ? undefined : project)), "")
  const commonDir = folder === "" ? undefined : commonDirOf(folder)
  if (kind === undefined || commonDir === undefined) return []
  const home = Places.homeOf(surroundings)
  const database = Places.databaseOf(surroundings, home, Places.said(contentOf(Places.configOf(home))).database)
  const found = glance(database, (rows) => {
    const [row] = rows("SELECT id, path FROM projects WHERE common_dir = ?", commonDir)
    const [id, checkout] = row ?? []
    if (typeof id !== "string" || typeof checkout !== "string") return []
    const sources: Sources = {
      rows,
      project: id,
      roles: () =>
        rolesIn([
          Path.join(home, "roles"),
          Path.join(checkout, ".calm/roles"),
          Path.join(checkout, ".claude/roles"),
          // Beside the bundle, where the build puts it.
          Path.join(import.meta.dirname, "roles")
        ]),
      backups: () => namesIn(Path.join(home, "backups"), ".db").map((name) => ({ word: name, about: "" }))
    }
    return find({ kind, word, task: task === "" ? undefined : task }, sources)
  })
  return found ?? []
}

stdout.write(
  attempt(() => answer(process.argv.slice(3)), [])
    .map(({ about, word }) => `${word}\t${Style.truncate(Style.line(about), columns)}\n`)
    .join("")
)
