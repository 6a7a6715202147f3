#!/usr/bin/env node
/** Check: the project's types hold. */
import * as go from "./go/types.mjs"
import * as javascript from "./javascript/types.mjs"
import { check, program } from "./lib/check.mjs"
import * as python from "./python/types.mjs"
import * as rust from "./rust/types.mjs"

await program(check("types", { javascript: javascript.plan, python: python.plan, rust: rust.plan, go: go.plan }))
