/** What it costs that a commit waits for the disk. */
import Database from "better-sqlite3"

/** Milliseconds that one small commit takes with this setting of `synchronous`, the median of many. */
const median = (file: string, synchronous: "FULL" | "NORMAL", count: number): number => {
  const database = new Database(file)
  try {
    database.pragma("journal_mode = WAL")
    database.pragma(`synchronous = ${synchronous}`)
    database.exec("CREATE TABLE notes (text TEXT NOT NULL)")
    const insert = database.prepare("INSERT INTO notes VALUES (?)")
    const taken = Array.from({ length: count }, () => {
      const start = performance.now()
      insert.run("a transition")
      return performance.now() - start
    })
    return taken.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? 0
  } finally {
    database.close()
  }
}

/** Both settings in a folder on the disk in question, in words. */
export const measured = (folder: string, count: number): string => {
  const waiting = median(`${folder}/full.db`, "FULL", count)
  const normal = median(`${folder}/normal.db`, "NORMAL", count)
  return `a commit ${waiting.toFixed(2)} ms, not waiting for the disk ${normal.toFixed(2)} ms`
}
