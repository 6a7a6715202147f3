import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { exits, World } from "./world.ts"

const crate = { "Cargo.toml": "[package]\nname = 'x'\n", "src/lib.rs": "#[test]\nfn t() {}\n" }
const module = { "go.mod": "module x\n", "a_test.go": "package x\n" }

describe.concurrent("a Rust project", () => {
  it.each([
    [
      "sums all test programs",
      0,
      "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\ntest result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
      "",
      exits.passed,
      "passed=5 failed=0 skipped=1"
    ],
    [
      "a test failed",
      101,
      "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
      "error: test failed, to rerun pass `--lib`\n",
      exits.failed,
      "passed=1 failed=1 skipped=0"
    ],
    [
      "it does not compile",
      101,
      "",
      "error: could not compile `x` (lib) due to 1 previous error\n",
      exits.failed,
      undefined
    ],
    [
      "the registry is out of reach",
      101,
      "",
      "error: failed to get `serde` as a dependency\n",
      exits.unavailable,
      undefined
    ],
    [
      "no linker",
      101,
      "",
      "error: linker `cc` not found\nerror: could not compile `x`\n",
      exits.unavailable,
      undefined
    ],
    [
      "no test ran",
      0,
      "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
      "",
      exits.failed,
      "passed=0 failed=0 skipped=0"
    ]
  ])("tests: %s", async (_, exit, stdout, stderr, expected, tests) => {
    const world = new World(crate)
    world.fake("cargo", { exit, stdout, stderr })
    const answer = await world.check("tests")
    assert.deepStrictEqual([answer.exit, answer.tests], [expected, tests], answer.summary)
    assert.deepStrictEqual(world.called("cargo"), [["test", "--no-fail-fast"]])
  })

  it("judges clippy and check, and tells a missing component from findings", async () => {
    const world = new World({ ...crate, "Cargo.lock": "", "Cargo.toml": "[workspace]\nmembers = ['a']\n" })
    assert.strictEqual((await world.check("linter")).summary, "cargo clippy could not check: cargo is not installed")
    for (const [fake, exit] of [
      [{}, exits.passed],
      [{ exit: 101, stderr: "error: could not compile `x` (lib) due to 1 previous error\n" }, exits.failed],
      [{ exit: 1, stderr: "error: 'cargo-clippy' is not installed for the toolchain\n" }, exits.unavailable],
      [{ exit: 101, stderr: "error: no such command: `clippy`\n" }, exits.unavailable],
      [
        { exit: 101, stderr: "error: the lock file /x/Cargo.lock needs to be updated but --locked was passed\n" },
        exits.failed
      ]
    ] as const) {
      world.fake("cargo", fake)
      assert.strictEqual((await world.check("linter")).exit, exit, JSON.stringify(fake))
      assert.strictEqual((await world.check("types")).exit, exit, JSON.stringify(fake))
    }
    assert.deepStrictEqual(world.called("cargo").slice(0, 2), [
      ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"],
      ["check", "--locked", "--workspace", "--all-targets"]
    ])
  })

  it("builds outside of the worktree unless git ignores the target folder, and leaves no lock file", async () => {
    const world = new World(crate)
    const script = `process.stdout.write("target " + process.env.CARGO_TARGET_DIR + "\\n")
      require("node:fs").writeFileSync("Cargo.lock", "")`
    world.fake("cargo", { script })
    assert.include((await world.check("types")).stdout, `target ${world.temp}`)
    assert.strictEqual(world.leftovers(), "")
    world.change({ ".gitignore": "/target/\n" })
    assert.include((await world.check("types")).stdout, "target undefined")
  })

  it("skips the tests of a crate that has none", async () => {
    const world = new World({ ...crate, "src/lib.rs": "pub fn a() {}\n" })
    assert.strictEqual((await world.check("tests")).exit, exits.skipped)
    world.change({ "src/lib.rs": "/// ```\n/// x::a();\n/// ```\npub fn a() {}\n" })
    assert.strictEqual((await world.detect("tests", "HEAD")).exit, exits.passed)
  })
})

