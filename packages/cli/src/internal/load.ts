// The environment enters this program here; it runs before there is any effect.
// @effect-diagnostics processEnv:off
/**
 * Loads the bundle of calm beside it, with V8's code cache.
 *
 * Compiling is a good part of a short command's time. V8 can note down what it has compiled, and take it from there the
 * next time (https://v8.dev/blog/code-caching). It looks at its own version and flags, and at the length of the source,
 * but at nothing else: so what is taken must have been noted for this very bundle, be whole, and belong to whom we trust.
 * Whatever is wrong with it, calm runs without it and notes it down anew.
 */
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import * as Vm from "node:vm"
import { crc32 } from "node:zlib"

/** What the bundle begins with: the digest of the rest, in a comment. */
const digestLength = 64

/** The digest of the bundle and the checksum of the data, in hexadecimal digits. */
const headerLength = digestLength + 8

/** At most so many commands have one, those that were noted last. */
const most = 96

const attempt = <A>(run: () => A): A | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}

const file = Path.join(import.meta.dirname, "calm.cjs")
const source = Fs.readFileSync(file, "latin1")
const digest = source.slice("/*".length, "/*".length + digestLength)

/** Each command has its own: what one needs is a small part of all. */
const name = [
  process.versions.v8,
  process.arch,
  ...process.argv.slice(2, 4).filter((word) => /^[a-z][a-z-]{0,15}$/.test(word))
].join("-")

/** calm's own folder, as far as the environment tells: whoever has none does without. */
const home = process.env["CALM_HOME"] || (process.env["HOME"] ? Path.join(process.env["HOME"], ".calm") : undefined)

/** Beside the bundle, where all its users find it; else in calm's own folder. */
const folders = [
  Path.join(import.meta.dirname, "cache"),
  ...(home === undefined ? [] : [Path.resolve(home, "cache/code")])
]

const header = (data: Uint8Array): string => `${digest}${crc32(data).toString(16).padStart(8, "0")}`

/** Whoever may write it may run what they like as us. */
const isTrusted = ({ mode, uid }: Fs.Stats): boolean =>
  (uid === process.getuid?.() || uid === 0) && (mode & 0o022) === 0

const read = (folder: string): Buffer | undefined =>
  attempt(() => {
    const path = Path.join(folder, name)
    if (!isTrusted(Fs.lstatSync(path))) return undefined
    const content = Fs.readFileSync(path)
    const data = content.subarray(headerLength)
    return content.toString("latin1", 0, headerLength) === header(data) ? data : undefined
  })

/** What has been noted in a folder, the newest first: that of another V8, which nobody takes any more, gets old. */
const byAge = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(folder)
    .map((entry) => ({ path: Path.join(folder, entry), at: Fs.lstatSync(Path.join(folder, entry)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at)
    .map(({ path }) => path)

/** Notes it down whole or not at all; of two processes at the same moment either is right. Says whether it could. */
const write = (folder: string, data: Uint8Array): boolean => {
  const fresh = Path.join(folder, `.${name}-${process.pid}`)
  try {
    // Only the last part of the path: calm's own folder is made by `calm init`, and by nothing else.
    if (!Fs.existsSync(folder)) Fs.mkdirSync(folder)
    for (const old of byAge(folder).slice(most - 1)) Fs.rmSync(old, { force: true })
    Fs.writeFileSync(fresh, header(data), { mode: 0o644 })
    Fs.appendFileSync(fresh, data)
    Fs.renameSync(fresh, Path.join(folder, name))
    return true
  } catch {
    attempt(() => Fs.rmSync(fresh, { force: true }))
    return false
  }
}

const noted = folders.reduce<Buffer | undefined>((found, folder) => found ?? read(folder), undefined)
const script = new Vm.Script(source, { filename: file, cachedData: noted })
// With flags of its own V8 would refuse each time what it has noted without them.
const isPlain = process.execArgv.length === 0 && process.env["NODE_OPTIONS"] === undefined
if (isPlain && (noted === undefined || script.cachedDataRejected === true))
  process.on("exit", (code) => {
    if (code === 0) folders.some((folder) => write(folder, script.createCachedData()))
  })
const run: unknown = script.runInThisContext()
if (typeof run === "function") run(createRequire(file), { exports: {} }, file, import.meta.dirname)
