#!/usr/bin/env node
// Shells wait for completions at each press of a key: these are answered without loading the rest.
await(process.argv[2] === "complete" ? import("../dist/complete.mjs") : import("../dist/calm.mjs"))
