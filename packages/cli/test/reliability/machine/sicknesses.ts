/** What can be wrong with the file of a database. */
import Database from "better-sqlite3"
import * as Fs from "node:fs"
import { sample } from "../support/scale.ts"

export interface Sickness {
  readonly name: string
  /** Makes the file so. */
  readonly sicken: (file: string) => void
  /** Nothing can be done with it, and it is not touched. Of others some pages are not read by every command. */
  readonly hopeless?: boolean
  /** It is in order, and for somebody else: there is nothing to restore. */
  readonly notOurs?: boolean
}

const pageSize = 4096

const overwrite = (at: number, bytes: Buffer) => (path: string) => {
  const file = Fs.openSync(path, "r+")
  Fs.writeSync(file, bytes, 0, bytes.length, at)
  Fs.closeSync(file)
}

const pragma = (statement: string) => (path: string) => {
  const open = new Database(path)
  open.pragma(statement)
  open.close()
}

const halved = (path: string) => Fs.truncateSync(path, Math.floor(Fs.statSync(path).size / 2 / pageSize) * pageSize)

const whole: ReadonlyArray<Sickness> = [
  { name: "its first bytes are overwritten", sicken: overwrite(0, Buffer.alloc(100, 0xa5)), hopeless: true },
  {
    name: "its header has a size of pages that cannot be",
    sicken: overwrite(16, Buffer.from([0x12, 0x34])),
    hopeless: true
  },
  {
    name: "the list of its tables is overwritten",
    sicken: overwrite(100, Buffer.alloc(pageSize - 100, 0xa5)),
    hopeless: true
  },
  { name: "it is cut off after fifty bytes", sicken: (path) => Fs.truncateSync(path, 50), hopeless: true },
  { name: "it is cut off in the middle", sicken: halved },
  { name: "its last page is missing", sicken: (path) => Fs.truncateSync(path, Fs.statSync(path).size - pageSize) },
  { name: "it is a text", sicken: (path) => Fs.writeFileSync(path, "nothing but a text\n".repeat(99)), hopeless: true },
  { name: "it is of a newer calm", sicken: pragma("user_version = 99"), hopeless: true, notOurs: true },
  { name: "it is another program's", sicken: pragma("application_id = 7"), hopeless: true, notOurs: true }
]

/** Each page but the first overwritten, with noise or with nothing: tables in the middle, indexes, what is under a table. */
const pages = (count: number): ReadonlyArray<Sickness> =>
  Array.from({ length: count - 1 }, (_, index) => index + 2).flatMap((page) =>
    [0xa5, 0].map((byte) => ({
      name: `page ${page} is overwritten with ${byte === 0 ? "nothing" : "noise"}`,
      sicken: overwrite((page - 1) * pageSize, Buffer.alloc(pageSize, byte))
    }))
  )

/** Those to try on a database of so many bytes. */
export const sicknesses = (size: number): ReadonlyArray<Sickness> => [...whole, ...sample(pages(size / pageSize), 3)]
