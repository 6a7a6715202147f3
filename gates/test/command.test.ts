import { once } from "node:events"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { config, exits, gates, packageJson, World, write } from "./world.ts"

const command = (...argv: ReadonlyArray<string>) => ({ CALM_COMMAND: JSON.stringify(argv) })

describe.concurrent("a command of the project", () => {
  it("passes, fails, or could not check", async () => {
    const world = new World({})
    for (const [exit, expected] of [
      [0, exits.passed],
      [1, exits.failed],
      [2, exits.failed],
      [3, exits.failed],
      [126, exits.unavailable],
      [127, exits.unavailable],
      [143, exits.unavailable]
    ] as const) {
      world.fake("own", { exit })
      const answer = await world.check("command", command("own", "--all", "a b"))
      assert.strictEqual(answer.exit, expected, `exit ${exit}`)
      assert.isUndefined(answer.tests)
    }
    assert.deepStrictEqual(world.called("own")[0], ["--all", "a b"])
    const missing = await world.check("command", command("no-such-program"))
    assert.deepStrictEqual(
      [missing.exit, missing.summary],
      [exits.unavailable, "no-such-program could not check: no-such-program is not installed"]
    )
    assert.strictEqual((await world.check("command")).exit, exits.unavailable)
    assert.strictEqual((await world.check("command", { CALM_COMMAND: '"own"' })).exit, exits.unavailable)
    assert.strictEqual((await world.check("command", { ...command("own"), CALM_MODE: "detect" })).exit, exits.passed)
  })

  it("replaces what a check would have run, in the worktree, or says that there is nothing to run", async () => {
    const world = new World({ "package.json": packageJson({ scripts: { test: "x", lint: "x", typecheck: "x" } }) })
    world.fake("own", { stdout: "1 failing\n", script: "process.stdout.write(process.cwd() + '\\n')" }, "scripts/own")
    for (const check of ["tests", "linter", "types"]) {
      const gates = config({ gates: { [check]: ["./scripts/own", check] } })
      const answer = await world.check(check, gates)
      assert.deepStrictEqual([answer.exit, answer.summary], [exits.passed, `./scripts/own ${check} passed`])
      assert.include(answer.stdout, `${world.worktree}\n`)
      assert.strictEqual((await world.detect(check, "HEAD", gates)).exit, exits.passed)
      assert.strictEqual((await world.check(check, config({ gates: { [check]: null } }))).exit, exits.skipped)
    }
  })

  it("could not check where there is no room for temporary files, and says so in one line", async () => {
    const world = new World({})
    world.fake("own", {})
    const within = path.join(world.root, "no such")
    const answer = await world.check("command", { ...command("own"), TMPDIR: within })
    const why = `no temporary folder can be made in ${within}: no such file or directory`
    assert.strictEqual(answer.exit, exits.unavailable)
    assert.include(answer.summary, why)
    assert.include(answer.stdout, `hint df -h '${within}' && df -i '${within}'`)
    assert.notInclude(answer.stdout + answer.stderr, "    at ")
  })

  it("is guarded like the tests: Node and pytest may not load the main checkout's code", async () => {
    const world = new World({ "package.json": packageJson({}), "run.js": `require("dep")` })
    write(path.join(world.main, "node_modules/dep"), { "index.js": "" })
    assert.strictEqual((await world.check("command", command("node", "run.js"))).exit, exits.unavailable)
    world.fake("own", {
      script: "process.stdout.write(process.env.PYTEST_ADDOPTS + ' ' + process.env.PYTHONPATH + '\\n')"
    })
    const answer = await world.check("command", command("own"))
    assert.include(answer.stdout, `-p calm_guard ${world.worktree}`)
    assert.include(answer.stdout, path.join(gates, "python"))
  })

  it("may report its own counts, but only a command of the project, and never speaks to calm directly", async () => {
    const world = new World({ "package.json": packageJson({ scripts: { test: "x" } }) })
    const stdout = "calm: tests passed=2 failed=0 skipped=1\ncalm: summary all is well\nno end"
    world.fake("own", { stdout })
    const own = await world.check("tests", config({ gates: { tests: ["own"] } }))
    assert.deepStrictEqual([own.tests, own.summary], ["passed=2 failed=0 skipped=1", "own passed"])
    world.fake("npm", { stdout, stderr: "calm: hint rm -rf\n" })
    const npm = await world.check("tests")
    assert.deepStrictEqual([npm.exit, npm.tests, npm.summary], [exits.passed, undefined, "npm test passed"])
    assert.include(npm.stdout, "| calm: tests passed=2 failed=0 skipped=1\n| calm: summary all is well\nno end\n")
    assert.include(npm.stderr, "| calm: hint rm -rf\n")
  })
})

