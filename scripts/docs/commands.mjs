/** `docs/commands.md`, from the tree of commands. */
import { bundled } from "./bundled.mjs"

const program = `
  import * as Effect from "effect/Effect"
  import { root } from "./commands.ts"
  import * as Reference from "./Reference.ts"
  export const page = () => Effect.runPromise(Reference.page(root))
`

export const commands = async () => (await bundled(program)).page()
