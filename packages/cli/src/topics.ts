/** What `calm help <topic>` explains. The folder `topics/` has the texts, each one screen of 80 columns and 24 rows. */
import type { Topic } from "./Tree.ts"

export const topics: Readonly<Record<string, Topic>> = {
  phases: () => import("./topics/phases.ts"),
  gates: () => import("./topics/gates.ts"),
  evidence: () => import("./topics/evidence.ts"),
  recovery: () => import("./topics/recovery.ts"),
  "exit-codes": () => import("./topics/exit-codes.ts")
}
