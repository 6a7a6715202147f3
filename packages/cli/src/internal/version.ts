// The environment enters this program here, and nowhere else.
// @effect-diagnostics processEnv:off
/** `calm --version`: a program of its own, so that it costs hardly more than starting Node. */
import * as Fs from "node:fs"
import { wantsJson, wantsQuiet } from "../Globals.ts"
import * as Output from "../Output.ts"
import * as Style from "../Style.ts"
import { finish } from "./finish.ts"

const argv = process.argv.slice(2)

const said = (style: Style.Style): Output.Outcome =>
  Output.version({ json: wantsJson(argv), quiet: wantsQuiet(argv), stdout: style, stderr: style })

/** One short line fits into every pipe, and need not wait until Node has loaded its streams. */
const written = (): boolean => {
  try {
    // What looks like a terminal is asked for its colours.
    if (Fs.fstatSync(1).isCharacterDevice()) return false
    Fs.writeSync(1, said(Style.plain).stdout)
    return true
  } catch {
    return false
  }
}

if (!written()) finish(said(Style.make(process.stdout, process.env, "auto")))
