import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { exits, gates, World, write } from "./world.ts"

const project = { "pyproject.toml": "[project]\nname = 'x'\n", "tests/test_a.py": "" }

/** What the plugin writes when pytest has begun. */
const started = `printf '%s\\n' '{"started": "pytest"}' >> "$CALM_GUARD_REPORT"`

describe.concurrent("tests of a Python project", () => {
  it.each([
    ["3 passed", 0, "=== 3 passed in 0.12s ===", exits.passed, "passed=3 failed=0 skipped=0"],
    [
      "all sorts",
      0,
      "2 passed, 1 skipped, 1 deselected, 1 xfailed, 1 xpassed, 2 warnings in 61.20s (0:01:01)",
      exits.passed,
      "passed=2 failed=0 skipped=1"
    ],
    [
      "failures and errors",
      1,
      "=== 1 failed, 2 passed, 2 errors in 0.12s ===",
      exits.failed,
      "passed=2 failed=3 skipped=0"
    ],
    ["failures though exit 0", 0, "=== 1 failed, 2 passed in 0.12s ===", exits.failed, "passed=2 failed=1 skipped=0"],
    ["all skipped", 0, "=== 3 skipped in 0.12s ===", exits.failed, "passed=0 failed=0 skipped=3"],
    ["no summary", 0, "", exits.passed, undefined],
    ["none collected", 5, "=== no tests ran in 0.01s ===", exits.failed, "passed=0 failed=0 skipped=0"],
    ["not importable", 2, "!!! Interrupted: 1 error during collection !!!", exits.failed, undefined],
    ["interrupted", 2, "!!! KeyboardInterrupt !!!", exits.unavailable, undefined],
    ["internal error", 3, "INTERNALERROR> Traceback", exits.unavailable, undefined],
    ["usage", 4, "ERROR: usage: pytest", exits.unavailable, undefined]
  ])("judges pytest: %s, exit %i", async (_, exit, stdout, expected, tests) => {
    const world = new World(project)
    world.fake("python3", { exit, stdout: `${stdout}\n`, shell: started })
    const answer = await world.check("tests")
    assert.deepStrictEqual([answer.exit, answer.tests], [expected, tests], answer.summary)
    assert.strictEqual(world.leftovers(), "")
  })

  it("says so where no test was collected", async () => {
    const world = new World({ "pytest.ini": "" })
    world.fake("python3", { exit: 5, stdout: "no tests ran in 0.01s\n", shell: started })
    assert.strictEqual((await world.check("tests")).summary, "pytest failed: no test ran (pytest collected none)")
  })

  it("cannot check without python, without pytest, or where python broke off before pytest began", async () => {
    const world = new World(project)
    assert.strictEqual((await world.check("tests")).summary, "pytest could not check: python3 is not installed")
    world.fake("python3", { exit: 1, stderr: "/usr/bin/python3: No module named pytest\n" })
    const missing = await world.check("tests")
    assert.deepStrictEqual(
      [missing.exit, missing.summary, missing.hint],
      [exits.unavailable, "pytest could not check: pytest is not installed", "calm worktree setup SPEC-001"]
    )
    world.fake("python3", { exit: 1, stderr: "Traceback (most recent call last):\n" })
    assert.strictEqual((await world.check("tests")).exit, exits.unavailable)
    world.fake("python3", { exit: 1, shell: started })
    assert.strictEqual((await world.check("tests")).exit, exits.failed)
  })

  it("puts the worktree's code first, keeps caches out of it, and loads the guard", async () => {
    const world = new World(project)
    world.fake("python3", {
      stdout: "1 passed in 0.1s\n",
      shell: `printf '%s|%s|%s\\n' "$PYTHONPATH" "$PYTHONDONTWRITEBYTECODE" "\${PYTEST_ADDOPTS-none}"`
    })
    const outside = path.join(world.root, "outside")
    const env = { PYTHONPATH: `${path.join(world.main, "src")}:${outside}`, PYTEST_ADDOPTS: "-k nothing" }
    const answer = await world.check("tests", env)
    const first = [path.join(world.worktree, "src"), world.worktree, outside, path.join(gates, "python")].join(":")
    assert.strictEqual(answer.stdout.split("\n")[0], `${first}|1|none`)
    const [args = []] = world.called("python3")
    assert.deepStrictEqual(args.slice(0, 5), ["-m", "pytest", "-p", "calm_guard", "-o"])
    assert.isTrue(args[5]?.startsWith(`cache_dir=${world.temp}`))
    assert.isTrue(fs.existsSync(path.join(gates, "python/calm_guard.py")))
  })

  it("prefers the worktree's own environment, then uv, and never takes the main checkout's by itself", async () => {
    const world = new World({ ...project, "uv.lock": "" })
    const stdout = "1 passed in 0.1s\n"
    world.fake("python3", { stdout })
    write(world.main, { ".venv/bin/python": "" })
    fs.chmodSync(path.join(world.main, ".venv/bin/python"), 0o755)
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
    assert.lengthOf(world.called("python3"), 1)
    world.fake("uv", { stdout })
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
    assert.deepStrictEqual(world.called("uv")[0]?.slice(0, 5), ["run", "--frozen", "python", "-m", "pytest"])
    world.fake("venv-python", { stdout }, ".venv/bin/python")
    assert.strictEqual((await world.check("tests")).exit, exits.passed)
    assert.lengthOf(world.called("venv-python"), 1)
    assert.lengthOf(world.called("uv"), 1)
  })

  it("refuses a pass that was made with the main checkout's code", async () => {
    const world = new World(project)
    const report = JSON.stringify({ file: path.join(world.main, "src/x/__init__.py"), optional: false })
    const shell = `${started}\nprintf '%s\\n' '${report}' >> "$CALM_GUARD_REPORT"`
    world.fake("python3", { stdout: "3 passed in 0.1s\n", shell })
    const answer = await world.check("tests")
    assert.deepStrictEqual([answer.exit, answer.hint], [exits.unavailable, "calm worktree setup SPEC-001"])
    assert.include(answer.summary, path.join(world.main, "src/x/__init__.py"))
    assert.isUndefined(answer.tests)
  })

  it.each([
    ["pyproject.toml", "[tool.pytest.ini_options]\n", exits.passed],
    ["pyproject.toml", "[tool.pytest]\n", exits.passed],
    ["setup.cfg", "[tool:pytest]\n", exits.passed],
    ["tox.ini", "[pytest]\n", exits.passed],
    ["pyproject.toml", "[project]\n", exits.skipped],
    ["requirements-dev.txt", "pytest\n", exits.skipped]
  ])("is used where %s says %j", async (file, text, expected) => {
    const world = new World({ [file]: text })
    assert.strictEqual((await world.detect("tests", "HEAD")).exit, expected)
  })
})

