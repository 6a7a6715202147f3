#!/usr/bin/env node
/**
 * Starts calm. Completions and the version are answered without loading the rest; the rest is one file, compiled with the
 * help of what V8 noted down when the same command ran before.
 */
"use strict"
const words = process.argv.slice(2)
const isVersion = words.includes("--version") && words.every((word) => /^--(?:version|json|quiet)$/.test(word))
if (words[0] === "complete") require("../dist/complete.cjs")
else if (!isVersion || !require("../dist/version.cjs").written) require("../dist/load.cjs")
