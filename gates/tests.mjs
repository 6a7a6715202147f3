#!/usr/bin/env node
/** Check: the project's tests pass in this worktree. */
import * as go from "./go/tests.mjs"
import * as javascript from "./javascript/tests.mjs"
import { check, program } from "./lib/check.mjs"
import * as python from "./python/tests.mjs"
import * as rust from "./rust/tests.mjs"

await program(check("tests", { javascript: javascript.plan, python: python.plan, rust: rust.plan, go: go.plan }))
