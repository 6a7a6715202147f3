#!/usr/bin/env node
/** Check: a command of the project, CALM_COMMAND (a JSON list of words), succeeds in this worktree. */
import { program } from "./lib/check.mjs"
import { own } from "./lib/command.mjs"
import { requireWorktree } from "./lib/git.mjs"
import { CannotCheck } from "./lib/protocol.mjs"

await program(async (request) => {
  if (request.command === null) throw new CannotCheck("CALM_COMMAND is not set")
  requireWorktree(request.worktree)
  if (request.mode === "detect") return { result: "passed", summary: request.command.join(" ") }
  return own(request, request.command, "command")
})
