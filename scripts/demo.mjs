/** `npm run demo`: makes the clone ready and runs `calm demo` from it. Arguments after `--` are passed on. */
import { join } from "node:path"
import { hand, root } from "./run.mjs"
import { setup } from "./setup.mjs"

await setup()
process.exitCode = await hand(join(root, "node_modules/.bin/calm"), ["demo", ...process.argv.slice(2)])