describe.concurrent("linter and types of a Python project", () => {
  it.each([
    ["linter", "ruff.toml", "", "ruff", ["check", "--no-cache"]],
    ["linter", "pyproject.toml", "[tool.ruff.lint]\n", "ruff", ["check", "--no-cache"]],
    ["linter", "setup.cfg", "[flake8]\n", "flake8", []],
    ["linter", ".flake8", "[flake8]\n", "flake8", []]
  ] as const)("%s by %s (%j) runs %s", async (check, file, text, program, args) => {
    const world = new World({ "requirements.txt": "", [file]: text })
    const missing = await world.check(check)
    assert.deepStrictEqual(
      [missing.exit, missing.summary],
      [exits.unavailable, `${program} could not check: ${program} is not installed`]
    )
    for (const [fake, exit] of [
      [{ stdout: "All checks passed!\n" }, exits.passed],
      [{ exit: 1, stdout: "a.py:1:1: F401 unused\n" }, exits.failed],
      [{ exit: 1, stderr: "Traceback (most recent call last):\n" }, exits.unavailable],
      [{ exit: 2, stderr: "error: Failed to parse\n" }, exits.unavailable]
    ] as const) {
      world.fake(program, fake)
      assert.strictEqual((await world.check(check)).exit, exit, JSON.stringify(fake))
    }
    assert.deepStrictEqual(world.called(program)[0], [...args])
  })

  it("runs mypy on what its configuration names, else on everything, with its cache elsewhere", async () => {
    const world = new World({ "requirements.txt": "", "mypy.ini": "[mypy]\nfiles = src\n" })
    for (const [fake, exit] of [
      [{ stdout: "Success: no issues found\n" }, exits.passed],
      [{ exit: 1, stdout: "a.py:1: error: x\n" }, exits.failed],
      [{ exit: 2, stderr: "mypy: can't read file\n" }, exits.unavailable]
    ] as const) {
      world.fake("mypy", fake)
      assert.strictEqual((await world.check("types")).exit, exit, JSON.stringify(fake))
    }
    world.change({ "mypy.ini": "[mypy]\nstrict = True\n" })
    world.fake("mypy", {})
    await world.check("types")
    const calls = world.called("mypy")
    assert.isTrue(calls[0]?.[1]?.startsWith(world.temp))
    assert.deepStrictEqual([calls[0]?.slice(2), calls.at(-1)?.slice(2)], [[], ["."]])
  })

  it("skips a project that configures neither", async () => {
    const world = new World(project)
    assert.strictEqual((await world.check("linter")).exit, exits.skipped)
    assert.strictEqual((await world.check("types")).exit, exits.skipped)
  })
})