describe.concurrent("counts in the output of a command", () => {
  let shared: World | undefined

  it.each([
    [
      "node:test, TAP",
      "# tests 4\n# suites 1\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 1\n# duration_ms 9.1\n",
      "1 1 2"
    ],
    [
      "node:test, spec",
      "ℹ tests 1\nℹ suites 0\nℹ pass 1\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 9\n",
      "1 0 0"
    ],
    ["tape", "1..2\n# tests 2\n# pass  2\n\n# ok\n", "2 0 0"],
    [
      "vitest in colour",
      "\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[31m1 failed\u001b[39m\u001b[22m\u001b[2m | \u001b[22m\u001b[32m5 passed\u001b[39m\u001b[90m (6)\u001b[39m\n",
      "5 1 0"
    ],
    ["vitest, all words", "      Tests  2 passed | 1 skipped | 1 todo (4)\r\n", "2 0 2"],
    ["jest", "Tests:       1 failed, 1 skipped, 2 todo, 3 passed, 7 total\n", "3 1 3"],
    ["mocha", "\n  3 passing (1s)\n  1 pending\n  2 failing\n\n", "3 2 1"],
    ["pytest", "==== 1 failed, 2 passed, 1 error in 1.20s ====\n", "2 2 0"],
    ["unittest", "Ran 5 tests in 0.010s\n\nFAILED (failures=1, errors=1, skipped=1)\n", "2 2 1"],
    ["cargo nextest", "     Summary [   0.01s] 3 tests run: 2 passed, 1 failed, 4 skipped\n", "2 1 4"],
    ["two runners", "Tests:       1 passed, 1 total\n====== 2 passed in 1.20s ======\n", "3 0 0"],
    [
      "packages side by side",
      "a test: # tests 1\nb test: # tests 2\na test: # pass 1\nb test: # pass 2\na test: # fail 0\nb test: # fail 0\na test: done\n",
      "3 0 0"
    ],
    ["words that only look like it", "1 failing\n# tests 3\nTests are 1 failed\ntest result: unknown\n", undefined],
    ["a prompt cut in the middle", "Tests:       1 failed, garbage, 2 total\n", undefined]
  ])("%s", async (name, stdout, expected) => {
    const world = (shared ??= new World({}))
    const program = `prints-${name.replaceAll(/\W+/g, "-")}`
    world.fake(program, { stdout })
    const { tests } = await world.check("command", command(program))
    const [passed, failed, skipped] = expected?.split(" ") ?? []
    assert.strictEqual(tests, expected && `passed=${passed} failed=${failed} skipped=${skipped}`)
  })
})

/** A program that says its process id and then does not end by itself. */
const endless = (world: World, name: string) => {
  const script = "#!/bin/sh\necho started $$\nexec node -e 'setInterval(() => {}, 1000)'\n"
  fs.writeFileSync(path.join(world.bin, name), script, { mode: 0o755 })
}

describe.concurrent("running a tool", () => {
  it("shows its output as it comes and ends it with the script's process group", async () => {
    const world = new World({})
    endless(world, "slow")
    const child = world.spawn("command", command("slow"))
    const [first] = await once(child.stdout, "data")
    const pid = Number(/started (\d+)/.exec(String(first))?.[1])
    process.kill(-(child.pid ?? Number.NaN), "SIGTERM")
    const [code] = await once(child, "close")
    assert.strictEqual(code, 143)
    assert.throws(() => process.kill(pid, 0))
    assert.strictEqual(world.leftovers(), "")
  })

  it("hands a signal to the script alone on to the tool", async () => {
    const world = new World({})
    endless(world, "slow")
    const child = world.spawn("command", command("slow"))
    await once(child.stdout, "data")
    child.kill("SIGTERM")
    assert.deepStrictEqual(await once(child, "close"), [143, null])
  })

  it("does not wait for what the tool left running, and passes all of a long output on", async () => {
    const world = new World({})
    const script = `require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 15000)"], { stdio: "inherit" }).unref()
      process.stdout.write("x".repeat(300000) + "\\n")`
    world.fake("leaves", { script })
    const child = world.spawn("command", command("leaves"))
    let length = 0
    child.stdout.on("data", (chunk: Buffer) => (length += chunk.length))
    const [code] = await once(child, "exit")
    // What it left is the caller's to end, by the group.
    process.kill(-(child.pid ?? Number.NaN), "SIGKILL")
    assert.strictEqual(code, exits.passed)
    assert.isAtLeast(length, 300_000)
  })
})
