/**
 * Completion scripts. Commands, options and the words to choose from stand in the script; for what the database knows, it
 * calls `calm complete`, which is quick (internal/complete.ts).
 */
import * as Bash from "./completion/bash.ts"
import * as Fish from "./completion/fish.ts"
import * as Plan from "./completion/Plan.ts"
import * as Zsh from "./completion/zsh.ts"

export const shells = ["bash", "zsh", "fish"] as const
export type Shell = (typeof shells)[number]

const writers = { bash: Bash.script, zsh: Zsh.script, fish: Fish.script } satisfies Record<
  Shell,
  (plan: Plan.Plan) => string
>

/** The script that teaches a shell every command, option and choice there is. */
export const script = (shell: Shell, source: Plan.Source): string => writers[shell](Plan.make(source))
