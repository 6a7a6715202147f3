/** Programs and files of the machine, each change of which is a step. */
import * as Ports from "@calm/core/Ports"
import * as ProcessRunner from "@calm/process/ProcessRunner"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { step } from "./steps.ts"

/** The git commands that change nothing; another one is a step, and so is every other program. */
const reading = new Set([
  "cat-file",
  "check-ignore",
  "config",
  "diff",
  "diff-tree",
  "for-each-ref",
  "log",
  "ls-files",
  "ls-tree",
  "merge-base",
  "rev-list",
  "rev-parse",
  "status",
  "symbolic-ref",
  "version"
])

/** The words of a git command without the settings before it. */
const gitWords = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const first = args.findIndex((word, index) => !word.startsWith("-") && args[index - 1] !== "-c")
  return args.slice(first)
}

const changes = (words: ReadonlyArray<string>): boolean =>
  words[0] === "worktree" ? words[1] !== "list" : !reading.has(words[0] ?? "")

/** What git leaves of a worktree that it was killed in the middle of making: still locked, without an index, files missing. */
const addHalf = ({ args, cwd }: ProcessRunner.Request): void => {
  ChildProcess.execFileSync("git", [...args], { cwd, stdio: "ignore" })
  const tree = args.at(-2) ?? ""
  const records = Fs.readFileSync(Path.join(tree, ".git"), "utf8").slice("gitdir: ".length).trim()
  Fs.writeFileSync(Path.join(records, "locked"), "initializing\n")
  Fs.rmSync(Path.join(records, "index"))
  Fs.rmSync(Path.join(tree, "README.md"))
}

const programs = Layer.effect(
  ProcessRunner.ProcessRunner,
  Effect.map(ProcessRunner.ProcessRunner, ({ converse, run }) =>
    ProcessRunner.ProcessRunner.of({
      // A program that is asked and answers changes nothing.
      converse,
      run: (request) =>
        Effect.suspend(() => {
          const words = request.program === "git" ? gitWords(request.args) : request.args
          if (request.program !== "git" || changes(words)) step([Path.basename(request.program), ...words].join(" "))
          if (words[0] === "worktree" && words[1] === "add")
            step(`git ${words.join(" ")}, half of it`, () => addHalf(request))
          return run(request)
        })
    })
  )
)

const files = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(FileSystem.FileSystem, (real): FileSystem.FileSystem => {
    /** A step, unless the call finds nothing to do. */
    const changing =
      <Args extends readonly [string, ...ReadonlyArray<unknown>], A, E, R>(
        name: string,
        change: (...args: Args) => Effect.Effect<A, E, R>,
        isIdle: (path: string) => boolean = () => false
      ) =>
      (...args: Args) =>
        Effect.suspend(() => {
          if (!isIdle(args[0])) step(`${name} ${args[0]}`)
          return change(...args)
        })
    /** A file that is written is made empty first, then filled. */
    const writing =
      <Content extends string | Uint8Array, Options, E>(
        write: (path: string, content: Content, options?: Options) => Effect.Effect<void, E>
      ) =>
      (path: string, content: Content, options?: Options) =>
        Effect.suspend(() => {
          step(`write ${path}`)
          const half = content.slice(0, content.length / 2)
          step(`write ${path}, half of it`, () => Fs.writeFileSync(path, half))
          return write(path, content, options)
        })
    /** A file that is opened for writing. */
    const opening = (file: FileSystem.File, path: string) =>
      new Proxy(file, {
        get: (target, key) => {
          const method: unknown = Reflect.get(target, key)
          if (typeof method !== "function") return method
          if (key !== "writeAll") return method.bind(target)
          return (bytes: Uint8Array) =>
            Effect.suspend(() => {
              step(`fill ${path}, half of it`, () => Fs.writeFileSync(path, bytes.subarray(0, bytes.length / 2)))
              return target.writeAll(bytes)
            })
        }
      })
    const absent = (path: string) => !Fs.existsSync(path)
    /** A folder is removed entry by entry. */
    const removing = (path: string) => {
      const [first] = Fs.statSync(path).isDirectory() ? Fs.readdirSync(path) : []
      if (first !== undefined)
        step(`remove ${path}, half of it`, () => Fs.rmSync(Path.join(path, first), { recursive: true }))
    }
    return {
      ...real,
      chmod: changing("chmod", real.chmod),
      copyFile: changing("copy", real.copyFile),
      makeDirectory: changing("make folder", real.makeDirectory, Fs.existsSync),
      makeTempDirectory: (options) =>
        Effect.suspend(() => (step("make temporary folder"), real.makeTempDirectory(options))),
      makeTempDirectoryScoped: (options) =>
        Effect.suspend(() => {
          step("make temporary folder")
          return Effect.tap(real.makeTempDirectoryScoped(options), (path) =>
            Effect.addFinalizer(() => Effect.sync(() => (step(`remove ${path}`), removing(path))))
          )
        }),
      open: (path, options) =>
        Effect.suspend(() => {
          if ((options?.flag ?? "r") === "r") return real.open(path, options)
          step(`open ${path}`)
          return Effect.map(real.open(path, options), (file) => opening(file, path))
        }),
      remove: (path, options) =>
        Effect.suspend(() => {
          if (!absent(path)) {
            step(`remove ${path}`)
            removing(path)
          }
          return real.remove(path, options)
        }),
      rename: changing("rename", real.rename),
      symlink: changing("symlink", real.symlink),
      utimes: changing("utimes", real.utimes),
      writeFile: writing(real.writeFile),
      writeFileString: writing(real.writeFileString)
    }
  })
)

export const layer: Layer.Layer<Ports.System> = Layer.merge(programs, files).pipe(Layer.provideMerge(Ports.system))
