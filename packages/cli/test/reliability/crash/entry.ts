/** calm over stepping programs and files; `program.ts` bundles it with a stepping database below. */
import { root } from "../../../src/commands.ts"
import { start } from "../../../src/Start.ts"
import { layer } from "./steppingSystem.ts"

start(root, layer)
