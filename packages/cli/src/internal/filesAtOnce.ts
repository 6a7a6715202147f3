/**
 * Functions of `node:fs` that ask about files and answer at once, also to who calls back. Node's own answer in a later turn,
 * from a thread: that takes longer than what is asked, a command asks up to hundreds of questions, and there is nobody whom
 * it would keep waiting. The bundler puts them beneath the `FileSystem` of the command.
 */
import * as Fs from "node:fs"

type Answered = (error: unknown, answer?: unknown) => void

/** The answer, or why there is none, to who calls back. */
const answered = (ask: () => unknown, done: Answered): void => {
  let answer: unknown
  try {
    answer = ask()
  } catch (error) {
    return done(error)
  }
  done(null, answer)
}

export const access = (path: string, mode: number, done: Answered): void =>
  answered(() => Fs.accessSync(path, mode), done)

export const stat = (path: string, done: Answered): void => answered(() => Fs.statSync(path), done)

export const readlink = (path: string, done: Answered): void => answered(() => Fs.readlinkSync(path), done)

export const realpath = (path: string, done: Answered): void => answered(() => Fs.realpathSync.native(path), done)

export const readFile = (path: string, _: unknown, done: Answered): void => answered(() => Fs.readFileSync(path), done)

/** With parents: told later, a full disk, or one that may only be read, is "no such file or directory" (Node 20). */
export const mkdir = (path: string, options: Fs.MakeDirectoryOptions, done: Answered): void =>
  answered(() => Fs.mkdirSync(path, options), done)

export const promises = {
  readdir: (path: string, options: { readonly recursive?: boolean } = {}): Promise<ReadonlyArray<string>> =>
    Promise.resolve().then(() => Fs.readdirSync(path, { ...options, encoding: "utf8" }))
}
