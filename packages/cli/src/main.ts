/** The `calm` command. */
import { root } from "./commands.ts"
import { start } from "./Start.ts"

start(root)
