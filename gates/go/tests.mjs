import { Counter, goEvent } from "../lib/counts.mjs"
import { judgeTests } from "../lib/outcome.mjs"
import { go, judgeGo, usesGo } from "./go.mjs"

/** @type {import("../lib/check.mjs").Plan} */
export const plan = (asked) => {
  const { dir, request, tree } = asked
  if (!usesGo(asked) || !tree.own(dir).some((file) => file.endsWith("_test.go"))) return []
  const label = "go test"
  const make = async () => {
    const counter = new Counter()
    const ended = await go(asked, ["test", "-json", "./..."], {
      onLine: (line) => counter.line(line),
      // What people read is inside of the events.
      show: (line) => {
        const event = goEvent(line)
        return event === null ? `${line}\n` : (event.Output ?? "")
      }
    })
    const special = () => (ended.code === 0 ? null : judgeGo(label, ended))
    return judgeTests({ label, program: "go", ended, counter, guard: null, request, special })
  }
  return [{ label, run: make }]
}
