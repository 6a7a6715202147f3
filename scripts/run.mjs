/** Running a program from the scripts. */
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"

/** The top of the clone. */
export const root = fileURLToPath(new URL("..", import.meta.url))

/** A duration for people. */
export const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`

const exitCode = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 1)

/**
 * Runs a program in the clone with stdin closed and collects what it prints, both streams as they come.
 * It gets TERM, then KILL, when it runs longer than `limit` milliseconds.
 */
export const run = (program, args, { env = process.env, inherit = false, limit } = {}) =>
  new Promise((resolve) => {
    const stdio = inherit ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"]
    const child = spawn(program, args, { cwd: root, env, stdio })
    const chunks = []
    const timers = []
    if (limit !== undefined) {
      timers.push(
        setTimeout(() => {
          chunks.push(Buffer.from(`\nended: it ran longer than ${limit / 1000} s\n`))
          child.kill("SIGTERM")
        }, limit),
        setTimeout(() => child.kill("SIGKILL"), limit + 5_000)
      )
    }
    const end = (code) => {
      for (const timer of timers) clearTimeout(timer)
      resolve({ code, output: Buffer.concat(chunks).toString() })
    }
    child.stdout?.on("data", (chunk) => chunks.push(chunk))
    child.stderr?.on("data", (chunk) => chunks.push(chunk))
    child.once("error", (error) => {
      chunks.push(Buffer.from(`${program}: ${error.message}\n`))
      end(127)
    })
    child.once("close", (code, signal) => end(exitCode(code, signal)))
  })

/** Runs a program as if it had been typed: same terminal, same folder, signals reach it; gives its exit code. */
export const hand = (program, args) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "inherit" })
    // The terminal sends them to both; the program decides what they mean.
    const pass = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
      const handler = () => signal !== "SIGINT" && child.kill(signal)
      process.on(signal, handler)
      return () => process.removeListener(signal, handler)
    })
    const end = (code) => {
      for (const stop of pass) stop()
      resolve(code)
    }
    child.once("error", (error) => {
      console.error(`${program}: ${error.message}`)
      end(127)
    })
    child.once("close", (code, signal) => end(exitCode(code, signal)))
  })
