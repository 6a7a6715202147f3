/** Running one tool: its output streams through while its lines are read. */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import { constants } from "node:os"
import * as path from "node:path"
import { plain } from "./counts.mjs"
import { removeScratch } from "./scratch.mjs"

/**
 * @typedef {object} Ended
 * @property {"exited" | "signal" | "missing"} how
 * @property {number} code exit code; -1 when it did not exit by itself
 * @property {string} detail name of the signal, or why it could not be started
 * @property {Set<string>} seen names of the patterns that a line matched
 *
 * @typedef {object} Tool
 * @property {ReadonlyArray<string>} argv
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {Readonly<Record<string, RegExp>>} [patterns]
 * @property {(line: string) => void} [onLine] each line of either stream
 * @property {(line: string) => string} [show] what is shown for a line of stdout, its end included
 */

/** After the tool has ended, pipes that its children still hold open are read for so long. */
const lingering = 1000
/** A line longer than this is cut for reading; all of it is still shown. */
const longest = 65_536

/** @type {import("node:child_process").ChildProcess | null} */
let current = null
/** @type {NodeJS.Signals | null} */
let stopped = null

/** The caller signals the whole group; a signal to this script alone is handed on, so that no tool is left behind. */
for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"])) {
  const stop = () => {
    stopped ??= signal
    if (current === null) die(signal)
    else current.kill(signal)
  }
  process.on(signal, stop)
}

/** @param {NodeJS.Signals} signal */
const die = (signal) => {
  removeScratch()
  process.exit(128 + (constants.signals[signal] ?? 0))
}

/** @param {(line: string) => void} use */
const lineReader = (use) => {
  const decoder = new TextDecoder()
  let rest = ""
  return {
    /** @param {Buffer} chunk */
    push(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
      rest = (lines.pop() ?? "").slice(0, longest)
      for (const line of lines) use(line.slice(0, longest))
    },
    end() {
      if (rest !== "") use(rest)
      rest = ""
    }
  }
}

/**
 * Passes bytes on as they come, but marks lines of the tool that look like this script's own answers: only the script
 * itself may speak to calm.
 * @param {NodeJS.WriteStream} target
 */
const passOn = (target) => {
  const answer = Buffer.from("calm:")
  let held = Buffer.alloc(0)
  let atStart = true
  return {
    /** @param {Buffer} chunk */
    push(chunk) {
      let data = Buffer.concat([held, chunk])
      held = Buffer.alloc(0)
      /** @type {Array<Buffer>} */
      const out = []
      while (data.length > 0) {
        if (atStart) {
          const head = data.subarray(0, answer.length)
          if (head.length < answer.length && head.equals(answer.subarray(0, head.length))) {
            held = data
            break
          }
          if (head.equals(answer)) out.push(Buffer.from("| "))
        }
        let end = 0
        while (end < data.length && data[end] !== 10 && data[end] !== 13) end += 1
        atStart = end < data.length
        out.push(data.subarray(0, end + 1))
        data = data.subarray(end + 1)
      }
      if (out.length > 0) target.write(Buffer.concat(out))
    },
    end() {
      if (held.length > 0) target.write(held)
      // What this script says next has to begin a line.
      if (held.length > 0 || !atStart) target.write("\n")
      held = Buffer.alloc(0)
      atStart = true
    }
  }
}

/** The program's file, searched as the system would; `null` where there is none. @param {string} program @param {NodeJS.ProcessEnv} env */
export const which = (program, env) => {
  for (const folder of (env["PATH"] ?? "").split(path.delimiter)) {
    if (folder === "") continue
    const file = path.join(folder, program)
    if (isProgram(file)) return file
  }
  return null
}

/** @param {string} file */
export const isProgram = (file) => {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/** @param {Tool} tool @returns {Promise<Ended>} */
export const run = (tool) =>
  new Promise((resolve) => {
    /** @type {Set<string>} */
    const seen = new Set()
    const patterns = Object.entries(tool.patterns ?? {})
    const use = (/** @type {string} */ line) => {
      tool.onLine?.(line)
      if (patterns.length === 0) return
      const clean = plain(line)
      for (const [name, pattern] of patterns) if (pattern.test(clean)) seen.add(name)
    }
    const [program = "", ...args] = tool.argv
    // Not detached: a signal to this script's process group has to reach the tool.
    const child = spawn(program, args, { cwd: tool.cwd, env: tool.env, stdio: ["ignore", "pipe", "pipe"] })
    current = child
    const streams = [
      { from: child.stdout, to: process.stdout, show: tool.show },
      { from: child.stderr, to: process.stderr, show: undefined }
    ].map(({ from, to, show }) => {
      const shown = passOn(to)
      const lines = lineReader((line) => {
        use(line)
        if (show !== undefined) shown.push(Buffer.from(show(line)))
      })
      from.on("data", (/** @type {Buffer} */ chunk) => {
        if (show === undefined) shown.push(chunk)
        lines.push(chunk)
      })
      from.on("error", () => undefined)
      return { from, end: () => (lines.end(), shown.end()) }
    })
    let done = false
    /** @param {Omit<Ended, "seen">} ended */
    const finish = (ended) => {
      if (done) return
      done = true
      current = null
      for (const { from, end } of streams) {
        end()
        from.destroy()
      }
      if (stopped !== null) die(stopped)
      resolve({ ...ended, seen })
    }
    /** @param {number | null} code @param {string | null} signal @returns {Omit<Ended, "seen">} */
    const ended = (code, signal) =>
      code === null ? { how: "signal", code: -1, detail: signal ?? "a signal" } : { how: "exited", code, detail: "" }
    child.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      if (child.pid !== undefined) return
      const missing = error.code === "ENOENT"
      finish({ how: "missing", code: -1, detail: missing ? "is not installed" : `cannot be started (${error.code})` })
    })
    child.on("exit", (code, signal) => {
      setTimeout(() => finish(ended(code, signal)), lingering).unref()
    })
    child.on("close", (code, signal) => finish(ended(code, signal)))
  })
