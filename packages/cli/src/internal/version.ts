// The environment enters this program here, and nowhere else.
// @effect-diagnostics processEnv:off
/** `calm --version`: a program of its own, so that it costs hardly more than starting Node. */
import { wantsJson, wantsQuiet } from "../Globals.ts"
import * as Output from "../Output.ts"
import * as Style from "../Style.ts"
import { finish } from "./finish.ts"

const argv = process.argv.slice(2)
const style = Style.make(process.stdout, process.env, "auto")
finish(Output.version({ json: wantsJson(argv), quiet: wantsQuiet(argv), stdout: style, stderr: style }))
