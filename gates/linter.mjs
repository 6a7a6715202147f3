#!/usr/bin/env node
/** Check: the project's linters find nothing. */
import * as go from "./go/linter.mjs"
import * as javascript from "./javascript/linter.mjs"
import { check, program } from "./lib/check.mjs"
import * as python from "./python/linter.mjs"
import * as rust from "./rust/linter.mjs"
import * as shell from "./shell/linter.mjs"

await program(
  check("linter", {
    javascript: javascript.plan,
    python: python.plan,
    rust: rust.plan,
    go: go.plan,
    shell: shell.plan
  })
)