describe.concurrent("a Go project", () => {
  const event = (action: string, test?: string, output?: string) =>
    `${JSON.stringify({ Action: action, Package: "x", Test: test, Output: output })}\n`

  it("counts the tests of go test -json and shows their output as text", async () => {
    const world = new World(module)
    const events = [
      event("start"),
      event("run", "TestA"),
      event("output", "TestA", "--- PASS: TestA (0.00s)\n"),
      event("pass", "TestA"),
      event("skip", "TestB"),
      event("output", undefined, "ok  \tx\t0.1s\n"),
      event("pass")
    ]
    world.fake("go", { stdout: events.join("") })
    const answer = await world.check("tests")
    assert.deepStrictEqual([answer.exit, answer.tests], [exits.passed, "passed=1 failed=0 skipped=1"])
    assert.isTrue(answer.stdout.startsWith("--- PASS: TestA (0.00s)\nok  \tx\t0.1s\ncalm: "), answer.stdout)
    assert.deepStrictEqual(world.called("go"), [["test", "-json", "./..."]])
    world.fake("go", { exit: 1, stdout: event("fail", "TestA") + event("fail") })
    assert.strictEqual((await world.check("tests")).tests, "passed=0 failed=1 skipped=0")
  })

  it.each(["tests", "linter", "types"])("judges %s: passed, failed, could not check", async (check) => {
    const world = new World(module)
    assert.strictEqual((await world.check(check)).exit, exits.unavailable)
    for (const [fake, exit] of [
      [{ stdout: event("pass", "TestA") }, exits.passed],
      [{ exit: 1, stderr: "./a.go:1:1: undefined: b\n" }, exits.failed],
      [{ exit: 1, stderr: 'go: x@v1: Get "https://x": dial tcp: lookup x: no such host\n' }, exits.unavailable],
      [{ exit: 1, stderr: "go: go.mod requires go >= 9.0 (running go 1.21)\n" }, exits.unavailable],
      [{ exit: 3 }, exits.unavailable]
    ] as const) {
      world.fake("go", fake)
      assert.strictEqual((await world.check(check)).exit, exit, JSON.stringify(fake))
    }
    const args = {
      tests: ["test", "-json", "./..."],
      linter: ["vet", "./..."],
      types: ["build", "-o", "/dev/null", "./..."]
    }
    assert.deepStrictEqual(world.called("go")[0], Object.entries(args).find(([name]) => name === check)?.[1])
  })

  it("skips the tests of a module without test files", async () => {
    const world = new World({ "go.mod": "module x\n", "a.go": "package x\n" })
    assert.strictEqual((await world.check("tests")).exit, exits.skipped)
  })
})

describe.concurrent("shell scripts", () => {
  it("fails where bash cannot read one, however it is called", async () => {
    const world = new World({
      "a b.sh": "",
      "-x.bash": "",
      "sub/c.sh": "#!/usr/bin/env bash\n",
      "z.sh": "#!/bin/zsh\n"
    })
    assert.strictEqual((await world.check("linter")).summary, "bash -n could not check: bash is not installed")
    world.fake("bash", {})
    assert.strictEqual((await world.check("linter")).exit, exits.passed)
    assert.deepStrictEqual(
      world.called("bash").map((args) => args.at(-1)),
      ["./-x.bash", "./a b.sh", "./sub/c.sh"]
    )
    world.fake("bash", { script: `process.exit(args.includes("./a b.sh") ? 2 : 0)` })
    const answer = await world.check("linter")
    assert.deepStrictEqual([answer.exit, answer.summary], [exits.failed, "bash -n failed: a b.sh"])
  })

  it("asks shellcheck where the project uses it, and cannot check without it", async () => {
    const world = new World({ "a.sh": "", ".shellcheckrc": "" })
    world.fake("bash", {})
    const missing = await world.check("linter")
    assert.strictEqual(missing.exit, exits.unavailable)
    assert.include(missing.summary, "shellcheck could not check: shellcheck is not installed")
    for (const [exit, expected] of [
      [0, exits.passed],
      [1, exits.failed],
      [2, exits.unavailable],
      [3, exits.unavailable]
    ] as const) {
      world.fake("shellcheck", { exit })
      assert.strictEqual((await world.check("linter", { SHELLCHECK_OPTS: "-e SC1000" })).exit, expected, `exit ${exit}`)
    }
    assert.deepStrictEqual(world.called("shellcheck")[0], ["-x", "-S", "warning", "./a.sh"])
    world.change({ ".shellcheckrc": null, ".pre-commit-config.yaml": "- id: shellcheck\n" })
    fs.rmSync(path.join(world.bin, "shellcheck"))
    assert.strictEqual((await world.check("linter")).exit, exits.unavailable)
  })
})
