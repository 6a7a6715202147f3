/** A place for small disks: mounts made in it are seen by nobody else, and are gone with it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"

/** Root may mount in a namespace of its own; everybody else is root in a second one, of users. */
const flags = process.getuid?.() === 0 ? ["--mount"] : ["--mount", "--map-root-user"]

/** Runs a bundled program where it may mount, with `folder` for temporary files; gives what it printed. */
export const inNamespace = (program: string, argv: ReadonlyArray<string>, folder: string): Effect.Effect<string> =>
  Effect.async((resume) => {
    const child = ChildProcess.execFile(
      "unshare",
      [...flags, process.execPath, program, ...argv],
      { env: { ...process.env, TMPDIR: folder }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) =>
        resume(error === null ? Effect.succeed(stdout) : Effect.dieMessage(`${error.message}\n${stdout}${stderr}`))
    )
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

const mounted = (at: string, options: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      Fs.mkdirSync(at, { recursive: true })
      ChildProcess.execFileSync("mount", ["-t", "tmpfs", "-o", options, "calm", at])
      return at
    }),
    () => Effect.sync(() => void ChildProcess.execFileSync("umount", ["--lazy", at]))
  )

/** How many files and folders a small disk can hold. */
const names = "nr_inodes=65536"

/** A small disk at a folder, until the scope ends. */
export const disk = (at: string, megabytes: number) => mounted(at, `size=${megabytes}m,${names},mode=700`)

const ballast = (at: string) => Path.join(at, ".ballast")

/** Fills a disk up, but for so many KB. */
const fill = (at: string, left: number): void => {
  const file = Fs.openSync(ballast(at), "w")
  try {
    let size = 0
    for (const piece of [Buffer.alloc(2 ** 20, 1), Buffer.alloc(4096, 1)])
      for (;;) {
        try {
          size += Fs.writeSync(file, piece)
        } catch {
          break
        }
      }
    Fs.ftruncateSync(file, Math.max(size - left * 1024, 0))
  } finally {
    Fs.closeSync(file)
  }
}

const remount = (at: string, options: string) =>
  void ChildProcess.execFileSync("mount", ["-o", `remount,${options}`, at])

/** Leaves no room for one more file or folder, and all the bytes that there are. */
const close = (at: string): void => {
  const { ffree, files } = Fs.statfsSync(at)
  remount(at, `nr_inodes=${files - ffree}`)
}

/** What is left of a disk: so many KB; `no file` while there are bytes enough; `null`: it may only be read. */
export type Left = number | "no file" | null

/** Leaves so much of a disk. */
export const spoil = (at: string, left: Left): void =>
  left === null ? remount(at, "ro") : left === "no file" ? close(at) : fill(at, left)

/** All is well again. */
export const heal = (at: string): void => {
  remount(at, `rw,${names}`)
  Fs.rmSync(ballast(at), { force: true })
}
