#!/usr/bin/env node
/** Check: no TODO was added since the merge base without a task id on its line. */
import { program } from "./lib/check.mjs"
import { requireWorktree } from "./lib/git.mjs"
import { failed, passed } from "./lib/outcome.mjs"
import { CannotCheck } from "./lib/protocol.mjs"
import { untrackedTodos } from "./lib/todos.mjs"

await program(async (request) => {
  requireWorktree(request.worktree)
  if (request.mode === "detect") return passed("todos")
  if (request.mergeBase === null) throw new CannotCheck("CALM_MERGE_BASE is not set")
  const found = untrackedTodos(request, request.mergeBase)
  for (const { file, line, text } of found)
    process.stdout.write(`${JSON.stringify(file).slice(1, -1)}:${line}: ${text}\n`)
  if (found.length === 0) return passed("todos")
  const places = found.slice(0, 5).map(({ file, line }) => `${file}:${line}`)
  const more = found.length > places.length ? ` and ${found.length - places.length} more` : ""
  return failed("todos", `${found.length} without a task id on the line: ${places.join(", ")}${more}`)
})
