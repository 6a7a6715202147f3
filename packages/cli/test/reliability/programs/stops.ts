/**
 * A project in which git, or a program of the project, stops at an exact place and waits: in a filter, a merge driver, the
 * connection to a remote, a check. What waits there notes itself in `stopped`, and goes on when there is a file `go`.
 */
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as World from "../../fixtures/world.ts"
import { evidence, type Place } from "../worlds/ready.ts"

/** Where something waits, if it is armed for that place. */
export type Stop = "smudge" | "clean" | "merge" | "fetch" | "check" | "setup"

const script = (base: string): string => `
base='${base}'; stop="$1"; shift
if [ "$(cat "$base/armed" 2>/dev/null)" = "$stop" ]; then
  echo $$ > "$base/stopped.part" && mv "$base/stopped.part" "$base/stopped"
  while [ ! -e "$base/go" ]; do sleep 0.02; done
fi
case "$stop" in
  smudge | clean) exec cat ;;
  merge) exec git merge-file "$1" "$2" "$3" ;;
  fetch) exit 128 ;;
esac
`

/** The project with a task that only has to be merged, and the ways to have it anew. */
export const make = Effect.gen(function* () {
  const world = yield* World.make
  const { base, home, repo } = world
  const saved = Path.join(yield* World.folder, "saved")
  const place: Place = { base, home, repo, tree: world.worktree("SPEC-001"), elsewhere: Path.join(base, "elsewhere") }
  const stop = Path.join(base, "stop.sh")
  Fs.mkdirSync(place.elsewhere)
  Fs.writeFileSync(stop, script(base))
  const at = (name: Stop): string => `sh '${stop}' ${name}`
  for (const [key, value] of [
    ["filter.slow.smudge", at("smudge")],
    ["filter.slow.clean", at("clean")],
    ["merge.slow.driver", `${at("merge")} %A %O %B`],
    ["core.sshCommand", at("fetch")]
  ] as const)
    World.git(repo, "config", key, value)
  const check = ["sh", stop, "check"]
  World.commit(repo, {
    ".calm/project.json": JSON.stringify({
      gates: { tests: check, linter: ["true"], types: ["true"] },
      setup: ["sh", stop, "setup"]
    }),
    ".gitattributes": "*.slow filter=slow\n*.met merge=slow\n",
    "one.slow": "one\n",
    "two.slow": "two\n",
    "both.met": "a\n\nb\n\nc\n",
    "plain.txt": "plain\n"
  })
  const done = Effect.fnUntraced(function* (...lines: ReadonlyArray<string>) {
    for (const line of lines) {
      const { error } = yield* world.line(line)
      if (error !== undefined) return yield* Effect.dieMessage(`calm ${line}: ${error.message}`)
    }
  })
  yield* done(
    "init",
    "task create SPEC-001 One",
    "task create SPEC-002 Two",
    "worktree create SPEC-001 --no-setup",
    "task update SPEC-001 --phase INTEGRATE --reason Tried"
  )
  World.commit(place.tree, {
    "one.slow": "one changed\n",
    "both.met": "a changed\n\nb\n\nc\n",
    "changelog.d/SPEC-001.md": "One.\n"
  })
  World.commit(repo, { "both.met": "a\n\nb\n\nc changed\n" })
  yield* done(...evidence)
  const copy = (from: string, to: string) => {
    Fs.rmSync(to, { recursive: true, force: true })
    ChildProcess.execFileSync("cp", ["--archive", from, to])
  }
  copy(base, saved)
  return {
    world,
    place,
    reset: () => copy(saved, base),
    /** From now on whatever comes to that place waits there. */
    arm: (name: Stop) => Fs.writeFileSync(Path.join(base, "armed"), name),
    /** The process that waits, once there is one. */
    stopped: (): number | undefined => {
      const file = Path.join(base, "stopped")
      return Fs.existsSync(file) ? Number(Fs.readFileSync(file, "utf8")) : undefined
    },
    /** Nothing else comes to wait. */
    disarm: () => Fs.rmSync(Path.join(base, "armed"), { force: true }),
    /** What waits goes on. */
    release: () => {
      Fs.writeFileSync(Path.join(base, "go"), "")
    }
  }
})
export type Stopping = Effect.Effect.Success<typeof make>

/** The processes from one up to the first, by what the system says of each. */
const ancestorsOf = (pid: number): ReadonlyArray<{ readonly pid: number; readonly name: string }> => {
  const [, name = "", parent = "0"] = /^\d+ \((.*)\) \S (\d+)/.exec(Fs.readFileSync(`/proc/${pid}/stat`, "utf8")) ?? []
  return [{ pid, name }, ...(Number(parent) > 1 ? ancestorsOf(Number(parent)) : [])]
}

/** The git that waits for a process, nearest first or, as calm started it, last. */
export const gitOver = (pid: number): number => {
  const found = ancestorsOf(pid).findLast(({ name }) => name === "git")
  if (found === undefined) throw new Error(`no git waits for ${pid}`)
  return found.pid
}
