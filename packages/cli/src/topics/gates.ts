import builtIn from "@calm/gates/table.json" with { type: "json" }
import { rights } from "@calm/core/PeopleOnly"
import * as Gate from "@calm/domain/Gate"
import * as Schema from "effect/Schema"
import * as Help from "../Help.ts"
import * as Style from "../Style.ts"

const { gates } = Schema.decodeUnknownSync(Gate.GateTable)(builtIn)

export const page = (style: Style.Style): string =>
  Help.page(
    [Style.bold(style, "Gates: what must hold before a task moves on")],
    [
      Style.definitions(
        gates.map((gate) => [Gate.nameOf(gate), gate.checks.map(({ name }) => name).join(", ")]),
        style
      )
    ],
    Help.paragraph(
      style,
      "A check passes, fails, is skipped (no such tool) or unavailable (it could not be checked): only passed and skipped ones let a task on. .calm/gates.json of the base branch adds checks; a branch can only tighten them. See them with calm gate list, run them with calm gate check <task>."
    ),
    Help.paragraph(style, `Only people, and no worker, may: ${rights.join("; ")}.`)
  )
