/** Another program that has a database open: it keeps it locked, or keeps its log from being written back. */
import type * as Scope from "effect/Scope"
import * as Effect from "effect/Effect"
import * as ChildProcess from "node:child_process"
import * as Path from "node:path"

const script = `
  const database = new (require("better-sqlite3"))(process.argv[1])
  database.prepare("SELECT count(*) FROM sqlite_schema").get()
  database.exec(process.argv[2])
  console.log("ready")
  process.stdin.on("end", () => database.close()).resume()
`

/** It has the database open until it is ended in order, or killed; with the scope it is killed. */
export const hold = (
  database: string,
  statements = ""
): Effect.Effect<{ readonly end: Effect.Effect<void>; readonly kill: Effect.Effect<void> }, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<{ readonly child: ChildProcess.ChildProcess; readonly ended: Promise<void> }>((resume) => {
      const child = ChildProcess.spawn(process.execPath, ["-e", script, database, statements], {
        cwd: Path.resolve(import.meta.dirname, "../../.."),
        stdio: ["pipe", "pipe", "inherit"]
      })
      const ended = new Promise<void>((resolve) => child.on("close", () => resolve()))
      child.stdout.once("data", () => resume(Effect.succeed({ child, ended })))
      child.once("exit", (code) => resume(Effect.dieMessage(`it ended with ${code}`)))
    }),
    ({ child, ended }) => {
      child.kill("SIGKILL")
      return Effect.promise(() => ended)
    }
  ).pipe(
    Effect.map(({ child, ended }) => {
      const after = (what: () => void) =>
        Effect.zipRight(
          Effect.sync(what),
          Effect.promise(() => ended)
        )
      return { end: after(() => child.stdin?.end()), kill: after(() => child.kill("SIGKILL")) }
    })
  )
