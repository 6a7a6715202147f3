import * as ProcessRunner from "@calm/process/ProcessRunner"
import { type Programs, processRunnerContract } from "@calm/testing/contracts/ProcessRunnerContract"
import { node } from "./fixtures.ts"

const answering = `
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  if (line !== "end") return process.stdout.write(line === "twice" ? "twice!\\ntwice!\\n" : line + "!\\n")
  process.stderr.write("bye\\n", () => process.exit(3))
})`

/** What the same program answers to one line. */
const answerTo = (line: string): ProcessRunner.Script =>
  line === "end" ? { stderr: "bye\n", exitCode: 3 } : { stdout: line === "twice" ? "twice!\ntwice!\n" : `${line}!\n` }

const real = (more: Partial<ProcessRunner.Request>): Programs => ({
  succeeds: node("", more),
  failsWith7: node("process.exit(7)", more),
  killsItself: node("process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 60_000)", more),
  printsOnBoth: node("console.log('to stdout'); console.error('to stderr')", more),
  printsStdin: node("process.stdin.pipe(process.stdout)", more),
  printsTenLetters: node("process.stdout.write('abcdefghij')", more),
  printsLines: node("process.stdout.write('one\\ntwo ✓\\r\\n\\nlast')", more),
  missing: { ...node("", more), program: "calm-test-no-such-program" },
  hangs: node("console.log('ready'); setTimeout(() => {}, 120_000)", more),
  answers: node(answering, more)
})

const scripts: Readonly<Record<string, (request: ProcessRunner.Request) => ProcessRunner.Script>> = {
  succeeds: () => ({}),
  failsWith7: () => ({ exitCode: 7 }),
  killsItself: () => ({ signal: "SIGKILL" }),
  printsOnBoth: () => ({ stdout: "to stdout\n", stderr: "to stderr\n" }),
  printsStdin: (request) => ({ stdout: request.stdin }),
  printsTenLetters: () => ({ stdout: "abcdefghij" }),
  printsLines: () => ({ stdout: "one\ntwo ✓\r\n\nlast" }),
  hangs: () => ({ stdout: "ready\n", takes: "2 minutes" }),
  answers: ({ stdin = "" }) => answerTo((typeof stdin === "string" ? stdin : ProcessRunner.text(stdin)).trimEnd())
}

const named = (program: string): ProcessRunner.Request => ({ program, args: [], cwd: "/", deadline: "30 seconds" })

processRunnerContract("real", ProcessRunner.layer, real({}))

processRunnerContract("real, tied to this process", ProcessRunner.layer, real({ tied: true }))

processRunnerContract(
  "scripted",
  ProcessRunner.layerScripted((request) => scripts[request.program]?.(request)),
  {
    succeeds: named("succeeds"),
    failsWith7: named("failsWith7"),
    killsItself: named("killsItself"),
    printsOnBoth: named("printsOnBoth"),
    printsStdin: named("printsStdin"),
    printsTenLetters: named("printsTenLetters"),
    printsLines: named("printsLines"),
    missing: named("missing"),
    hangs: named("hangs"),
    answers: named("answers")
  }
)
