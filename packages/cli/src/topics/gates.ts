import builtIn from "@calm/gates/table.json" with { type: "json" }
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
      "A check is passed, failed, skipped (the project has no such tool) or unavailable (it could not be checked). A gate passes when none failed and none is unavailable. One engine judges: check, transition, merge and explain cannot disagree."
    ),
    Help.paragraph(
      style,
      "The table in force is read from the tip of the base branch: .calm/gates.json there adds checks, the branch itself can only tighten them."
    ),
    Help.section(
      style,
      "Commands",
      Style.definitions(
        [
          ["calm gate list", "The table in force, with what each check asks"],
          ["calm gate check <task>", "Run what the next move needs; exits 7 for no, 8 for could not check"],
          ["calm gate approve <task> <gate> --by <name>", "Approve as a person"],
          ["calm review record <task> <type> <verdict>", "Record a review"]
        ],
        style
      )
    )
  )
