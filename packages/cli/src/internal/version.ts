/** `calm --version`: a program of its own, so that it costs hardly more than starting Node. */
import { wantsJson, wantsQuiet } from "../Globals.ts"
import { stdout } from "./sinks.ts"
import { said } from "./version.build.ts"

const argv = process.argv.slice(2)

/** Whether it has been said. What is a terminal is asked for its colours first. */
export const written = !stdout.isTTY

if (written) stdout.write(wantsJson(argv) ? said.json : wantsQuiet(argv) ? said.quiet : said.text)
