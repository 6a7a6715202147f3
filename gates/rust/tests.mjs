import { Counter } from "../lib/counts.mjs"
import { judgeTests } from "../lib/outcome.mjs"
import { cargo, judgeCargo, usesCargo } from "./cargo.mjs"

/** Attributes of tests, property tests, and examples in documentation, which `cargo test` runs too. */
const anyTest = "#\\[[^]]*test|proptest!|quickcheck!|//[/!] *```"

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const { dir, request, tree } = asked
  if (!usesCargo(asked) || !tree.grep(dir, anyTest).some((file) => file.endsWith(".rs"))) return []
  const label = "cargo test"
  const make = async () => {
    const counter = new Counter()
    const ended = await cargo(asked, "test", ["--no-fail-fast"], { onLine: (line) => counter.line(line) })
    const special = () => (ended.code === 0 ? null : judgeCargo(label, ended))
    return judgeTests({ label, program: "cargo", ended, counter, guard: null, request, special })
  }
  return [{ label, run: make }]
}
