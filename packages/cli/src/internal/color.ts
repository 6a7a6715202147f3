/** The colour that the user has set, before anything is printed: also help and the first error have it. */
import type { Color } from "@calm/domain/HomeConfig"
import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import * as Places from "./places.ts"

const colors: ReadonlyArray<Color> = ["auto", "never"]

/** `auto` where nothing is set, and where the file cannot be read: whatever reads it with care will say so. */
export const colorIn = (variables: Readonly<Record<string, string | undefined>>): Color => {
  try {
    const home = Places.homeOf({ cwd: process.cwd(), home: homedir(), variables })
    const { color } = Places.said(readFileSync(Places.configOf(home), "utf8"))
    return colors.find((known) => known === color) ?? "auto"
  } catch {
    return "auto"
  }
}
