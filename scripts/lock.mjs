/** One process at a time, across processes: a lock file that names its holder and is kept fresh while it is held. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const FRESHEN_EVERY = 5_000
/** A holder that we cannot ask (another host or container) counts as dead after this long without a sign of life. */
const SILENT_FOR = 120_000

const holderOf = (file) => {
  try {
    const text = readFileSync(file, "utf8")
    const [pid, host] = text.trim().split(" ")
    return { text, pid: Number(pid), host, age: Date.now() - statSync(file).mtimeMs }
  } catch (error) {
    if (error.code === "ENOENT") return undefined
    throw error
  }
}

const isDead = ({ age, host, pid }) => {
  if (age > SILENT_FOR) return true
  if (host !== hostname() || !Number.isInteger(pid)) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === "ESRCH"
  }
}

/** Takes a dead holder's file away, unless somebody else was quicker and it is a living one's by now. */
const remove = (file, dead) => {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    if (readFileSync(aside, "utf8") !== dead.text) linkSync(aside, file)
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

/** Runs `task` while holding the lock; `onWait` is told the holder's pid when there is one to wait for. */
export const withLock = async (file, onWait, task) => {
  mkdirSync(dirname(file), { recursive: true })
  const mine = `${process.pid} ${hostname()} ${Date.now()}\n`
  for (let told = false; ;) {
    try {
      writeFileSync(file, mine, { flag: "wx" })
      break
    } catch (error) {
      if (error.code !== "EEXIST") throw error
    }
    const holder = holderOf(file)
    if (holder === undefined) continue
    if (isDead(holder)) {
      remove(file, holder)
      continue
    }
    if (!told) onWait(holder.pid)
    told = true
    await sleep(200)
  }
  const release = () => {
    if (holderOf(file)?.text === mine) rmSync(file, { force: true })
  }
  const alive = setInterval(() => {
    if (holderOf(file)?.text === mine) utimesSync(file, new Date(), new Date())
  }, FRESHEN_EVERY)
  process.once("exit", release)
  try {
    return await task()
  } finally {
    clearInterval(alive)
    process.removeListener("exit", release)
    release()
  }
}
