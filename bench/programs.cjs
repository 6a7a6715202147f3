/**
 * Loaded before a program that is measured: at its end it notes which programs it started, and from when to when each of
 * them was there, in milliseconds since the process began.
 */
"use strict"
const { subscribe } = require("node:diagnostics_channel")
const { writeFileSync } = require("node:fs")

const programs = []
subscribe("child_process", ({ process: child }) => {
  const one = { child, from: performance.now(), to: null }
  programs.push(one)
  child.once("exit", () => (one.to = performance.now()))
})
process.on("exit", () => {
  const ended = performance.now()
  const noted = programs.map(({ child, from, to }) => ({ args: child.spawnargs, from, to: to ?? ended }))
  writeFileSync(process.env.BENCH_PROGRAMS, JSON.stringify({ ended, programs: noted }))
})
