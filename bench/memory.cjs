/** Loaded before a program that is measured: at its end it notes the most memory that it had, in kB. */
"use strict"
const { writeFileSync } = require("node:fs")
process.on("exit", () => writeFileSync(process.env.BENCH_MEMORY, String(process.resourceUsage().maxRSS)))
